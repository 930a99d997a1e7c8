/** Training data that are made when they are asked for, as many as wanted: simulators, augmentation, fresh draws every step. */
import type { Batch, BatchOptions } from '../dataset/index.js';
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { type NamedBatch, type TrainingBatch, type TrainingData, type Values, valuesOf } from './data.js';
import { count } from './options.js';

/** Which batch is asked for. The same place must give the same batch, or a run that goes on differs from one that did not stop. */
export interface BatchPlace {
  /** Windows that the batch has to hold. */
  readonly batchSize: number;
  /** From 0 on. */
  readonly epoch: number;
  /** Batch of the epoch, from 0 on. */
  readonly step: number;
  /** Of the run. */
  readonly seed: number;
}

export interface GeneratedDataOptions {
  /** Windows of an epoch. */
  readonly size: number;
  make(place: BatchPlace): GeneratedBatch | Promise<GeneratedBatch>;
}

/** Windows and what a model should answer, `[batch, …]` each: one of each, or by name. */
export type GeneratedBatch = Pick<Batch, 'x' | 'xShape' | 'y' | 'yShape' | 'weights'> | Omit<NamedBatch, 'ids'>;

const KEYS: OptionKeys<GeneratedDataOptions> = { size: true, make: true };

/**
 * Data for `train` from a function that makes batches.
 *
 * @throws ParameterError `ERR_OPTION` for a size that is no positive whole number, and where `train` asks for balanced
 *   classes; `ERR_SHAPE` naming the place of a batch that is not as long as it should be
 * @example generatedData({ size: 1000, make: ({ step, batchSize }) => randomSequences(step, batchSize) })
 */
export function generatedData(o: GeneratedDataOptions): TrainingData {
  refuseUnknown(o, KEYS, 'generatedData');
  const size = count('size', o.size);
  return { size, spec: null, batches: (asked) => batches(o, size, asked) };
}

async function* batches(o: GeneratedDataOptions, size: number, asked: BatchOptions): AsyncGenerator<TrainingBatch> {
  const { batchSize, epochs = 1, firstEpoch = 0, skip = 0, seed = 0, balance = 'none' } = asked;
  if (balance !== 'none') {
    throw new ParameterError('ERR_OPTION', mustBe('balance', '"none" for generated data, which are as made', balance));
  }
  const windows = asked.epochWindows ?? size;
  for (let epoch = firstEpoch; epoch < firstEpoch + epochs; epoch++) {
    const steps = Math.ceil(windows / batchSize);
    for (let step = epoch === firstEpoch ? skip : 0; step < steps; step++) {
      const place = { batchSize: Math.min(batchSize, windows - step * batchSize), epoch, step, seed };
      yield checked(await o.make(place), place);
    }
  }
}

function checked(made: GeneratedBatch, place: BatchPlace): TrainingBatch {
  const batch: TrainingBatch = { ...made, ids: new Int32Array(place.batchSize) };
  for (const [name, values] of valuesOf(batch)) requireLength(name, values, place);
  return batch;
}

function requireLength(name: string, { data, shape }: Values, { batchSize, epoch, step }: BatchPlace): void {
  const length = shape.reduce((product, dim) => product * dim, 1);
  if (shape[0] === batchSize && data.length === length) return;
  const where = `${name} of the batch at epoch ${epoch}, step ${step}`;
  const expected = `${batchSize} windows, as many numbers as its shape says`;
  throw new ParameterError('ERR_SHAPE', mustBe(where, expected, `${data.length} of shape [${shape.join(', ')}]`));
}
