/** Where a loss that is no number came from: a run says step, windows and the layer, or the data themselves. */
import { ModelError, mustBe } from '../errors.js';
import type { BatchArrays, TrainingBatch, Values } from './data.js';

/** What made a number that is none, and for which sample of the batch. */
export interface Origin {
  /** `layer "x"`, `inputs`, `targets`. */
  readonly place: string;
  readonly sample: number;
}

export interface StepPlace {
  /** Of the run, from 1 on. */
  readonly step: number;
  readonly epoch: number;
}

/**
 * The error of a step with all that is known of it.
 * @param layer the layer whose result first was no number, where the engine knows
 */
export function divergence(
  error: unknown,
  { step, epoch }: StepPlace,
  batch: TrainingBatch,
  arrays: BatchArrays,
  layer: () => Origin | null,
): unknown {
  if (!(error instanceof ModelError) || error.code !== 'ERR_DIVERGED') return error;
  const origin = inData(arrays) ?? layer();
  const window = origin === null ? null : (batch.ids[origin.sample] ?? null);
  const found = origin === null ? 'in none of the layers' : `in ${origin.place}, window ${window}`;
  const message = `${error.message}; step ${step}, epoch ${epoch}, first ${found}`;
  const ids = [...batch.ids];
  return new ModelError('ERR_DIVERGED', message, { step, epoch, ids, place: origin?.place ?? null, window });
}

/** What a step throws where the loss is no number. */
export function notFinite(loss: number): ModelError {
  return new ModelError('ERR_DIVERGED', mustBe('loss', 'a finite number (try a lower learningRate)', loss));
}

function inData({ inputs, targets, n }: BatchArrays): Origin | null {
  for (const [place, all] of [['the inputs', inputs] as const, ['the targets', targets] as const]) {
    for (const values of all) {
      const sample = firstNonFinite(values, n);
      if (sample !== null) return { place, sample };
    }
  }
  return null;
}

/** @returns the first of `n` samples that has a number that is none, or null */
export function firstNonFinite({ data }: Pick<Values, 'data'>, n: number): number | null {
  const at = data.findIndex((value) => !Number.isFinite(value));
  return at < 0 ? null : Math.floor(at / (data.length / n));
}
