/** What happens between epochs: when to stop, and which weights to keep. */
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';

/** Figures of one epoch. Accuracy is there where the loss has one, `val…` where there is a validation part. */
export interface EpochRecord {
  /** From 1 on. */
  readonly epoch: number;
  /** Steps in this epoch. */
  readonly steps: number;
  /** Mean over the epoch's samples, while the weights moved; with class weights and regularisers. */
  readonly loss: number;
  readonly accuracy?: number;
  readonly valLoss?: number;
  readonly valAccuracy?: number;
  /** Wall time, validation included. */
  readonly seconds: number;
}

/** Figures that early stopping can watch. */
export const MONITORS = ['loss', 'accuracy', 'valLoss', 'valAccuracy'] as const satisfies (keyof EpochRecord)[];
export type Monitor = (typeof MONITORS)[number];

/** Ends training when a figure no longer gets better. */
export interface EarlyStopping {
  readonly kind: 'earlyStopping';
  /** Default `'valLoss'` with a validation part, else `'loss'`. */
  readonly monitor?: Monitor;
  /** Epochs without a better figure before training ends. Default 1. */
  readonly patience?: number;
  /** What counts as better. Default 0: any improvement. */
  readonly minDelta?: number;
  /** Whether training ends with the weights of the best epoch; otherwise with the last. Default true. */
  readonly restoreBest?: boolean;
}

/** Called after every epoch, and waited for. */
export interface EpochCallback {
  readonly kind: 'epochEnd';
  run(record: EpochRecord): void | Promise<void>;
}

export type Callback = EarlyStopping | EpochCallback;

const EPOCH_KEYS: OptionKeys<EpochCallback> = { kind: true, run: true };
const STOPPING_KEYS: OptionKeys<EarlyStopping> = {
  kind: true,
  monitor: true,
  patience: true,
  minDelta: true,
  restoreBest: true,
};

/** @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION` */
export function checkCallbacks(callbacks: readonly Callback[], hasValidation: boolean): void {
  for (const callback of callbacks) checkCallback(callback, hasValidation);
  const stopping = callbacks.filter(({ kind }) => kind === 'earlyStopping').length;
  if (stopping <= 1) return;
  throw new ParameterError('ERR_OPTION', mustBe('callbacks', 'at most one of kind earlyStopping', stopping));
}

function checkCallback(callback: Callback, hasValidation: boolean): void {
  if (callback.kind === 'epochEnd' && typeof callback.run === 'function') {
    refuseUnknown(callback, EPOCH_KEYS, 'a callback of kind epochEnd');
    return;
  }
  if (callback.kind !== 'earlyStopping') {
    throw new ParameterError('ERR_OPTION', mustBe('callback', 'of kind earlyStopping | epochEnd', callback));
  }
  refuseUnknown(callback, STOPPING_KEYS, 'a callback of kind earlyStopping');
  const { monitor, patience = 1, minDelta = 0 } = callback;
  if (monitor !== undefined && !MONITORS.includes(monitor)) {
    throw new ParameterError('ERR_OPTION', mustBe('monitor', MONITORS.join(' | '), monitor));
  }
  if (monitor?.startsWith('val') && !hasValidation) {
    throw new ParameterError('ERR_OPTION', mustBe('monitor', 'loss | accuracy without a validation part', monitor));
  }
  if (!Number.isSafeInteger(patience) || patience < 1) {
    throw new ParameterError('ERR_OPTION', mustBe('patience', 'a positive whole number', patience));
  }
  if (!(minDelta >= 0)) throw new ParameterError('ERR_OPTION', mustBe('minDelta', 'a number from 0 on', minDelta));
}

/** Follows one figure from epoch to epoch. */
export class BestEpoch {
  readonly #monitor: Monitor | null;
  readonly #minDelta: number;
  #best = Number.POSITIVE_INFINITY;
  #epoch = 0;
  #last = 0;

  constructor(o: Pick<EarlyStopping, 'monitor' | 'minDelta'> = {}) {
    this.#monitor = o.monitor ?? null;
    this.#minDelta = o.minDelta ?? 0;
  }

  /** 0 before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Epochs since the best one. */
  get waited(): number {
    return this.#last - this.#epoch;
  }

  /**
   * @returns whether this epoch is the best so far
   * @throws ParameterError `ERR_OPTION` for a figure that the record does not have
   */
  see(record: EpochRecord): boolean {
    const monitor = this.#monitor ?? (record.valLoss === undefined ? 'loss' : 'valLoss');
    const value = record[monitor];
    if (value === undefined)
      throw new ParameterError('ERR_OPTION', mustBe('monitor', 'a figure this loss has', monitor));
    const cost = monitor === 'accuracy' || monitor === 'valAccuracy' ? -value : value;
    this.#last = record.epoch;
    const isBetter = this.#epoch === 0 || cost < this.#best - this.#minDelta;
    if (isBetter) {
      this.#best = cost;
      this.#epoch = record.epoch;
    }
    return isBetter;
  }
}
