import { Message, type RecordBatch, RecordBatchFileWriter, type Schema, type Vector } from 'apache-arrow';
// Not on the package's front page, but exported by it.
import { BodyCompression, BufferRegion } from 'apache-arrow/ipc/metadata/message';
import { recordBatch } from './arrow-batch.js';
import { chunksOf } from './chunks.js';
import type { Codec } from './compression.js';
import { PublishedFile } from './published-file.js';
import { shardSchema } from './shard-schema.js';
import type { ShardRow, ShardSink, SinkOptions, WrittenFile } from './shard-sink.js';

/** Frames of recordings that share a record batch: 1 MiB. Few batches for short recordings, little memory for all. */
const BATCH_NUMBERS = 1 << 18;
/** In front of each buffer of a compressed batch stands how long it was, in eight bytes; −1 says that it is as it was. */
const AS_IT_WAS = -1n;
const ALIGNMENT = 8;

/** Collects what Arrow's writer makes of a batch, so that it goes to the file in one call. */
class CollectingWriter extends RecordBatchFileWriter {
  pieces: Uint8Array[] = [];
  /** Of the batch in hand; the last buffer of a batch holds its features. */
  isCompressed = true;
  readonly #codec: Codec | null;

  constructor(codec: Codec | null) {
    super();
    this.#codec = codec;
    if (codec !== null) this._compression = new BodyCompression(codec.type);
  }

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

  /**
   * Arrow's own compression writes how long a buffer is, where the format wants how long it was. Only features are
   * compressed: so the rest can be read without them.
   */
  protected override _assembleRecordBatch(batch: RecordBatch | Vector) {
    const compression = this._compression;
    this._compression = null;
    const plain = super._assembleRecordBatch(batch);
    this._compression = compression;
    if (this.#codec === null) return plain;
    const buffers: ArrayBufferView[] = [];
    const bufferRegions: BufferRegion[] = [];
    let at = 0;
    for (const [i, buffer] of plain.buffers.entries()) {
      const isLast = i === plain.buffers.length - 1;
      const packed = packedBuffer(buffer, isLast && this.isCompressed ? this.#codec : null);
      const length = packed.reduce((sum, { byteLength }) => sum + byteLength, 0);
      buffers.push(...packed);
      bufferRegions.push(new BufferRegion(at, length));
      at += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
    }
    return { ...plain, byteLength: at, bufferRegions, buffers };
  }
}

/** What was there before and what goes into the file: nothing twice for an empty buffer. */
function packedBuffer(buffer: ArrayBufferView, codec: Codec | null): readonly [ArrayBufferView, ArrayBufferView] {
  const { byteLength, byteOffset } = buffer;
  if (byteLength === 0) return [new Uint8Array(0), new Uint8Array(0)];
  const bytes = new Uint8Array(buffer.buffer, byteOffset, byteLength);
  const packed = codec?.compress(bytes) ?? bytes;
  const isShorter = packed.byteLength < byteLength;
  return [BigInt64Array.of(isShorter ? BigInt(byteLength) : AS_IT_WAS), isShorter ? packed : bytes];
}

/** Writes a shard as one Arrow IPC file, batch by batch. */
export class ArrowSink implements ShardSink {
  readonly #width: number;
  readonly #schema: Schema;
  readonly #arrow: CollectingWriter;
  readonly #file: PublishedFile;
  readonly #buffer = new Float32Array(BATCH_NUMBERS);
  #rows: ShardRow[] = [];
  /** Frames of each row. */
  #frames: number[] = [];
  #used = 0;
  #reserved: Float32Array = this.#buffer.subarray(0, 0);

  constructor({ folder, name, width, metadata }: SinkOptions, codec: Codec | null) {
    this.#width = width;
    this.#schema = shardSchema(width, metadata);
    this.#file = new PublishedFile(folder, `${name}.arrow`);
    this.#arrow = new CollectingWriter(codec);
    this.#arrow.reset(undefined, this.#schema);
  }

  check(): void {}

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

  /** Not compressed, since the format has one frame for a buffer, and how long it gets stands in front. */
  addFile(row: ShardRow, path: string, numbers: number): void {
    if (this.#rows.length > 0) this.#flush(this.#buffer.subarray(0, this.#used));
    this.#rows.push(row);
    this.#frames.push(numbers / this.#width);
    // Only says how long it is: memory that nobody touches is none.
    this.#arrow.isCompressed = false;
    this.#flush(new Float32Array(numbers), chunksOf(path));
    this.#arrow.isCompressed = true;
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
    this.#arrow.write(
      recordBatch({ rows: this.#rows, frames: this.#frames, values, width: this.#width }, this.#schema),
    );
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
