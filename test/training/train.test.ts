import { beforeAll, describe, expect, it } from 'vitest';
import { FeatureDataset } from '../../src/dataset/index.js';
import { loadTf } from '../../src/model/index.js';
import { defineSpec } from '../../src/spec/index.js';
import { type EpochRecord, type TrainingData, train } from '../../src/training/index.js';
import { maxAbsDifference, memoryModel, weightsOf, xorModel } from './models.js';
import { TESTED_ENGINES, TFJS_ENGINE, TFJS_ENGINES } from './tested-engines.js';
import { memoryTable, random, shuffled, WindowTable, xorTable } from './window-table.js';

const XOR = { loss: 'binaryCrossentropy', optimizer: { name: 'adam', learningRate: 0.03 }, batchSize: 32 } as const;

beforeAll(async () => {
  await loadTf().setBackend('cpu');
});

describe.each(TESTED_ENGINES)('train on %s', (engine) => {
  it('learns a function that no line separates', async () => {
    const run = await train(xorModel(), xorTable(256, 1), { ...XOR, epochs: 30, engine });
    expect(run.history).toHaveLength(30);
    expect(run.history.at(-1)!.loss).toBeLessThan(0.15);
    expect(run.history.at(-1)!.accuracy).toBeGreaterThan(0.95);
    expect(run.engine).toEqual({ name: engine, why: 'asked for' });
    const metrics = await run.evaluate(xorTable(200, 2), { positive: 'differ' });
    expect(metrics.n).toBe(200);
    expect(metrics.rocAuc).toBeGreaterThan(0.97);
  });

  it('learns to remember through an LSTM', async () => {
    const run = await train(memoryModel(6), memoryTable(256, 6, 1), {
      loss: 'binaryCrossentropy',
      optimizer: { name: 'adam', learningRate: 0.03 },
      epochs: 12,
      batchSize: 32,
      engine,
    });
    expect(run.history.at(-1)!.loss).toBeLessThan(0.1);
  });

  it('gives the same weights for the same seed, others for another', async () => {
    const weights = async (seed: number) => {
      const model = memoryModel(5, { dropout: 0.5 });
      await train(model, memoryTable(64, 5, 1), { loss: 'binaryCrossentropy', epochs: 2, batchSize: 16, engine, seed });
      return weightsOf(model);
    };
    const first = await weights(7);
    expect(await weights(7)).toEqual(first);
    expect(await weights(8)).not.toEqual(first);
  });
});

it.each([
  ['every engine', TESTED_ENGINES, 0],
  // They draw dropout alike; native draws for itself.
  ['tfjs engines with dropout', TFJS_ENGINES, 0.2],
] as const)('gives the same first losses on %s', async (_, engines, dropout) => {
  const runs = await Promise.all(
    // Started together on purpose: tfjs has one active backend, and each run puts its own back before a step.
    engines.map((engine) =>
      train(memoryModel(6, { dropout }), memoryTable(64, 6, 3), { loss: 'binaryCrossentropy', steps: 4, engine }),
    ),
  );
  const [first, ...others] = runs.map((run) => run.history.map(({ loss }) => loss));
  // Four steps of float32 sums in another order.
  for (const losses of others) expect(maxAbsDifference(first!, losses)).toBeLessThan(1e-6);
});

it('draws dropout again at every step', async () => {
  const losses: number[] = [];
  const frozen = { name: 'sgd', learningRate: 1e-12 } as const;
  const one = memoryTable(1, 5, 1);
  await train(memoryModel(5, { dropout: 0.5 }), one, {
    loss: 'binaryCrossentropy',
    optimizer: frozen,
    epochs: 6,
    engine: TFJS_ENGINE,
    callbacks: [{ kind: 'epochEnd', run: ({ loss }) => void losses.push(loss) }],
  });
  expect(new Set(losses.map((loss) => loss.toFixed(4))).size).toBeGreaterThan(2);
});

