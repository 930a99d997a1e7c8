/** When the learning rate falls because training stands still. */
import { costOf, type EpochRecord, type ReduceLROnPlateau } from './callbacks.js';

const DEFAULTS = { factor: 0.1, patience: 10, minDelta: 1e-4, cooldown: 0, minLearningRate: 0 } as const;

/** Follows one figure from epoch to epoch, by the rules of Keras's `ReduceLROnPlateau`. */
export class Plateau {
  readonly #config: Readonly<Record<keyof typeof DEFAULTS, number>>;
  readonly #monitor: ReduceLROnPlateau['monitor'];
  #best = Number.POSITIVE_INFINITY;
  #waited = 0;
  #cooldown = 0;

  constructor({ monitor, ...given }: Omit<ReduceLROnPlateau, 'kind'>) {
    this.#monitor = monitor;
    this.#config = { ...DEFAULTS, ...given };
  }

  /**
   * @param rate the learning rate of the epoch
   * @returns that of the next
   */
  next(record: EpochRecord, rate: number): number {
    const { factor, patience, minDelta, cooldown, minLearningRate } = this.#config;
    const cost = costOf(record, this.#monitor);
    if (this.#cooldown > 0) {
      this.#cooldown -= 1;
      this.#waited = 0;
    }
    if (cost < this.#best - minDelta) {
      this.#best = cost;
      this.#waited = 0;
      return rate;
    }
    if (this.#cooldown > 0) return rate;
    this.#waited += 1;
    if (this.#waited < patience || rate <= minLearningRate) return rate;
    this.#cooldown = cooldown;
    this.#waited = 0;
    return Math.max(rate * factor, minLearningRate);
  }
}
