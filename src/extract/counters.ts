/** What workers have done so far, in memory that they share with whoever watches: a note for each file would cost more. */

export interface Counts {
  readonly recordings: number;
  readonly failed: number;
  readonly audioSec: number;
  /** Of the recordings. */
  readonly bytes: number;
}

const FIELDS = 4;
/** The count of workers, so that the numbers behind it are aligned. */
const HEAD_BYTES = 8;
const ROW_BYTES = FIELDS * Float64Array.BYTES_PER_ELEMENT;

/** @param workers that may come */
export function createCounters(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_BYTES + workers * ROW_BYTES);
}

/** Over all workers. */
export function sumCounters(memory: SharedArrayBuffer): Counts {
  const cells = new Float64Array(memory, HEAD_BYTES);
  const sums = [0, 0, 0, 0];
  cells.forEach((value, i) => {
    sums[i % FIELDS]! += value;
  });
  const [recordings = 0, failed = 0, audioSec = 0, bytes = 0] = sums;
  return { recordings, failed, audioSec, bytes };
}

/** A worker's own row, taken once. */
export class WorkerCounter {
  /** From 0, in the order in which the workers came. */
  readonly slot: number;
  readonly #cells: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.slot = Atomics.add(new Int32Array(memory, 0, 1), 0, 1);
    this.#cells = new Float64Array(memory, HEAD_BYTES + this.slot * ROW_BYTES, FIELDS);
  }

  add({ recordings, failed, audioSec, bytes }: Counts): void {
    const cells = this.#cells;
    cells[0]! += recordings;
    cells[1]! += failed;
    cells[2]! += audioSec;
    cells[3]! += bytes;
  }
}
