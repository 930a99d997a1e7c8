import type { Schema } from 'apache-arrow';
import { recordBatch } from './arrow-batch.js';
import { CollectingWriter } from './arrow-writer.js';
import { chunksOf } from './chunks.js';
import type { Codec } from './compression.js';
import { HashedFile } from './hashed-file.js';
import type { UnpublishedFile } from './publish-files.js';
import { shardSchema } from './shard-schema.js';
import type { ShardRow, ShardSink, SinkOptions } from './shard-sink.js';

/** Frames of recordings that share a record batch: 2 MiB. Few batches for short recordings, little memory for all. */
const BATCH_NUMBERS = 1 << 19;
const NO_NUMBERS = new Float32Array(0);

/** Of batches of shards that are done, for the next shard: a thread makes one after the other. */
const idle: Float32Array<ArrayBuffer>[] = [];

/** Writes a shard as one Arrow IPC file, batch by batch. */
export class ArrowSink implements ShardSink {
  readonly #width: number;
  readonly #schema: Schema;
  readonly #arrow: CollectingWriter;
  readonly #file: HashedFile;
  #buffer: Float32Array<ArrayBuffer> = idle.pop() ?? new Float32Array(BATCH_NUMBERS);
  /**
   * Where a recording is computed that does not fit into the batch any more. The batch ends when that recording is
   * committed, not before: one that fails leaves no trace in the bytes.
   */
  #next: Float32Array<ArrayBuffer> = idle.pop() ?? new Float32Array(BATCH_NUMBERS);
  #rows: ShardRow[] = [];
  /** Frames of each row. */
  #frames: number[] = [];
  #used = 0;
  /** Where the next recording lies. */
  #reserved = NO_NUMBERS;

  constructor({ folder, name, width, metadata }: SinkOptions, codec: Codec | null) {
    this.#width = width;
    this.#schema = shardSchema(width, metadata);
    this.#file = new HashedFile(folder, `${name}.arrow`);
    this.#arrow = new CollectingWriter(this.#schema, codec);
  }

  refusal(): null {
    return null;
  }

  reserve(numbers: number): Float32Array {
    if (numbers > BATCH_NUMBERS) this.#reserved = new Float32Array(numbers);
    else if (this.#fits(numbers)) this.#reserved = this.#buffer.subarray(this.#used);
    else this.#reserved = this.#next;
    return this.#reserved;
  }

  commit(row: ShardRow, numbers: number): void {
    const values = this.#reserved.subarray(0, numbers);
    this.#reserved = this.#reserved.subarray(numbers);
    if (!this.#fits(numbers)) this.#flush();
    this.#add(row, numbers);
    if (numbers > BATCH_NUMBERS) this.#flush(values);
    else this.#used += numbers;
  }

  addFile(row: ShardRow, path: string, numbers: number): void {
    this.#flush();
    this.#add(row, 0);
    const features = { frames: numbers / this.#width, width: this.#width };
    const { before, after } = this.#arrow.bytesAround(this.#batch(NO_NUMBERS), features);
    this.#file.write(before);
    for (const chunk of chunksOf(path)) this.#file.write([chunk]);
    this.#file.write([after]);
    this.#begin();
  }

  finish(): readonly UnpublishedFile[] {
    this.#flush();
    this.#file.write(this.#arrow.ending());
    const finished = this.#file.finish();
    this.#giveBack();
    return [finished];
  }

  abandon(): void {
    this.#file.abandon();
    this.#giveBack();
  }

  /** Once. */
  #giveBack(): void {
    for (const buffer of [this.#buffer, this.#next]) if (buffer.length > 0) idle.push(buffer);
    [this.#buffer, this.#next] = [NO_NUMBERS, NO_NUMBERS];
  }

  /** Into the batch in hand; an empty one takes a recording of any length. */
  #fits(numbers: number): boolean {
    return this.#used === 0 || this.#used + numbers <= BATCH_NUMBERS;
  }

  #add(row: ShardRow, numbers: number): void {
    this.#rows.push(row);
    this.#frames.push(numbers / this.#width);
  }

  #batch(values: Float32Array) {
    return recordBatch({ rows: this.#rows, frames: this.#frames, values, width: this.#width }, this.#schema);
  }

  #flush(values = this.#buffer.subarray(0, this.#used)): void {
    if (this.#rows.length === 0) return;
    this.#file.write(this.#arrow.bytesOf(this.#batch(values)));
    this.#begin();
  }

  /** The next batch, in the memory where its first recording may be already. */
  #begin(): void {
    [this.#buffer, this.#next] = [this.#next, this.#buffer];
    this.#rows = [];
    this.#frames = [];
    this.#used = 0;
  }
}
