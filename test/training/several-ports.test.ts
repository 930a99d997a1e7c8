/** Models of several inputs and outputs: the same on the native engine and on tfjs, and what is refused. */
import { beforeAll, expect, it } from 'vitest';
import { type LayersModel, loadTf, modelToGraph } from '../../src/model/index.js';
import {
  type BatchPlace,
  type GeneratedBatch,
  generatedData,
  type TrainOptions,
  train,
} from '../../src/training/index.js';
import { maxAbsDifference, weightsOf } from './models.js';
import { TFJS_ENGINE } from './tested-engines.js';
import { random } from './window-table.js';

const tf = loadTf();
const { layers: L } = tf;
const [STEPS, WIDTH, FACTS, CLASSES] = [6, 2, 3, 4];

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** A sequence and facts about it: which class, and how loud. */
function twoHeads(): LayersModel {
  const seeded = (seed: number) => ({ kernelInitializer: tf.initializers.glorotNormal({ seed }) });
  const sequence = tf.input({ shape: [STEPS, WIDTH], name: 'sequence' });
  const facts = tf.input({ shape: [FACTS], name: 'facts' });
  const recurrentInitializer = tf.initializers.glorotNormal({ seed: 2 });
  const read = L.lstm({ units: 5, recurrentInitializer, ...seeded(1) }).apply(sequence) as typeof sequence;
  const both = L.concatenate().apply([read, facts]) as typeof sequence;
  const kind = L.dense({ name: 'kind', units: CLASSES, activation: 'softmax', ...seeded(3) }).apply(both);
  const level = L.dense({ name: 'level', units: 1, ...seeded(4) }).apply(both);
  return tf.model({ inputs: [sequence, facts], outputs: [kind, level] as (typeof sequence)[] });
}

function batchOf({ batchSize: n, step, epoch }: BatchPlace) {
  const next = random(7 + step + 100 * epoch);
  const floats = (...shape: number[]) => ({
    data: Float32Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, () => 2 * next() - 1),
    shape,
  });
  const kind = { data: Float32Array.from({ length: n }, () => Math.floor(next() * CLASSES)), shape: [n, 1] };
  return {
    // In another order than the model has them.
    inputs: { facts: floats(n, FACTS), sequence: floats(n, STEPS, WIDTH) },
    targets: { level: floats(n, 1), kind },
  };
}

const data = (make: (place: BatchPlace) => GeneratedBatch = batchOf) => generatedData({ size: 48, make });
const LOSS = [
  { of: 'level', loss: 'meanSquaredError', weight: 0.5 },
  { of: 'kind', loss: 'sparseCategoricalCrossentropy' },
] as const;
const run = (o: Partial<TrainOptions> = {}, from = data()) =>
  train(twoHeads(), from, { loss: LOSS, steps: 12, batchSize: 16, engine: 'native', ...o });

it('ends at the weights of tfjs, with the same losses and outputs', async () => {
  const [tfjs, native] = [await run({ engine: TFJS_ENGINE }), await run()];
  const [expected, got] = [tfjs, native].map(({ model }) => weightsOf(model).flat());
  expect(maxAbsDifference(expected!, weightsOf(twoHeads()).flat())).toBeGreaterThan(0.005);
  expect(maxAbsDifference(expected!, got!)).toBeLessThan(1e-5);
  const losses = [tfjs, native].map(({ history }) => history.map(({ loss }) => loss));
  expect(maxAbsDifference(losses[0]!, losses[1]!)).toBeLessThan(1e-5);
  const [a, b] = [await tfjs.predictAll(data()), await native.predictAll(data())];
  expect(Object.keys(b)).toEqual(['kind', 'level']);
  expect(b.kind).toHaveLength(48 * CLASSES);
  for (const name of ['kind', 'level']) expect(maxAbsDifference([...a[name]!], [...b[name]!])).toBeLessThan(1e-5);
});

it('weights windows for all targets, as tfjs does', async () => {
  const weighted = (place: BatchPlace) => ({
    ...batchOf(place),
    weights: Float32Array.from({ length: place.batchSize }, (_, i) => i % 4),
  });
  const [tfjs, native, plain] = [
    await run({ engine: TFJS_ENGINE }, data(weighted)),
    await run({}, data(weighted)),
    await run(),
  ];
  expect(maxAbsDifference(weightsOf(tfjs.model).flat(), weightsOf(native.model).flat())).toBeLessThan(1e-5);
  // A target whose windows all counted alike would end where both do without weights.
  for (const name of ['kind', 'level']) {
    const of = ({ model }: { model: LayersModel }) => [...model.getLayer(name).getWeights()[0]!.dataSync()];
    expect(maxAbsDifference(of(native), of(plain))).toBeGreaterThan(1e-3);
  }
});

it('keeps inputs and outputs in the graph by name', () => {
  const graph = modelToGraph(twoHeads());
  expect(graph.inputs.map(({ name }) => name)).toEqual(['sequence', 'facts']);
  expect(graph.outputs).toEqual(['kind', 'level']);
});

it.each<[string, Partial<TrainOptions>, (place: BatchPlace) => GeneratedBatch, RegExp]>([
  ['a loss that says of no output', { loss: 'meanSquaredError' }, batchOf, /of in the loss must be .*kind \| level/],
  [
    'two terms of one output',
    { loss: [LOSS[0], LOSS[0]] },
    batchOf,
    /loss must be .*of several without target, each of another layer/,
  ],
  [
    'a batch without one of the inputs',
    {},
    (place) => ({ ...batchOf(place), inputs: { facts: batchOf(place).inputs.facts } }),
    /inputs of a batch must be with one called "sequence", got "?facts/,
  ],
  [
    'a batch without one of the targets',
    {},
    (place) => ({ ...batchOf(place), targets: { kind: batchOf(place).targets.kind } }),
    /targets of a batch must be with one called "level"/,
  ],
  [
    'a batch without names',
    {},
    ({ batchSize: n }) => ({ x: new Float32Array(n), xShape: [n, 1], y: new Float32Array(n), yShape: [n, 1] }),
    /model inputs must be one \(a batch with names has several\)/,
  ],
  [
    'an input of another length',
    {},
    (place) => ({
      ...batchOf(place),
      inputs: { ...batchOf(place).inputs, facts: { data: new Float32Array(2), shape: [1, 2] } },
    }),
    /facts of the batch at epoch 0, step 0|shape of a window's input "facts" must be \[3\]/,
  ],
  ['class weights', { classWeight: { 1: 2 } }, batchOf, /classWeight must be left out where .*several targets/],
])('refuses %s', async (_name, o, make, message) => {
  await expect(run(o, data(make))).rejects.toThrow(message);
});

it('has no single prediction and no figures of one class', async () => {
  const trained = await run({ steps: 1 });
  await expect(trained.predict(data())).rejects.toThrow(/model must be one with one output/);
  await expect(trained.evaluate(data())).rejects.toThrow(/model must be one with one output/);
});
