/** Small tfjs models with fixed initial weights. */
import { type LayersModel, loadTf } from '../../src/model/index.js';

const tf = loadTf();

export interface SmallModelOptions {
  readonly seed?: number;
  readonly dropout?: number;
}

/** 2 → 8 tanh → 1 sigmoid. */
export function xorModel(o: SmallModelOptions = {}): LayersModel {
  const { seed = 1, dropout = 0 } = o;
  const init = (offset: number) => tf.initializers.glorotNormal({ seed: seed + offset });
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: 'tanh', inputShape: [2], kernelInitializer: init(0) }),
      tf.layers.dropout({ rate: dropout }),
      tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: init(1) }),
    ],
  });
}

/** LSTM(8) → dropout → 1 sigmoid. */
export function memoryModel(length: number, o: SmallModelOptions = {}): LayersModel {
  const { seed = 1, dropout = 0.2 } = o;
  const init = (offset: number) => tf.initializers.glorotNormal({ seed: seed + offset });
  return tf.sequential({
    layers: [
      tf.layers.lstm({
        units: 8,
        inputShape: [length, 1],
        recurrentActivation: 'sigmoid',
        kernelInitializer: init(0),
        recurrentInitializer: init(1),
      }),
      tf.layers.dropout({ rate: dropout }),
      tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: init(2) }),
    ],
  });
}

export function weightsOf(model: LayersModel): number[][] {
  return model.getWeights().map((weight) => [...weight.dataSync()]);
}

export function maxAbsDifference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length || a.length === 0) return Number.NaN;
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
