/** Values at a steady pace, the one thing that passes between stages. */

/** Value i was computed from the time [startSec + i·stepSec, startSec + i·stepSec + spanSec). */
export interface Timing {
  readonly startSec: number;
  readonly stepSec: number;
  readonly spanSec: number;
}

/** Rows `[n, width]` of a sequence that may have begun before and may go on after. */
export interface Sequence extends Timing {
  readonly data: Float32Array;
  /** Floats per value. */
  readonly width: number;
  readonly n: number;
  /** Number of the first row in the whole sequence; 0 unless older rows were dropped. */
  readonly first: number;
}

/** Middle of what value i was computed from. */
export function centreSec(timing: Timing, i: number): number {
  return timing.startSec + i * timing.stepSec + timing.spanSec / 2;
}

/** A sequence under construction: rows are added at its end and dropped at its start. */
export class RowBuffer {
  readonly width: number;
  #rows: Float32Array;
  /** Row number of `#rows[0]`. */
  #first = 0;
  #n = 0;

  constructor(width: number) {
    this.width = width;
    this.#rows = new Float32Array(0);
  }

  /** Rows ever added. */
  get end(): number {
    return this.#first + this.#n;
  }

  /** First row that is still here. */
  get first(): number {
    return this.#first;
  }

  /** What is here, `[end − first, width]`; valid until the next `extend`. */
  get rows(): Float32Array {
    return this.#rows.subarray(0, this.#n * this.width);
  }

  /** Adds `n` rows and returns the place to write them to; valid until the next `extend`. */
  extend(n: number): Float32Array {
    const needed = (this.#n + n) * this.width;
    if (needed > this.#rows.length) {
      const grown = new Float32Array(Math.max(needed, 2 * this.#rows.length));
      grown.set(this.rows);
      this.#rows = grown;
    }
    const from = this.#n * this.width;
    this.#n += n;
    return this.#rows.subarray(from, needed);
  }

  /** Forgets rows before `row`. */
  drop(row: number): void {
    const count = Math.min(row, this.end) - this.#first;
    if (count <= 0) return;
    this.#rows.copyWithin(0, count * this.width, this.#n * this.width);
    this.#first += count;
    this.#n -= count;
  }
}
