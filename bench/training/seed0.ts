/** Seed 0's training as its document has it: 2100 windows, 5 epochs in batches of 64, Adadelta. */
import { FeatureDataset } from '../../src/dataset/index.js';
import { windows } from '../../src/features/index.js';
import { sequenceLstm } from '../../src/model/index.js';
import { train } from '../../src/training/index.js';
import { noiseRows } from '../noise.js';
import type { Timed } from './timed.js';

export const SEED0_KEY = 'seed0';
const WINDOWS = 2100;
const WINDOWING = { size: 40, stride: 5, tail: 'drop' } as const;
/** The document calls a window positive from so many ones on. */
const POSITIVE_FROM = 19;
const TRAINING = {
  loss: 'binaryCrossentropy',
  optimizer: { name: 'adadelta', learningRate: 1, rho: 0.95 },
  epochs: 5,
  batchSize: 64,
  engine: 'native',
} as const;

/** One run is the whole training, its data, model and order of windows made anew. */
export function seed0Contestant(): Timed {
  const training = async () => {
    const { history } = await train(sequenceLstm({ dropout: 0.2, seed: 1 }), await windowsOf(), TRAINING);
    return history.map(({ loss }) => loss);
  };
  return {
    ...{ case: SEED0_KEY, name: 'cochlea, train()', work: 1 },
    run: async () => void (await training()),
    result: async () => Float32Array.from(await learnt(training)),
  };
}

/** @throws Error where no epoch is better than the first: the training would not be one */
async function learnt(training: () => Promise<number[]>): Promise<number[]> {
  const losses = await training();
  const [first = Number.NaN, ...others] = losses;
  if (losses.length !== TRAINING.epochs || !(Math.min(...others) < first)) {
    throw new Error(`loss must fall over ${TRAINING.epochs} epochs, got ${losses.join(', ')}`);
  }
  return losses;
}

/** Zeros and ones of one stream, as many of both as noise gives. */
async function windowsOf(): Promise<FeatureDataset> {
  const stream = noiseRows(WINDOWING.size + (WINDOWS - 1) * WINDOWING.stride).map((x) => (x > 0 ? 1 : 0));
  const { data } = windows(stream, WINDOWING);
  const targets = Float32Array.from({ length: WINDOWS }, (_, i) => {
    const ones = data.subarray(i * WINDOWING.size, (i + 1) * WINDOWING.size).reduce((sum, x) => sum + x, 0);
    return ones >= POSITIVE_FROM ? 1 : 0;
  });
  return FeatureDataset.from([{ id: 'stream', features: stream, targets }], { windowing: WINDOWING });
}
