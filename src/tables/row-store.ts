import { SpillFile } from './spill-file.js';

const BLOCK_BYTES = 2 ** 20;
const BUCKET_BYTES = 2 ** 25;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Rows of equally many numbers, to be gone through in another order than they came in. */
export class RowStore {
  /** Rows so far. */
  length = 0;
  readonly #width: number;
  readonly #memoryBytes: number;
  readonly #bucketBytes: number;
  /** Rows of a block. */
  readonly #blockRows: number;
  readonly #blocks: Float32Array[] = [];
  #file: SpillFile | null = null;

  /** @param bucketBytes of rows that are put in order in memory at once */
  constructor(width: number, memoryBytes: number, bucketBytes = BUCKET_BYTES) {
    this.#width = width;
    this.#memoryBytes = memoryBytes;
    this.#bucketBytes = bucketBytes;
    this.#blockRows = Math.max(1, Math.floor(BLOCK_BYTES / FLOAT_BYTES / width));
  }

  get spilledBytes(): number {
    return (this.#file?.length ?? 0) * FLOAT_BYTES;
  }

  /** @param values whole rows */
  append(values: Float32Array): void {
    const width = this.#width;
    for (let at = 0; at < values.length; ) {
      const inBlock = this.length % this.#blockRows;
      if (inBlock === 0) this.#newBlock();
      const rows = Math.min(this.#blockRows - inBlock, (values.length - at) / width);
      this.#blocks.at(-1)!.set(values.subarray(at, at + rows * width), inBlock * width);
      this.length += rows;
      at += rows * width;
    }
  }

  /** Rows by their numbers; each is valid until the next. @param order may leave rows out */
  async *rows(order: Uint32Array): AsyncGenerator<Float32Array> {
    if (this.#file === null) {
      for (const row of order) yield this.#inMemory(row);
      return;
    }
    this.#flush(this.#file);
    const sorted = isAscending(order) ? this.#file : await this.#inOrder(this.#file, order);
    // Nothing of the file as it came is needed any more.
    if (sorted !== this.#file) this.#file = null;
    yield* sorted.length === order.length * this.#width ? this.#all(sorted) : this.#some(sorted, order);
  }

  #inMemory(row: number): Float32Array {
    const first = (row % this.#blockRows) * this.#width;
    return this.#blocks[Math.floor(row / this.#blockRows)]!.subarray(first, first + this.#width);
  }

  #newBlock(): void {
    const blockBytes = this.#blockRows * this.#width * FLOAT_BYTES;
    if (this.#file === null && (this.#blocks.length + 1) * blockBytes > this.#memoryBytes) this.#file = new SpillFile();
    if (this.#file !== null) this.#flush(this.#file);
    this.#blocks.push(new Float32Array(this.#blockRows * this.#width));
  }

  #flush(file: SpillFile): void {
    for (const block of this.#blocks.splice(0)) {
      file.write(block.subarray(0, Math.min(block.length, this.length * this.#width - file.length)));
    }
  }

  async *#all(file: SpillFile): AsyncGenerator<Float32Array> {
    const step = this.#blockRows * this.#width;
    for (let first = 0; first < file.length; first += step) {
      const block = await file.read(first, Math.min(step, file.length - first));
      for (let at = 0; at < block.length; at += this.#width) yield block.subarray(at, at + this.#width);
    }
  }

  async *#some(file: SpillFile, ascending: Uint32Array): AsyncGenerator<Float32Array> {
    let [row, next] = [0, 0];
    for await (const values of this.#all(file)) {
      if (next < ascending.length && row++ === ascending[next]) {
        next += 1;
        yield values;
      }
    }
  }

  /**
   * A file with the rows in another order, in two passes over all of them: each row goes to the stretch of the new file
   * that it belongs to, then each stretch is put in order in memory.
   */
  async #inOrder(file: SpillFile, order: Uint32Array): Promise<SpillFile> {
    const width = this.#width;
    const places = new Uint32Array(this.length).fill(LEFT_OUT);
    order.forEach((row, place) => {
      places[row] = place;
    });
    const bucketRows = Math.max(1, Math.floor(this.#bucketBytes / FLOAT_BYTES / width));
    const buckets = new Buckets(width, bucketRows, order.length);
    let row = 0;
    for await (const values of this.#all(file)) {
      const place = places[row++]!;
      if (place !== LEFT_OUT) buckets.add(place, values);
    }
    return buckets.sorted();
  }
}

/** No place: a table has fewer than 2³² rows. */
const LEFT_OUT = 0xffffffff;

/** Stretches of a file, each with the rows that belong into it in the order in which they came. */
class Buckets {
  readonly #file = new SpillFile();
  readonly #width: number;
  readonly #bucketRows: number;
  readonly #nRows: number;
  /** Place of each row, where it was written. */
  readonly #places: Uint32Array;
  readonly #pending: { readonly values: Float32Array; used: number; written: number }[];

  constructor(width: number, bucketRows: number, nRows: number) {
    this.#width = width;
    this.#bucketRows = bucketRows;
    this.#nRows = nRows;
    this.#places = new Uint32Array(nRows);
    const pendingRows = Math.max(1, Math.floor(BLOCK_BYTES / 4 / FLOAT_BYTES / width));
    this.#pending = Array.from({ length: Math.ceil(nRows / bucketRows) }, () => ({
      values: new Float32Array(pendingRows * width),
      used: 0,
      written: 0,
    }));
  }

  add(place: number, row: Float32Array): void {
    const number = Math.floor(place / this.#bucketRows);
    const bucket = this.#pending[number]!;
    this.#places[number * this.#bucketRows + bucket.written + bucket.used / this.#width] = place;
    bucket.values.set(row, bucket.used);
    bucket.used += this.#width;
    if (bucket.used === bucket.values.length) this.#write(number);
  }

  #write(number: number): void {
    const bucket = this.#pending[number]!;
    const at = (number * this.#bucketRows + bucket.written) * this.#width;
    this.#file.write(bucket.values.subarray(0, bucket.used), at);
    bucket.written += bucket.used / this.#width;
    bucket.used = 0;
  }

  async sorted(): Promise<SpillFile> {
    for (let number = 0; number < this.#pending.length; number++) {
      this.#write(number);
      const from = number * this.#bucketRows;
      const rows = Math.min(this.#bucketRows, this.#nRows - from);
      const came = await this.#file.read(from * this.#width, rows * this.#width);
      const inOrder = new Float32Array(came.length);
      for (let i = 0; i < rows; i++) {
        inOrder.set(
          came.subarray(i * this.#width, (i + 1) * this.#width),
          (this.#places[from + i]! - from) * this.#width,
        );
      }
      this.#file.write(inOrder, from * this.#width);
    }
    return this.#file;
  }
}

function isAscending(order: Uint32Array): boolean {
  for (let i = 1; i < order.length; i++) if (order[i]! <= order[i - 1]!) return false;
  return true;
}
