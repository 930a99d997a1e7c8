import { PublishedFile } from './published-file.js';
import { RowIndex } from './row-index.js';
import type { ShardRow, ShardSink, SinkOptions, WrittenFile } from './shard-sink.js';
import { ValueSpool } from './value-spool.js';

/** A format of one file: a header that says what is there, and all numbers behind it. */
export interface Layout {
  /** Of the file. */
  readonly extension: string;
  /** @throws ParameterError `ERR_OPTION` for a row that the format cannot hold */
  check(row: Pick<ShardRow, 'id'>): void;
  add(row: Pick<ShardRow, 'id'>, frames: number): void;
  /** Of all that was added. */
  header(): Uint8Array;
}

/** Writes such a file: the numbers wait in another one until the header is known. Beside it goes `shard-00000.jsonl`. */
export class SpooledSink implements ShardSink {
  readonly #width: number;
  readonly #layout: Layout;
  readonly #file: PublishedFile;
  readonly #spool: ValueSpool;
  readonly #index: RowIndex;
  /** Of the longest recording so far. */
  #buffer = new Float32Array(0);
  #reserved = this.#buffer;

  constructor(o: SinkOptions, layout: Layout) {
    this.#width = o.width;
    this.#layout = layout;
    this.#file = new PublishedFile(o.folder, `${o.name}${layout.extension}`);
    this.#spool = new ValueSpool(o.folder, o.name);
    this.#index = new RowIndex(o);
  }

  check(row: Pick<ShardRow, 'id'>): void {
    this.#layout.check(row);
  }

  reserve(numbers: number): Float32Array {
    if (this.#buffer.length < numbers) this.#buffer = new Float32Array(numbers);
    this.#reserved = this.#buffer.subarray(0, numbers);
    return this.#reserved;
  }

  commit(row: ShardRow): void {
    this.#spool.add(this.#reserved);
    this.#add(row, this.#reserved.length);
  }

  addFile(row: ShardRow, path: string, numbers: number): void {
    this.#spool.addFile(path);
    this.#add(row, numbers);
  }

  finish(): readonly WrittenFile[] {
    this.#file.write([this.#layout.header()]);
    this.#spool.copyTo(this.#file);
    this.#file.sync();
    this.#index.file.sync();
    this.#spool.remove();
    return [this.#file.publish(), this.#index.file.publish()];
  }

  abandon(): void {
    this.#file.abandon();
    this.#index.file.abandon();
    this.#spool.remove();
  }

  #add(row: ShardRow, numbers: number): void {
    const frames = numbers / this.#width;
    this.#layout.add(row, frames);
    this.#index.add(row, frames);
  }
}