it('seeds the dropout inside recurrent cells, whatever wraps them', async () => {
  const weights = async (seed: number) => {
    const { layers, sequential } = loadTf();
    const lstm = layers.lstm({ units: 3, dropout: 0.5, kernelInitializer: 'ones', recurrentInitializer: 'ones' });
    const inBoth = layers.bidirectional({ layer: lstm as never, mergeMode: 'concat', inputShape: [5, 1] });
    const model = sequential({ layers: [inBoth, layers.dense({ units: 1, kernelInitializer: 'ones' })] });
    await train(model, memoryTable(16, 5, 1), {
      loss: 'meanSquaredError',
      epochs: 2,
      batchSize: 8,
      engine: TFJS_ENGINE,
      seed,
    });
    return weightsOf(model);
  };
  const first = await weights(1);
  expect(await weights(1)).toEqual(first);
  expect(await weights(2)).not.toEqual(first);
});

it('leaves the layers as they were', async () => {
  const model = memoryModel(5);
  await train(model, memoryTable(16, 5, 1), { loss: 'binaryCrossentropy', steps: 1, engine: TFJS_ENGINE });
  for (const layer of model.layers) expect(Object.hasOwn(layer, 'call')).toBe(false);
});

it('leaks no tensors', async () => {
  const tf = loadTf();
  const model = memoryModel(5);
  const table = memoryTable(64, 5, 1);
  const options = {
    loss: 'binaryCrossentropy',
    epochs: 1,
    engine: TFJS_ENGINE,
    validation: table,
    classWeight: { 1: 2 },
  } as const;
  await train(model, table, options);
  const before = tf.memory().numTensors;
  const run = await train(model, table, options);
  await run.predict(table);
  expect(tf.memory().numTensors).toBe(before);
});

describe('early stopping', () => {
  it('ends with the weights of the best epoch', async () => {
    const seen: { record: EpochRecord; weights: number[][] }[] = [];
    const model = xorModel();
    const run = await train(model, xorTable(64, 1), {
      ...XOR,
      optimizer: { name: 'adam', learningRate: 1 }, // far too fast, so that later epochs are worse
      epochs: 40,
      validation: xorTable(64, 2),
      engine: TFJS_ENGINE,
      callbacks: [
        { kind: 'earlyStopping', patience: 3 },
        { kind: 'epochEnd', run: (record) => void seen.push({ record, weights: weightsOf(model) }) },
      ],
    });
    expect(run.stoppedBy).toBe('earlyStopping');
    expect(run.history).toHaveLength(run.bestEpoch + 3);
    const lowest = Math.min(...run.history.map(({ valLoss }) => valLoss!));
    expect(run.history[run.bestEpoch - 1]!.valLoss).toBe(lowest);
    expect(weightsOf(model)).toEqual(seen[run.bestEpoch - 1]!.weights);
    expect(weightsOf(model)).not.toEqual(seen.at(-1)!.weights);
  });

  it('refuses a figure that is not there', async () => {
    const options = { ...XOR, epochs: 1, engine: TFJS_ENGINE } as const;
    const wait = (monitor: 'valLoss' | 'accuracy') => [{ kind: 'earlyStopping', monitor } as const];
    await expect(train(xorModel(), xorTable(8, 1), { ...options, callbacks: wait('valLoss') })).rejects.toMatchObject({
      code: 'ERR_OPTION',
    });
    const regression = train(xorModel(), xorTable(8, 1), {
      ...options,
      loss: 'meanSquaredError',
      callbacks: wait('accuracy'),
    });
    await expect(regression).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });
});

describe('imbalance', () => {
  const rare = (n: number) => {
    const next = random(5);
    const x = Array.from({ length: n }, () => [next(), next()]);
    return new WindowTable(
      x,
      x.map((_, i) => [i % 16 === 0 ? 1 : 0]),
    );
  };

  it('asks the data for balanced classes', async () => {
    const table = rare(320);
    await train(xorModel(), table, { ...XOR, epochs: 1, balance: 'index', engine: TFJS_ENGINE });
    const drawn = table.drawn.slice(1); // the first is the window the engine is tried with
    expect(drawn.filter((label) => label === 1).length / drawn.length).toBeCloseTo(0.5, 1);
  });

  it('weighs classes', async () => {
    // Labels do not depend on x, so the output goes to the weighted share of positives: 1/16 → w/(w + 15).
    const mean = async (classWeight: Record<number, number>) => {
      const run = await train(xorModel(), rare(320), { ...XOR, epochs: 8, classWeight, engine: TFJS_ENGINE });
      const scores = await run.predict(rare(320));
      return scores.reduce((sum, score) => sum + score, 0) / scores.length;
    };
    expect(await mean({})).toBeLessThan(0.15);
    expect(await mean({ 1: 15 })).toBeGreaterThan(0.35);
    expect(await mean({ 1: 0 })).toBeLessThan(0.05);
  });

  it('scales the loss by the weights', async () => {
    const first = async (classWeight: Record<number, number>) => {
      const run = await train(xorModel(), rare(32), { ...XOR, steps: 1, classWeight, engine: TFJS_ENGINE });
      return run.history[0]!.loss;
    };
    expect((await first({ 0: 3, 1: 3 })) / (await first({}))).toBeCloseTo(3, 5);
  });
});

