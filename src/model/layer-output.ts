import { ModelError, mustBe } from '../errors.js';
import type { LayersModel, SymbolicTensor } from './tf.js';

/**
 * What a model's layer makes.
 * @throws ModelError `ERR_MODEL` for a name that no layer has, naming those that there are, or a layer that is used more than
 *   once or makes several tensors
 */
export function layerOutput(model: LayersModel, name: string): SymbolicTensor {
  const layer = model.layers.find((each) => each.name === name);
  if (layer === undefined) {
    const names = model.layers.map((each) => each.name).join(' | ');
    throw new ModelError('ERR_MODEL', mustBe('layer', names, name));
  }
  const uses = layer.inboundNodes.length;
  if (uses !== 1) throw new ModelError('ERR_MODEL', mustBe(`uses of layer "${name}"`, 'one', uses));
  const { output } = layer;
  if (Array.isArray(output)) {
    throw new ModelError('ERR_MODEL', mustBe(`outputs of layer "${name}"`, 'one', output.length));
  }
  return output;
}
