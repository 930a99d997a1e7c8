import { SpillFile } from './spill-file.js';

/** Where an item's numbers lie. */
export interface Place {
  readonly block: number;
  /** First number in its block. */
  readonly first: number;
  readonly length: number;
}

/** Numbers of items that are read together. */
export type Block =
  | { readonly spilled: false; readonly length: number; readonly values: Float32Array }
  | { readonly spilled: true; readonly length: number; readonly read: () => Promise<Float32Array> };

/** A block ends with the item that makes it this large. */
const BLOCK_BYTES = 2 ** 20;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** The numbers of items, one after the other: in memory up to a number of bytes, else all of them in a temporary file. */
export class BlockStore {
  readonly #memoryBytes: number;
  readonly #blocks: Block[] = [];
  #inMemory: Float32Array[] = [];
  #file: SpillFile | null = null;
  #open = new Float32Array(BLOCK_BYTES / FLOAT_BYTES);
  #used = 0;
  #itemStart = 0;
  /** Bytes of all closed blocks. */
  #bytes = 0;

  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get spilledBytes(): number {
    return (this.#file?.length ?? 0) * FLOAT_BYTES;
  }

  /** Adds to the item at hand. */
  append(values: Float32Array): void {
    const needed = this.#used + values.length;
    if (needed > this.#open.length) {
      const larger = new Float32Array(Math.max(needed, 2 * this.#open.length));
      larger.set(this.#open.subarray(0, this.#used));
      this.#open = larger;
    }
    this.#open.set(values, this.#used);
    this.#used = needed;
  }

  /** What was added since the last item ended; valid until the next call. */
  get item(): Float32Array {
    return this.#open.subarray(this.#itemStart, this.#used);
  }

  /** Ends the item at hand, of which the first `length` numbers stay. */
  endItem(length = this.#used - this.#itemStart): Place {
    const place = { block: this.#blocks.length, first: this.#itemStart, length };
    this.#used = this.#itemStart + length;
    this.#itemStart = this.#used;
    if (this.#used * FLOAT_BYTES >= BLOCK_BYTES) this.#close();
    return place;
  }

  /** No more items. @returns all blocks, in the order of their numbers */
  finish(): readonly Block[] {
    if (this.#used > 0) this.#close();
    this.#open = new Float32Array(0);
    return this.#blocks;
  }

  #close(): void {
    const open = this.#open.subarray(0, this.#used);
    this.#used = 0;
    this.#itemStart = 0;
    this.#bytes += open.byteLength;
    if (this.#file === null && this.#bytes > this.#memoryBytes) this.#spill();
    if (this.#file !== null) {
      this.#blocks.push(writtenBlock(this.#file, open));
      return;
    }
    const values = open.slice();
    this.#inMemory.push(values);
    this.#blocks.push({ spilled: false, length: values.length, values });
  }

  #spill(): void {
    const file = new SpillFile();
    this.#file = file;
    this.#blocks.splice(0, this.#blocks.length, ...this.#inMemory.map((values) => writtenBlock(file, values)));
    this.#inMemory = [];
  }
}

function writtenBlock(file: SpillFile, values: Float32Array): Block {
  const first = file.length;
  const { length } = values;
  file.write(values);
  return { spilled: true, length, read: () => file.read(first, length) };
}