it('counts a window by its weight', async () => {
  const table = xorTable(8, 1);
  const plain = await train(xorModel(), table, { ...XOR, steps: 1, engine: TFJS_ENGINE });
  table.weights = Array.from({ length: 8 }, () => 0.25);
  const weighted = await train(xorModel(), table, { ...XOR, steps: 1, engine: TFJS_ENGINE });
  expect(weighted.history[0]!.loss / plain.history[0]!.loss).toBeCloseTo(0.25, 5);
});

it('trains on a FeatureDataset and judges by its spec', async () => {
  const spec = defineSpec({
    task: 'classify',
    audio: { sampleRate: 8000 },
    features: { kind: 'logMel', nMels: 2 },
    stages: [{ windowing: { size: 3, stride: 1, tail: 'drop' } }],
    labels: ['quiet', 'loud'],
    positive: 'loud',
  });
  const next = random(3);
  const items = Array.from({ length: 40 }, (_, i) => ({
    id: `item ${i}`,
    label: i % 4 === 0 ? 'loud' : 'quiet',
    features: { data: Float32Array.from({ length: 12 }, () => next() + (i % 4 === 0 ? 1 : 0)), shape: [6, 2] },
  }));
  const { train: part, test } = (await FeatureDataset.from(items, { spec })).split({
    by: 'stratified',
    ratios: [0.75, 0, 0.25],
    seed: 1,
  });
  const { layers, sequential } = loadTf();
  const model = sequential({
    layers: [layers.dense({ units: 1, activation: 'sigmoid', inputShape: [6], kernelInitializer: 'zeros' })],
  });
  const run = await train(model, part, {
    loss: 'binaryCrossentropy',
    optimizer: { name: 'adam', learningRate: 0.1 },
    epochs: 6,
    batchSize: 16,
    balance: 'index',
    epochWindows: 64,
    engine: 'wasm',
  });
  expect(run.history.map(({ steps }) => steps)).toEqual([4, 4, 4, 4, 4, 4]);
  const metrics = await run.evaluate(test);
  expect(metrics.positive).toBe('loud');
  expect(metrics.n).toBe(test.size);
  expect(metrics.rocAuc).toBeGreaterThan(0.95);
});

it('gives chance on other data after learning permuted labels', async () => {
  const permuted = (seed: number) => {
    const next = random(seed);
    const points = Array.from({ length: 300 }, () => [2 * next() - 1, 2 * next() - 1]);
    return new WindowTable(
      points,
      shuffled(
        points.map(([a, b]) => [a! * b! < 0 ? 1 : 0]),
        next,
      ),
    );
  };
  const run = await train(xorModel(), permuted(3), { ...XOR, epochs: 10, engine: TFJS_ENGINE });
  const metrics = await run.evaluate(xorTable(400, 4), { positive: 'differ' });
  expect(Math.abs(metrics.rocAuc! - 0.5)).toBeLessThan(0.15);
});

