/** Sums of an epoch so far. */
export interface EpochSums {
  readonly steps: number;
  readonly n: number;
  readonly loss: number;
  /** Null where the loss has no right and wrong. */
  readonly correct: number | null;
}

/** Means over samples, of batches that may differ in size. */
export class RunningMean {
  #steps = 0;
  #n = 0;
  #loss = 0;
  #correct = 0;

  /** Goes on from sums of earlier batches. */
  constructor(sums: EpochSums | null = null) {
    if (sums === null) return;
    this.#steps = sums.steps;
    this.#n = sums.n;
    this.#loss = sums.loss;
    this.#correct = sums.correct ?? Number.NaN;
  }

  add(n: number, result: { loss: number; accuracy: number }): void {
    this.#steps += 1;
    this.#n += n;
    this.#loss += n * result.loss;
    this.#correct += n * result.accuracy;
  }

  get steps(): number {
    return this.#steps;
  }

  get loss(): number {
    return this.#loss / this.#n;
  }

  get accuracy(): number {
    return this.#correct / this.#n;
  }

  get sums(): EpochSums {
    const correct = Number.isNaN(this.#correct) ? null : this.#correct;
    return { steps: this.#steps, n: this.#n, loss: this.#loss, correct };
  }
}
