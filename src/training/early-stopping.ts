/** Which epoch was best, and how long ago. */
import { costOf, type EarlyStopping, type EpochRecord, type Monitor } from './callbacks.js';

/** Follows one figure from epoch to epoch. */
export class BestEpoch {
  readonly #monitor: Monitor | undefined;
  readonly #minDelta: number;
  #best = Number.POSITIVE_INFINITY;
  #epoch = 0;
  #last = 0;

  constructor(o: Pick<EarlyStopping, 'monitor' | 'minDelta'> = {}) {
    this.#monitor = o.monitor;
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
    const cost = costOf(record, this.#monitor);
    this.#last = record.epoch;
    const isBetter = this.#epoch === 0 || cost < this.#best - this.#minDelta;
    if (isBetter) {
      this.#best = cost;
      this.#epoch = record.epoch;
    }
    return isBetter;
  }
}
