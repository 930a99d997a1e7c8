import { ModelError, mustBe } from '../errors.js';
import { isModel } from './named-layers.js';
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
  // The first node of a nested model is its own inside.
  const uses = isModel(layer) ? layer.inboundNodes.slice(1) : layer.inboundNodes;
  const [use] = uses;
  if (use === undefined || uses.length > 1) {
    throw new ModelError('ERR_MODEL', mustBe(`uses of layer "${name}"`, 'one', uses.length));
  }
  const [output] = use.outputTensors;
  if (output === undefined || use.outputTensors.length > 1) {
    throw new ModelError('ERR_MODEL', mustBe(`outputs of layer "${name}"`, 'one', use.outputTensors.length));
  }
  return output;
}
