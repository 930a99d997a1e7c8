import { type LearningRateSchedule, learningRateAt } from './schedules.js';

/** The rate of each step: by a schedule, or as it was last set. */
export class LearningRate {
  #rule: number | LearningRateSchedule;
  #steps = 0;

  constructor(rule: number | LearningRateSchedule) {
    this.#rule = rule;
  }

  /** Of the last step; before the first, of that. */
  get current(): number {
    return learningRateAt(Math.max(0, this.#steps - 1), this.#rule);
  }

  /** Of the next step, which counts as done. */
  next(): number {
    const rate = learningRateAt(this.#steps, this.#rule);
    this.#steps += 1;
    return rate;
  }

  /** After so many steps of an earlier process. */
  goOnFrom(steps: number): void {
    this.#steps = steps;
  }

  /** From the next step on, whatever the options said. */
  set(rate: number): void {
    this.#rule = rate;
  }
}
