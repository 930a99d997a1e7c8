import type { BlockGroup } from './epoch-order.js';
import type { FeatureSource } from './item.js';
import type { WindowTable } from './window-table.js';

/** Blocks on their way at a time: the disk is kept busy, and a block that is needed now does not stand in a long queue. */
const IN_FLIGHT = 2;
/** Blocks larger than this part of the cache are read when they are needed: there is no room for two at a time. */
const LARGEST_PART = 1 / 4;

/**
 * Reads blocks of features while batches before them are used: those of the next batch, and, little by little, those of
 * the next group of blocks that an epoch shuffles together. They wait in the cache, which has room for two groups.
 */
export class ReadAhead {
  readonly #table: WindowTable;
  readonly #groups: readonly BlockGroup[];
  /** Blocks that are wanted, soonest first. */
  readonly #wanted = new Map<string, FeatureSource>();
  #inFlight = 0;
  #group = 0;
  /** Of the next group's blocks, how many have been asked for. */
  #asked = 0;

  constructor(table: WindowTable, groups: readonly BlockGroup[]) {
    this.#table = table;
    this.#groups = groups;
  }

  /** @param numbers windows of a batch that is needed now or next */
  batch(numbers: Uint32Array): void {
    let item = -1;
    for (const number of numbers) {
      if (item >= 0 && this.#holds(item, number)) continue;
      item = this.#table.indexOf(number);
      this.#want(item);
    }
  }

  /** @param done windows of the epoch that have been given */
  group(done: number): void {
    while (done >= (this.#groups[this.#group]?.end ?? Number.POSITIVE_INFINITY)) {
      this.#group += 1;
      this.#asked = 0;
    }
    const [now, next] = [this.#groups[this.#group], this.#groups[this.#group + 1]];
    if (now === undefined || next === undefined) return;
    const begin = this.#groups[this.#group - 1]?.end ?? 0;
    const due = Math.ceil(((done - begin) / (now.end - begin)) * next.items.length);
    while (this.#asked < due) this.#want(next.items[this.#asked++]!);
  }

  #holds(item: number, number: number): boolean {
    const { from, to } = this.#table.range(item);
    return number >= from && number < to;
  }

  #want(item: number): void {
    const source = this.#table.entries.source(item);
    if (source.isNear || source.blockBytes > LARGEST_PART * this.#table.cacheBytes) return;
    this.#wanted.set(source.block, source);
    this.#pump();
  }

  #pump(): void {
    for (const [block, source] of this.#wanted) {
      if (this.#inFlight >= IN_FLIGHT) return;
      this.#wanted.delete(block);
      if (source.isNear) continue;
      this.#inFlight += 1;
      const goOn = (): void => {
        this.#inFlight -= 1;
        this.#pump();
      };
      // What went wrong is told by the read of whoever needs the block.
      source.readAhead().then(goOn, goOn);
    }
  }
}
