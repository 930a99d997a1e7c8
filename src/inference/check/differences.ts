/** How far two computations of one output are apart. */
import type { NamedArray } from './runner.js';

export interface OutputDifference {
  readonly output: string;
  /** Numbers compared. */
  readonly n: number;
  /** Infinite where one of the two is no number and the other is. */
  readonly maxAbs: number;
  readonly meanAbs: number;
  /** The numbers that are farthest apart, and where they stand in the run's output. */
  readonly worst: { readonly index: readonly number[]; readonly got: number; readonly expected: number } | null;
  /** Whether every number is within `tolerance · max(1, |expected|)` of what was expected. */
  readonly ok: boolean;
}

/** Collects over several runs. */
export class Differences {
  readonly #output: string;
  readonly #tolerance: number;
  #n = 0;
  #sum = 0;
  #maxAbs = 0;
  #worst: OutputDifference['worst'] = null;
  #ok = true;

  constructor(output: string, tolerance: number) {
    this.#output = output;
    this.#tolerance = tolerance;
  }

  /** @returns what is wrong with the shapes; null where they are the same */
  add(got: NamedArray, expected: NamedArray): string | null {
    if (got.shape.join() !== expected.shape.join() || got.data.length !== expected.data.length) {
      this.#ok = false;
      return `output "${this.#output}" is [${got.shape.join(', ')}], expected [${expected.shape.join(', ')}]`;
    }
    for (let i = 0; i < got.data.length; i++)
      this.#compare(Number(got.data[i]), Number(expected.data[i]), i, got.shape);
    this.#n += got.data.length;
    return null;
  }

  #compare(got: number, expected: number, at: number, shape: readonly number[]): void {
    const isSame = Object.is(got, expected) || got === expected;
    const apart = isSame ? 0 : Math.abs(got - expected);
    const difference = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
    this.#sum += difference;
    // Asked this way round, no number is within any tolerance.
    if (!(difference <= this.#tolerance * Math.max(1, Math.abs(expected))) && !isSame) this.#ok = false;
    if (this.#worst !== null && difference <= this.#maxAbs) return;
    this.#maxAbs = difference;
    this.#worst = { index: indexOf(at, shape), got, expected };
  }

  get result(): OutputDifference {
    const meanAbs = this.#n === 0 ? 0 : this.#sum / this.#n;
    const ok = this.#ok && this.#n > 0;
    return { output: this.#output, n: this.#n, maxAbs: this.#maxAbs, meanAbs, worst: this.#worst, ok };
  }
}

function indexOf(at: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = at;
  for (const length of shape.toReversed()) {
    index.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return index;
}
