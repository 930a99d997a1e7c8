import { ModelError, mustBe } from '../errors.js';
import type { Weight } from '../graph/index.js';
import { LayerConfig } from './layer-config.js';
import type { Layer } from './tf.js';

function withBias(config: LayerConfig, ...roles: string[]): string[] {
  return config.flag('useBias') ? [...roles, 'bias'] : roles;
}

function normalizationRoles(config: LayerConfig): string[] {
  const roles = ['movingMean', 'movingVariance'];
  if (config.flag('center')) roles.unshift('beta');
  if (config.flag('scale')) roles.unshift('gamma');
  return roles;
}

/** What each of a layer's weights is for, in the order of tfjs's `getWeights()`. */
function weightRoles(config: LayerConfig): string[] {
  switch (config.className) {
    case 'Dense':
    case 'Conv1D':
    case 'Conv2D':
      return withBias(config, 'kernel');
    case 'LSTM':
    case 'GRU':
      return withBias(config, 'kernel', 'recurrentKernel');
    case 'BatchNormalization':
      return normalizationRoles(config);
    case 'TimeDistributed':
      return weightRoles(config.inner);
    case 'Bidirectional': {
      const roles = weightRoles(config.inner);
      return ['forward', 'backward'].flatMap((half) => roles.map((role) => `${half}/${role}`));
    }
    default:
      return [];
  }
}

/**
 * Names of a layer's weights in a graph, in the order of tfjs's `getWeights()`. They are made from the layer's name,
 * because tfjs's own depend on how many models the process made before.
 */
export function layerWeightNames(layer: Layer): string[] {
  return weightRoles(LayerConfig.of(layer)).map((role) => `${layer.name}/${role}`);
}

/** Copies a layer's weights out of its backend: one download each, as arrays that no later training step changes. */
export function readLayerWeights(layer: Layer): Weight[] {
  const names = layerWeightNames(layer);
  const tensors = layer.getWeights();
  if (tensors.length !== names.length) {
    throw new ModelError('ERR_LAYER', mustBe(`weights of layer "${layer.name}"`, String(names.length), tensors.length));
  }
  return tensors.map((tensor, index) => ({
    name: names[index]!,
    shape: tensor.shape,
    data: Float32Array.from(tensor.dataSync()),
  }));
}
