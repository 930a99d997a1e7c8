/** Native runs against runs of an engine of tfjs: the same weights, batches and optimiser, step by step. */
import { writeFile } from 'node:fs/promises';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sizeOf, type TrainingModel, trainingModels } from '../../bench/training/models.js';
import { loadTf } from '../../src/model/index.js';
import { type EngineName, type OptimizerOptions, train } from '../../src/training/index.js';
import { seededUniform } from '../graph/random.js';
import { maxAbsDifference, memoryModel, weightsOf } from './models.js';
import { TFJS_ENGINE } from './tested-engines.js';
import { memoryTable, WindowTable } from './window-table.js';

const tf = loadTf();
const { layers: L } = tf;
const LENGTH = 5;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('ten steps end at the weights of tfjs', () => {
  const optimizers: readonly OptimizerOptions[] = [
    { name: 'sgd', learningRate: 0.3 },
    { name: 'sgd', learningRate: 0.1, momentum: 0.9 },
    { name: 'adam', learningRate: 0.01 },
    { name: 'adam', learningRate: 0.02, beta1: 0.8, beta2: 0.9, globalClipNorm: 0.05 },
    { name: 'adam', learningRate: { schedule: 'exponentialDecay', initial: 0.05, decaySteps: 3, decayRate: 0.5 } },
    { name: 'rmsprop', learningRate: 0.01 },
    { name: 'rmsprop', learningRate: 0.01, rho: 0.8, momentum: 0.5 },
    { name: 'adadelta', learningRate: 1 },
    { name: 'adadelta', learningRate: 0.5, rho: 0.8, globalClipNorm: 0.1 },
  ];
  it.each(optimizers.map((optimizer) => [JSON.stringify(optimizer), optimizer] as const))(
    '%s',
    async (_name, optimizer) => {
      const build = () => memoryModel(LENGTH, { dropout: 0 });
      const ends: number[][] = [];
      for (const engine of [TFJS_ENGINE, 'native'] as const) {
        const { model } = await train(build(), memoryTable(64, LENGTH, 1), {
          loss: 'binaryCrossentropy',
          steps: 10,
          batchSize: 16,
          optimizer,
          engine,
        });
        ends.push(weightsOf(model).flat());
      }
      const start = weightsOf(build()).flat();
      expect(maxAbsDifference(ends[0]!, start)).toBeGreaterThan(0.01);
      expect(maxAbsDifference(ends[0]!, ends[1]!)).toBeLessThan(1e-5);
    },
  );
});

it('models inside models end at the weights of tfjs, frozen ones where they began', async () => {
  const penalty = () => tf.regularizers.l2({ l2: 0.01 });
  const dense = (units: number, seed: number, inputShape?: number[]) =>
    L.dense({
      units,
      activation: 'tanh',
      kernelInitializer: tf.initializers.glorotNormal({ seed }),
      kernelRegularizer: penalty(),
      ...(inputShape === undefined ? {} : { inputShape }),
    });
  const build = () => {
    const encoder = tf.sequential({ name: 'encoder', layers: [dense(6, 1, [LENGTH]), dense(4, 2)] });
    const frozen = tf.sequential({ name: 'frozen', layers: [dense(LENGTH, 3, [4])] });
    frozen.trainable = false;
    const input = tf.input({ shape: [LENGTH] });
    const once = encoder.apply(input) as typeof input;
    const twice = encoder.apply(frozen.apply(once)) as typeof input;
    const output = dense(1, 4).apply(L.add().apply([once, twice])) as typeof input;
    return tf.model({ inputs: input, outputs: output });
  };
  const ends: number[][][] = [];
  for (const engine of [TFJS_ENGINE, 'native'] as const) {
    const run = await train(build(), memoryTable(64, LENGTH, 1), {
      loss: 'meanSquaredError',
      steps: 10,
      batchSize: 16,
      optimizer: { name: 'adam', learningRate: 0.02 },
      engine,
    });
    ends.push(weightsOf(run.model));
  }
  const start = weightsOf(build());
  expect(maxAbsDifference(ends[0]!.flat(), ends[1]!.flat())).toBeLessThan(1e-5);
  // tfjs has frozen weights last.
  const moved = start.map((weight, i) => maxAbsDifference(weight, ends[1]![i]!) > 0);
  expect(moved).toEqual([true, true, true, true, true, true, false, false]);
});