describe('what goes wrong', () => {
  const run = (o: Partial<Parameters<typeof train>[2]>, table = xorTable(16, 1)) =>
    train(xorModel(), table, { ...XOR, epochs: 1, engine: TFJS_ENGINE, ...o });

  it('stops at a loss that is not a number and keeps the weights before it', async () => {
    const model = xorModel();
    const before = weightsOf(model);
    const broken = new WindowTable(
      [
        [0, 0],
        [Number.NaN, 0],
      ],
      [[0], [1]],
    );
    const training = train(model, broken, { ...XOR, epochs: 1, batchSize: 2, engine: TFJS_ENGINE });
    await expect(training).rejects.toMatchObject({
      name: 'ModelError',
      code: 'ERR_DIVERGED',
      message: expect.stringMatching(/; step 1, epoch 1, first in the inputs, window 1$/),
      details: { step: 1, epoch: 1, ids: expect.arrayContaining([0, 1]), place: 'the inputs', window: 1 },
    });
    expect(weightsOf(model)).toEqual(before);
  });

  it.each([TFJS_ENGINE, 'native'] as const)('names the layer whose result first is none, on %s', async (engine) => {
    const { layers: L } = loadTf();
    const big = loadTf().initializers.constant({ value: 1e30 });
    const model = loadTf().sequential({
      layers: [
        L.dense({ units: 2, inputShape: [2], name: 'fine' }),
        L.dense({ units: 2, kernelInitializer: big, biasInitializer: big, name: 'large' }),
        L.dense({ units: 1, kernelInitializer: big, name: 'beyond' }),
      ],
    });
    const training = train(model, xorTable(16, 1), { loss: 'meanSquaredError', epochs: 1, batchSize: 8, engine });
    await expect(training).rejects.toMatchObject({
      code: 'ERR_DIVERGED',
      details: { step: 1, epoch: 1, place: 'layer "beyond"' },
    });
  });

  it('says how much memory a step would need', async () => {
    const { layers: L } = loadTf();
    const model = loadTf().sequential({
      layers: [
        L.dense({ units: 1000, inputShape: [2] }),
        L.repeatVector({ n: 1e9 }),
        L.globalAveragePooling1d(),
        L.dense({ units: 1 }),
      ],
    });
    const training = train(model, xorTable(16, 1), { loss: 'meanSquaredError', steps: 1, engine: 'native' });
    await expect(training).rejects.toMatchObject({
      name: 'NativeError',
      code: 'ERR_OUT_OF_MEMORY',
      message: expect.stringMatching(/memory must be free for a batch of 16 windows: \d{6,} MiB/),
    });
  });

  it.each(TESTED_ENGINES)('keeps what the steps before have learnt, on %s', async (engine) => {
    const good = xorTable(8, 1);
    const bad = new WindowTable([[Number.NaN, 0]], [[1]]);
    const data: TrainingData = {
      size: 9,
      spec: null,
      async *batches(o) {
        yield* good.batches(o);
        yield* bad.batches(o);
      },
    };
    const [fresh, stopped, oneStep] = [xorModel(), xorModel(), xorModel()];
    // Not XOR's loss, whose clipping makes a number of NaN in tfjs's WebAssembly.
    const o = { ...XOR, loss: 'meanSquaredError', engine } as const;
    await expect(train(stopped, data, { ...o, epochs: 1 })).rejects.toMatchObject({ code: 'ERR_DIVERGED' });
    await train(oneStep, data, { ...o, steps: 1 });
    expect(weightsOf(stopped)).toEqual(weightsOf(oneStep));
    expect(weightsOf(stopped)).not.toEqual(weightsOf(fresh));
  });

  it('stops when aborted, between steps', async () => {
    const abort = new AbortController();
    let steps = 0;
    const training = run({
      epochs: 1000,
      signal: abort.signal,
      callbacks: [{ kind: 'epochEnd', run: () => void (++steps === 3 && setImmediate(() => abort.abort())) }],
    });
    await expect(training).rejects.toMatchObject({ name: 'PoolError', code: 'ERR_TASK_ABORTED' });
    expect(steps).toBeLessThan(6);
  });

  it('stops predicting when aborted', async () => {
    const trained = await run({});
    const predicting = trained.predict(xorTable(16, 1), { signal: AbortSignal.abort() });
    await expect(predicting).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED' });
  });

  it('stops when its time is up and says so', async () => {
    const result = await run({ epochs: 1_000_000, maxSeconds: 0.3 });
    expect(result.stoppedBy).toBe('maxSeconds');
    expect(result.history.length).toBeGreaterThan(0);
  });

  it('names both shapes where windows do not fit the model', async () => {
    const wide = new WindowTable([[1, 2, 3]], [[0]], [3, 1]);
    await expect(run({}, wide)).rejects.toMatchObject({
      code: 'ERR_MODEL',
      message: expect.stringContaining('[2], got [3, 1]'),
    });
    const twoLabels = new WindowTable([[1, 2]], [[0, 1]]);
    await expect(run({}, twoLabels)).rejects.toMatchObject({
      code: 'ERR_MODEL',
      message: expect.stringContaining('[1], got [2]'),
    });
  });

  it('refuses windows without labels, or with half of them', async () => {
    await expect(run({}, new WindowTable([[1, 2]], [[]]))).rejects.toMatchObject({ code: 'ERR_MODEL' });
    await expect(run({}, new WindowTable([[1, 2]], [[Number.NaN]]))).rejects.toMatchObject({ code: 'ERR_SHAPE' });
    const trained = await run({});
    const judging = trained.evaluate(new WindowTable([[1, 2]], [[]]), { positive: 'x' });
    await expect(judging).rejects.toMatchObject({ code: 'ERR_SHAPE' });
    await expect(trained.evaluate(xorTable(4, 1))).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });

  it('takes windows of another shape with the same values', async () => {
    const table = new WindowTable(
      [
        [1, 2],
        [3, 4],
      ],
      [[0], [1]],
      [2, 1],
    );
    expect((await run({}, table)).history).toHaveLength(1);
  });

  it.each([
    [{ engine: 'gpu' }, 'ERR_OPTION'],
    [{ loss: 'mse' }, 'ERR_OPTION'],
    [{ loss: [{ of: 'decoder', target: 'encoder' }] }, 'ERR_OPTION'],
    [{ optimizer: 'adagrad' }, 'ERR_OPTION'],
    [{ optimizer: { name: 'sgd', beta1: 0.9 } }, 'ERR_UNKNOWN_OPTION'],
    [{ optimizer: { name: 'adam', learningRate: 0 } }, 'ERR_OPTION'],
    [{ epochs: 1, steps: 1 }, 'ERR_OPTION'],
    [{ batchSize: 0 }, 'ERR_OPTION'],
    [{ epochWindows: 0 }, 'ERR_OPTION'],
    [{ device: 'gpu' }, 'ERR_OPTION'],
    [{ device: 'cuda:x' }, 'ERR_OPTION'],
    [{ device: 'cuda', engine: 'native' }, 'ERR_DEVICE'],
    [{ gpuMemory: { growth: true }, engine: 'native' }, 'ERR_OPTION'],
    [{ gpuMemory: { growth: true }, engine: 'auto', device: 'cpu' }, 'ERR_OPTION'],
    [{ gpuMemory: { growth: 1 }, engine: 'auto' }, 'ERR_OPTION'],
    [{ gpuMemory: { fraction: 1.5 }, engine: 'auto' }, 'ERR_OPTION'],
    [{ gpuMemory: { limitMb: 0 }, engine: 'auto' }, 'ERR_OPTION'],
    [{ gpuMemory: { limitMb: 512, growth: true }, engine: 'auto' }, 'ERR_OPTION'],
    [{ gpuMemory: { limit: 512 }, engine: 'auto' }, 'ERR_UNKNOWN_OPTION'],
    [{ classWeight: { 1: -1 } }, 'ERR_OPTION'],
    [{ maxSeconds: 0 }, 'ERR_OPTION'],
    [{ callbacks: [{ kind: 'earlyStopping', patience: 0 }] }, 'ERR_OPTION'],
  ])('refuses %j with %s', async (options, code) => {
    // Wrong on purpose, as from JavaScript.
    await expect(run(options as Partial<Parameters<typeof train>[2]>)).rejects.toMatchObject({ code });
  });
});

