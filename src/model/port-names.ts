import type { LayersModel, SymbolicTensor } from './tf.js';

/** Names of a model's inputs; tfjs's own list is empty until a sequential model is used. */
export function inputNames({ inputs }: LayersModel): string[] {
  return inputs.map(layerName);
}

/** Names of its outputs: those of the layers that make them. */
export function outputNames({ outputs }: LayersModel): string[] {
  return outputs.map(layerName);
}

function layerName({ sourceLayer }: SymbolicTensor): string {
  return sourceLayer.name;
}
