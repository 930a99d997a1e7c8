/** What the native engine refuses, by the name of the layer. */
import { describe, expect, it } from 'vitest';
import { type Layer, type LayersModel, loadTf, modelToGraph, trainedWeights } from '../../src/model/index.js';
import { type EngineOption, train } from '../../src/training/index.js';
import { lossTerms } from '../../src/training/losses.js';
import { nativeSpec } from '../../src/training/native-spec.js';
import { optimizerConfig } from '../../src/training/optimizers.js';
import { WindowTable } from './window-table.js';

const tf = loadTf();
const { layers: L } = tf;

const table = new WindowTable([[1, 2, 3, 4]], [[1]], [2, 2]);

/** A layer on two steps of two features, and a score. */
function around(layer: Layer): LayersModel {
  return tf.sequential({ layers: [L.inputLayer({ inputShape: [2, 2] }), layer, L.flatten(), L.dense({ units: 1 })] });
}

const run = (model: LayersModel, engine: EngineOption) =>
  train(model, table, { loss: 'meanSquaredError', steps: 1, engine });

const name = 'odd';
const returnSequences = true;

describe.each<[string, () => Layer, RegExp]>([
  ['an activation', () => L.dense({ units: 2, activation: 'swish', name }), /layer "odd" must be with an activation/],
  [
    'a cell that activates along its units',
    () => L.lstm({ units: 2, activation: 'softmax', returnSequences, name }),
    /layer "odd" must be with an activation of (?!.*softmax \|)/,
  ],
  [
    'gates that do',
    () => L.gru({ units: 2, recurrentActivation: 'softmax', returnSequences, name }),
    /layer "odd" must be with an activation/,
  ],
  [
    'a constraint',
    () => L.dense({ units: 2, kernelConstraint: 'nonNeg', name }),
    /kernelConstraint of layer "odd" \(Dense\) must be null/,
  ],
  [
    'a constraint of a cell',
    () => L.lstm({ units: 2, recurrentConstraint: 'nonNeg', returnSequences, name }),
    /recurrentConstraint of layer "odd" \(LSTM\) must be null/,
  ],
  [
    'a constraint inside a wrapper',
    () => L.timeDistributed({ layer: L.dense({ units: 2, biasConstraint: 'nonNeg' }), name }),
    /biasConstraint of layer "odd" \(Dense\) must be null/,
  ],
  [
    'a layer',
    () => L.layerNormalization({ name }),
    /layer "odd" must be one that the native engine trains .*"LayerNormalization/,
  ],
  [
    'noise',
    () => L.gaussianNoise({ name, stddev: 1 }),
    /layer "odd" must be one that the native engine trains .*"gaussianNoise/,
  ],
  [
    'a cell',
    () => L.simpleRNN({ name, units: 2, returnSequences }),
    /layer "odd" must be an LSTM or GRU .*"a SimpleRNN/,
  ],
  [
    'a layer that no graph covers',
    () => L.softmax({ name, axis: 1 }),
    /axis of layer "odd" \(Softmax\) must be the last one/,
  ],
])('%s that no program covers', (_, layer, message) => {
  it('is refused by name', async () => {
    await expect(run(around(layer()), 'native')).rejects.toMatchObject({
      code: 'ERR_ENGINE',
      message: expect.stringMatching(/engine "native" must be one that covers this model/),
    });
    // The layer's message stands in that of the engine, in quotes.
    const thrown: unknown = await run(around(layer()), 'native').catch((error: unknown) => error);
    expect(String(thrown).replaceAll('\\', '')).toMatch(message);
  });

  it('is what auto says where it finds no other engine', async () => {
    const outcome = await run(around(layer()), 'auto').then(
      ({ engine }) => engine.why, // TensorFlow, where it is installed
      (error: unknown) => String(error),
    );
    expect(outcome).toMatch(/native is out: /);
    expect(outcome.replaceAll('\\', '')).toMatch(message);
  });
});

it('activity regularisers are refused by tfjs itself', () => {
  expect(() => around(L.dense({ units: 2, activityRegularizer: 'l1l2' }))).toThrow(/activity regularizer/);
});

it('a window that does not fit names the layer', () => {
  const model = tf.sequential({ layers: [L.lstm({ units: 2, inputShape: [null as never, 3], name: 'ears' })] });
  const o = { trained: trainedWeights(model), threads: 1 } as const;
  const spec = (inputShape: number[]) =>
    nativeSpec(modelToGraph(model), {
      ...o,
      terms: lossTerms('meanSquaredError'),
      inputShapes: [inputShape],
      optimizer: optimizerConfig('sgd'),
    });
  expect(spec([5, 3]).values.map(({ shape }) => shape)).toEqual([[5, 3], [2]]);
  expect(() => spec([5, 4])).toThrow(/last axis of the input of layer "ears" must be 3, got .*4/);
  expect(() => spec([5])).toThrow(/input of layer "ears" must be of rank 3/);
});
