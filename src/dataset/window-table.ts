import type { Entries } from './entries.js';
import type { Targets } from './targets.js';

/** Windows of one block of features, and what the block weighs. */
export interface BlockRun {
  /** The first of its items. */
  readonly item: number;
  readonly numbers: Uint32Array;
  readonly bytes: number;
}

/** Numbers the windows of a view `0 … size − 1`, in the order of its items, and finds their item and target. */
export class WindowTable {
  readonly entries: Entries;
  /** Half of it bounds a group of blocks that are shuffled together. */
  readonly cacheBytes: number;
  readonly size: number;
  readonly #targets: Targets;
  /** First window number of each entry. */
  readonly #starts: Float64Array;
  readonly #scratch: Float32Array;

  constructor(entries: Entries, targets: Targets, cacheBytes: number) {
    this.entries = entries;
    this.cacheBytes = cacheBytes;
    this.#targets = targets;
    this.#scratch = new Float32Array(Math.max(1, targets.width));
    this.#starts = new Float64Array(entries.length + 1);
    for (let i = 0; i < entries.length; i++) {
      this.#starts[i + 1] = this.#starts[i]! + entries.end(i) - entries.first(i);
    }
    this.size = this.#starts[entries.length]!;
  }

  get targetWidth(): number {
    return this.#targets.width;
  }

  /** Whether some item says how much its windows count. */
  get isWeighted(): boolean {
    for (let i = 0; i < this.entries.length; i++) if (this.entries.weights(i) !== undefined) return true;
    return false;
  }

  /** The last entry that starts at or before a window number: binary search. */
  indexOf(number: number): number {
    let [low, high] = [0, this.entries.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= number) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** First window number of the entry at `index`, and the one after its last. */
  range(index: number): { from: number; to: number } {
    return { from: this.#starts[index]!, to: this.#starts[index + 1]! };
  }

  /** The item's own number of a window. */
  windowIn(index: number, number: number): number {
    return this.entries.first(index) + number - this.#starts[index]!;
  }

  /** Writes a window's target at `at`; `false` where it is unscored. */
  writeTarget(index: number, number: number, out: Float32Array, at: number): boolean {
    return this.#targets.write(index, this.windowIn(index, number), out, at);
  }

  /** The first number of a window's target. */
  target(number: number): number {
    this.writeTarget(this.indexOf(number), number, this.#scratch, 0);
    return this.#scratch[0]!;
  }

  /** Numbers of the windows that are scored; all of them where nothing has a target. */
  scored(): Uint32Array {
    const numbers = new Uint32Array(this.size);
    let n = 0;
    for (let index = 0; index < this.entries.length; index++) {
      const { from, to } = this.range(index);
      for (let number = from; number < to; number++) {
        if (this.targetWidth > 0 && !this.writeTarget(index, number, this.#scratch, 0)) continue;
        numbers[n++] = number;
      }
    }
    return numbers.slice(0, n);
  }

  /** Cuts ascending window numbers where the block of features changes. */
  blockRuns(ascending: Uint32Array): BlockRun[] {
    const runs: BlockRun[] = [];
    for (let from = 0; from < ascending.length; ) {
      const item = this.indexOf(ascending[from]!);
      let index = item;
      const { block, blockBytes } = this.entries.source(index);
      while (index + 1 < this.entries.length && this.entries.source(index + 1).block === block) index += 1;
      const last = this.range(index).to;
      let to = from;
      while (to < ascending.length && ascending[to]! < last) to += 1;
      runs.push({ item, numbers: ascending.subarray(from, to), bytes: blockBytes });
      from = to;
    }
    return runs;
  }
}
