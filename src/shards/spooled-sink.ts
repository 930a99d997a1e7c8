import type { ParameterError } from '../errors.js';
import { FrameRoom } from './frame-room.js';
import { HashedFile } from './hashed-file.js';
import type { UnpublishedFile } from './publish-files.js';
import { RowIndex } from './row-index.js';
import type { ShardRow, ShardSink, SinkOptions } from './shard-sink.js';
import { ValueSpool } from './value-spool.js';

/** A format of one file: a header that says what is there, and all numbers behind it. */
export interface Layout {
  /** Of the file. */
  readonly extension: string;
  /** Why the format cannot hold a row; `null` where it can. */
  refusal(row: Pick<ShardRow, 'id'>): ParameterError | null;
  add(row: Pick<ShardRow, 'id'>, frames: number): void;
  /** Of all that was added. */
  header(): Uint8Array;
}

/** Writes such a file: the numbers wait in another one until the header is known. Beside it goes `shard-00000.jsonl`. */
export class SpooledSink implements ShardSink {
  readonly #width: number;
  readonly #layout: Layout;
  readonly #file: HashedFile;
  readonly #spool: ValueSpool;
  readonly #index: RowIndex;
  readonly #room = new FrameRoom();

  constructor(o: SinkOptions, layout: Layout) {
    this.#width = o.width;
    this.#layout = layout;
    this.#file = new HashedFile(o.folder, `${o.name}${layout.extension}`);
    this.#spool = new ValueSpool(o.folder, o.name);
    this.#index = new RowIndex(o);
  }

  refusal(row: Pick<ShardRow, 'id'>): ParameterError | null {
    return this.#layout.refusal(row);
  }

  reserve(numbers: number): Float32Array {
    return this.#room.reserve(numbers);
  }

  commit(row: ShardRow, numbers: number): void {
    this.#spool.add(this.#room.take(numbers));
    this.#add(row, numbers);
  }

  addFile(row: ShardRow, path: string, numbers: number): void {
    this.#spool.addFile(path);
    this.#add(row, numbers);
  }

  finish(): readonly UnpublishedFile[] {
    this.#file.write([this.#layout.header()]);
    this.#spool.copyTo(this.#file);
    this.#spool.remove();
    return [this.#file, this.#index.file].map((file) => file.finish());
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
