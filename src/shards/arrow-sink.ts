import { closeSync, openSync, readSync } from 'node:fs';
import { Message, RecordBatchFileWriter, type Schema } from 'apache-arrow';
import { type ColumnsOf, recordBatch } from './arrow-batch.js';
import { PublishedFile } from './published-file.js';
import { shardSchema } from './shard-schema.js';
import type { ShardRow, ShardSink, WrittenFile } from './shard-sink.js';

/** Frames of recordings that share a record batch: few batches for short recordings, little memory for all. */
const BATCH_NUMBERS = 1 << 18;
/** Of a recording in a file, read at a time. */
const CHUNK_BYTES = 1 << 20;

export interface SinkOptions {
  readonly folder: string;
  /** What the files' names begin with. */
  readonly name: string;
  /** Numbers per frame. */
  readonly width: number;
  readonly frameShape: readonly number[];
  /** Goes into the files, see `META`. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Collects what Arrow's writer makes of a batch, and gives it on in one go. */
class CollectingWriter extends RecordBatchFileWriter {
  pieces: Uint8Array[] = [];

  /** Arrow's file writer leaves out the schema message that the format has before the batches; readers of streams need it. */
  protected override _writeSchema(schema: Schema): this {
    return super._writeSchema(schema)._writeMessage(Message.from(schema));
  }

  protected override _write(chunk: ArrayBufferView): this {
    const { buffer, byteOffset, byteLength } = chunk;
    this.pieces.push(new Uint8Array(buffer, byteOffset, byteLength));
    this._position += byteLength;
    return this;
  }
}

/** Writes a shard as one Arrow IPC file, batch by batch. */
export class ArrowSink implements ShardSink {
  readonly #width: number;
  readonly #schema: Schema;
  readonly #arrow = new CollectingWriter();
  readonly #file: PublishedFile;
  readonly #buffer = new Float32Array(BATCH_NUMBERS);
  #rows: ShardRow[] = [];
  /** Frames of each row. */
  #frames: number[] = [];
  #used = 0;
  #reserved: Float32Array = this.#buffer.subarray(0, 0);

  constructor({ folder, name, width, metadata }: SinkOptions) {
    this.#width = width;
    this.#schema = shardSchema(width, metadata);
    this.#file = new PublishedFile(folder, `${name}.arrow`);
    this.#arrow.reset(undefined, this.#schema);
  }

  reserve(numbers: number): Float32Array {
    if (this.#used > 0 && this.#used + numbers > BATCH_NUMBERS) this.#flush(this.#buffer.subarray(0, this.#used));
    this.#reserved =
      numbers > BATCH_NUMBERS ? new Float32Array(numbers) : this.#buffer.subarray(this.#used, this.#used + numbers);
    return this.#reserved;
  }

  commit(row: ShardRow): void {
    const numbers = this.#reserved.length;
    this.#rows.push(row);
    this.#frames.push(numbers / this.#width);
    if (numbers > BATCH_NUMBERS) this.#flush(this.#reserved);
    else this.#used += numbers;
    this.#reserved = this.#buffer.subarray(this.#used, this.#used);
  }

  addFile(row: ShardRow, path: string, numbers: number): void {
    if (this.#rows.length > 0) this.#flush(this.#buffer.subarray(0, this.#used));
    this.#rows.push(row);
    this.#frames.push(numbers / this.#width);
    // Only says how long it is: memory that nobody touches is none.
    this.#flush(new Float32Array(numbers), piecesOf(path));
  }

  finish(): readonly WrittenFile[] {
    if (this.#rows.length > 0) this.#flush(this.#buffer.subarray(0, this.#used));
    this.#arrow.reset();
    this.#file.write(this.#taken());
    this.#file.sync();
    return [this.#file.publish()];
  }

  abandon(): void {
    this.#file.abandon();
  }

  /** @param from where the values are read from, instead of `values` */
  #flush(values: Float32Array, from?: Iterable<Uint8Array>): void {
    const columns: ColumnsOf = { rows: this.#rows, frames: this.#frames, values, width: this.#width };
    this.#arrow.write(recordBatch(columns, this.#schema));
    const pieces = this.#taken();
    const at = from === undefined ? pieces.length : pieces.findIndex(({ buffer }) => buffer === values.buffer);
    this.#file.write(pieces.slice(0, at));
    for (const piece of from ?? []) this.#file.write([piece]);
    this.#file.write(pieces.slice(at + 1));
    this.#rows = [];
    this.#frames = [];
    this.#used = 0;
  }

  #taken(): Uint8Array[] {
    const { pieces } = this.#arrow;
    this.#arrow.pieces = [];
    return pieces;
  }
}

function* piecesOf(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const read = readSync(file, chunk);
      if (read === 0) return;
      yield chunk.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}
