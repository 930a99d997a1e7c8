import { describe, expect, it } from 'vitest';
import { type Layer, type LayersModel, loadTf } from '../../src/model/index.js';
import { train } from '../../src/training/index.js';
import { TESTED_ENGINES } from './tested-engines.js';
import { WindowTable } from './window-table.js';

const tf = loadTf();
const { layers: L } = tf;

const kernelRegularizer = tf.regularizers.l1l2({ l1: 0.25, l2: 0.5 });
const recurrentRegularizer = tf.regularizers.l2({ l2: 0.125 });
const plain = { kernelInitializer: 'ones', recurrentInitializer: 'ones', returnSequences: true } as const;
const regularised = { kernelRegularizer, recurrentRegularizer };
/** Of a kernel of ones: a quarter and a half for each. */
const KERNEL = 0.75;
const RECURRENT = 0.125;

const scored = (layer: Layer): LayersModel =>
  tf.sequential({
    layers: [L.inputLayer({ inputShape: [3, 2] }), layer, L.flatten(), L.dense({ units: 1, ...plain })],
  });

const lstm = (o: object) => L.lstm({ units: 2, ...plain, ...o });

function shared(o: object): LayersModel {
  const layer = L.dense({ units: 2, ...plain, ...o });
  const x = tf.input({ shape: [3, 2] });
  const twice = layer.apply(layer.apply(x));
  return tf.model({ inputs: x, outputs: L.dense({ units: 1, ...plain }).apply(L.flatten().apply(twice)) as never });
}

describe.each(TESTED_ENGINES)('penalties of weights on %s', (engine) => {
  it.each<[string, (o: object) => LayersModel, number]>([
    ['a dense layer', (o) => scored(L.dense({ units: 2, ...plain, ...o })), 4 * KERNEL],
    ['a frozen layer', (o) => scored(L.dense({ units: 2, ...plain, ...o, trainable: false })), 4 * KERNEL],
    [
      'a layer of each step',
      (o) => scored(L.timeDistributed({ layer: L.dense({ units: 2, ...plain, ...o }) })),
      4 * KERNEL,
    ],
    ['a layer that is used twice', shared, 4 * KERNEL],
    ['an LSTM', (o) => scored(lstm(o)), 16 * KERNEL + 16 * RECURRENT],
    ['a GRU', (o) => scored(L.gru({ units: 2, ...plain, ...o })), 12 * KERNEL + 12 * RECURRENT],
    [
      'two passes',
      (o) => scored(L.bidirectional({ layer: lstm(o) as never, mergeMode: 'concat' })),
      2 * (16 * KERNEL + 16 * RECURRENT),
    ],
  ])('are those of %s, once', async (_, model, penalty) => {
    const table = new WindowTable([[1, -2, 3, 4, -5, 6]], [[0.5]], [3, 2]);
    const loss = async (o: object) => {
      const run = await train(model(o), table, { loss: 'meanSquaredError', steps: 1, engine });
      return run.history[0]!.loss;
    };
    // Sums of float32 around 20.
    expect((await loss(regularised)) - (await loss({}))).toBeCloseTo(penalty, 4);
  });
});