it('batch normalisation ends at the weights of tfjs, moving averages among them', async () => {
  const build = (normalize = L.batchNormalization({ momentum: 0.8, inputShape: [LENGTH] })) =>
    tf.sequential({
      layers: [
        normalize,
        L.dense({ units: 6, activation: 'tanh', kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }) }),
        L.batchNormalization({ momentum: 0.9 }),
        L.dense({ units: 1, activation: 'sigmoid', kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }) }),
      ],
    });
  const ends: number[][] = [];
  const losses: number[] = [];
  for (const engine of [TFJS_ENGINE, 'native'] as const) {
    const { model, history } = await train(build(), memoryTable(64, LENGTH, 1), {
      loss: 'binaryCrossentropy',
      epochs: 3,
      batchSize: 16,
      optimizer: { name: 'sgd', learningRate: 0.1 },
      validation: memoryTable(32, LENGTH, 2),
      engine,
      threads: 2,
    });
    ends.push(weightsOf(model).flat());
    losses.push(history.at(-1)!.valLoss!);
  }
  expect(maxAbsDifference(weightsOf(build()).flat(), ends[0]!)).toBeGreaterThan(0.1);
  expect(maxAbsDifference(ends[0]!, ends[1]!)).toBeLessThan(1e-5);
  expect(Math.abs(losses[0]! - losses[1]!)).toBeLessThan(1e-5);
});

/** The training models of bench/, smaller unless the whole grid is asked for. */
const IS_FULL = env.COCHLEA_CONFORMANCE === 'full';
/** tfjs's cpu backend takes a second or more a step of M3. */
const TIMEOUT_MS = 600_000;
/** Losses are of order .1 to 1; both sides round every product and follow each other's roundings. */
const CURVE_TOLERANCE = 1e-4;

/** Where `npm run test:tensorflow` wants the curves of the workloads. */
const REPORT = env.COCHLEA_WORKLOADS_REPORT;
const curves: { name: string; steps: number; firstLoss: number; lastLoss: number; largestDifference: number }[] = [];

describe(`training curves of native and ${TFJS_ENGINE} coincide`, () => {
  const STEPS = IS_FULL ? 10 : 20;

  function tableOf({ batch, inputShape, target }: TrainingModel): WindowTable {
    const random = seededUniform(7);
    const numbers = () => Array.from({ length: sizeOf(inputShape) }, () => 2 * random() - 1);
    const rows = Array.from({ length: 2 * batch }, numbers);
    return new WindowTable(rows, rows.map(target), inputShape);
  }

  it.each(trainingModels(IS_FULL ? 'whole' : 'small'))(
    '$title, batch $batch',
    async (model) => {
      const { batch, loss, build } = model;
      const losses = async (engine: EngineName) => {
        const run = await train(build(), tableOf(model), {
          ...{ loss, optimizer: 'adam', engine },
          ...{ steps: STEPS, batchSize: batch, epochWindows: batch },
        });
        return run.history.map((record) => record.loss);
      };
      const [expected, got] = [await losses(TFJS_ENGINE), await losses('native')];
      expect(expected.length).toBeGreaterThanOrEqual(STEPS / 2);
      expect(expected.at(-1)).toBeLessThan(expected[0]!);
      const largestDifference = maxAbsDifference(got, expected);
      expect(largestDifference).toBeLessThan(CURVE_TOLERANCE);
      const [firstLoss, lastLoss] = [expected[0]!, expected.at(-1)!];
      curves.push({ name: model.key, steps: STEPS, firstLoss, lastLoss, largestDifference });
    },
    TIMEOUT_MS,
  );

  afterAll(async () => {
    if (REPORT !== undefined) await writeFile(REPORT, JSON.stringify({ tolerance: CURVE_TOLERANCE, curves }));
  });
});

it(`a model trained natively, saved and loaded, goes on training on ${TFJS_ENGINE} without a jump in its loss`, async () => {
  const [data, validation] = [memoryTable(256, LENGTH, 1), memoryTable(64, LENGTH, 2)];
  const options = {
    loss: 'binaryCrossentropy',
    batchSize: 16,
    optimizer: { name: 'adam', learningRate: 0.01 },
    validation,
  } as const;
  const native = await train(memoryModel(LENGTH, { dropout: 0 }), data, { ...options, epochs: 8, engine: 'native' });
  let saved: Parameters<typeof tf.io.fromMemory>[0] | null = null;
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  });
  await native.model.save(handler);
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
  expect(weightsOf(loaded)).toEqual(weightsOf(native.model));
  const [before, start] = [native.history[0]!.valLoss!, native.history.at(-1)!.valLoss!];
  expect(start).toBeLessThan(before / 2);
  const goingOn = await train(loaded, data, { ...options, epochs: 2, engine: TFJS_ENGINE });
  for (const { loss, valLoss } of goingOn.history) {
    expect(loss).toBeLessThan(native.history.at(-1)!.loss * 1.05);
    expect(valLoss).toBeLessThan(start * 1.05);
  }
});