it('chooses an engine and says why', async () => {
  const { engine } = await train(xorModel(), xorTable(16, 1), { ...XOR, epochs: 1 });
  expect(engine.name).toBe('native');
  expect(engine.why).toBe('TensorFlow for GPUs is not installed; the native engine covers this model');
});

it('refuses an engine that lacks a layer or a kernel, also where it was to choose', async () => {
  const { layers, sequential } = loadTf();
  const table = new WindowTable(
    [
      [1, 2, 3, 4],
      [4, 3, 2, 1],
    ],
    [[0], [1]],
  );
  const model = () =>
    sequential({
      layers: [
        layers.depthwiseConv2d({ kernelSize: 2, inputShape: [2, 2, 1] }), // tfjs wasm has no gradient for it
        layers.flatten(),
        layers.dense({ units: 1, activation: 'sigmoid' }),
      ],
    });
  const options = { ...XOR, epochs: 1 } as const;
  const outcome = await train(model(), table, options).then(
    ({ engine }) => engine.why, // TensorFlow, where it is installed
    (error: unknown) => String(error),
  );
  expect(outcome).toMatch(/native is out: layer .*DepthwiseConv2D.* must be one that the native engine trains/);
  expect((await train(model(), table, { ...options, engine: 'cpu' })).engine.name).toBe('cpu');
  await expect(train(model(), table, { ...XOR, epochs: 1, engine: 'native' })).rejects.toMatchObject({
    code: 'ERR_ENGINE',
    message: expect.stringMatching(/tensorflow, wasm and cpu cover others.*DepthwiseConv2D/),
  });
  await expect(train(model(), table, { ...XOR, epochs: 1, engine: 'wasm' })).rejects.toMatchObject({
    code: 'ERR_ENGINE',
    message: expect.stringContaining('Depthwise'),
  });
});

