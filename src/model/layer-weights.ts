import { ModelError, mustBe } from '../errors.js';
import type { Weight } from '../graph/index.js';
import { LayerConfig } from './layer-config.js';
import { layerRoles } from './layers/index.js';
import type { Layer, Tensor } from './tf.js';

interface NamedTensor {
  readonly name: string;
  /** tfjs's own, not to be disposed. */
  readonly tensor: Tensor;
}

/**
 * A layer's weights with their names in a graph, in the order of tfjs's `getWeights()`. The names are made from the
 * layer's in the graph, because tfjs's own depend on how many models the process made before.
 * @throws ModelError `ERR_LAYER` for a layer whose weights no graph names
 */
export function namedWeights(layer: Layer, layerName: string): NamedTensor[] {
  const roles = layerRoles(LayerConfig.of(layer, layerName));
  const tensors = layer.getWeights();
  if (tensors.length !== roles.length) {
    throw new ModelError('ERR_LAYER', mustBe(`weights of layer "${layerName}"`, String(roles.length), tensors.length));
  }
  return tensors.map((tensor, index) => ({ name: `${layerName}/${roles[index]}`, tensor }));
}

/** Copies a layer's weights out of its backend: one download each, as arrays that no later training step changes. */
export function readLayerWeights(layer: Layer, layerName: string): Weight[] {
  return namedWeights(layer, layerName).map(({ name, tensor }) => ({
    name,
    shape: tensor.shape,
    data: Float32Array.from(tensor.dataSync()),
  }));
}