it('keeps moving averages out of the trial step', async () => {
  const { layers, sequential } = loadTf();
  const model = sequential({
    layers: [
      layers.batchNormalization({ inputShape: [2], momentum: 0.5 }),
      layers.dense({ units: 1, kernelInitializer: 'ones' }),
    ],
  });
  const table = new WindowTable(
    [
      [1, 3],
      [3, 1],
    ],
    [[0], [1]],
  );
  await train(model, table, { loss: 'meanSquaredError', steps: 1, batchSize: 2, engine: TFJS_ENGINE });
  const [mean] = model.layers[0]!.getWeights()
    .slice(2)
    .map((tensor) => [...tensor.dataSync()]);
  expect(mean).toEqual([1, 1]); // half of the batch's mean, once
});

it('learns its input', async () => {
  const tf = loadTf();
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2], kernelInitializer: 'zeros' })] });
  const run = await train(model, xorTable(128, 1), {
    target: 'input',
    loss: 'meanSquaredError',
    optimizer: { name: 'adam', learningRate: 0.1 },
    epochs: 20,
    engine: TFJS_ENGINE,
  });
  expect(run.history.at(-1)!.loss).toBeLessThan(1e-3);
  await expect(run.evaluate(xorTable(8, 1), { positive: 'x' })).rejects.toMatchObject({ code: 'ERR_OPTION' });
});

it('judges one of several classes', async () => {
  const tf = loadTf();
  const softmax = () =>
    tf.sequential({
      layers: [tf.layers.dense({ units: 3, activation: 'softmax', inputShape: [3], kernelInitializer: 'zeros' })],
    });
  const rows = Array.from({ length: 90 }, (_, i) => [0, 1, 2].map((c) => (c === i % 3 ? 1 : 0)));
  const sparse = new WindowTable(
    rows,
    rows.map((_, i) => [i % 3]),
  );
  const oneHot = new WindowTable(rows, rows);
  const options = { optimizer: { name: 'adam', learningRate: 0.1 }, epochs: 10, engine: TFJS_ENGINE, seed: 1 } as const;
  const a = await train(softmax(), sparse, { ...options, loss: 'sparseCategoricalCrossentropy' });
  const b = await train(softmax(), oneHot, { ...options, loss: 'categoricalCrossentropy' });
  expect(a.history.at(-1)!.loss).toBeCloseTo(b.history.at(-1)!.loss, 5);
  const metrics = await a.evaluate(sparse, { positive: 'b', labels: ['a', 'b', 'c'] });
  expect(metrics).toMatchObject({ n: 90, nPositive: 30, rocAuc: 1 });
  await expect(a.evaluate(sparse, { positive: 'b' })).rejects.toMatchObject({ code: 'ERR_OPTION' });
});
