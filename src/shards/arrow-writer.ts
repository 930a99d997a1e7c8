import { Message, type RecordBatch, RecordBatchFileWriter, type Schema, type Vector } from 'apache-arrow';
// Not on the package's front page, but exported by it.
import { BodyCompression, BufferRegion, FieldNode } from 'apache-arrow/ipc/metadata/message';
import type { Codec } from './compression.js';

/** In front of each buffer of a compressed batch stands how long it was, in eight bytes; −1 says that it is as it was. */
const AS_IT_WAS = -1n;
const PREFIX_BYTES = BigInt64Array.BYTES_PER_ELEMENT;
const ALIGNMENT = 8;

/** What a batch is made of: its nodes and regions go in front of its buffers. */
type Assembled = ReturnType<RecordBatchFileWriter['_assembleRecordBatch']>;

/** Frames of one recording that are in a file. */
interface Elsewhere {
  readonly frames: number;
  readonly width: number;
}

/** Arrow's file writer, piece by piece: what it makes of a batch can go to the file in one call. */
export class CollectingWriter extends RecordBatchFileWriter {
  readonly #codec: Codec | null;
  #pieces: Uint8Array[] = [];
  /** Features of the batch in hand, where they are not in its memory. */
  #elsewhere: Elsewhere | null = null;

  constructor(schema: Schema, codec: Codec | null) {
    super();
    this.#codec = codec;
    if (codec !== null) this._compression = new BodyCompression(codec.type);
    this.reset(undefined, schema);
  }

  /** What comes next in the file. */
  bytesOf(batch: RecordBatch): Uint8Array[] {
    this.write(batch);
    return this.#taken();
  }

  /**
   * The same of one row whose features lie elsewhere, so that they need no memory here. They are not compressed: the
   * format has one frame for a buffer, and how long it gets stands in front.
   *
   * @param batch the row, as if it had no frames
   * @returns what goes in front of the features and behind them
   */
  bytesAround(batch: RecordBatch, features: Elsewhere): { readonly before: Uint8Array[]; readonly after: Uint8Array } {
    this.#elsewhere = features;
    this.write(batch);
    this.#elsewhere = null;
    const bytes = bytesIn(features);
    this._position += aligned(bytes);
    return { before: this.#taken(), after: new Uint8Array(aligned(bytes) - bytes) };
  }

  /** The file's end. */
  ending(): Uint8Array[] {
    this.reset();
    return this.#taken();
  }

  /** Arrow's file writer leaves out the schema message that the format has before the batches; readers of streams need it. */
  protected override _writeSchema(schema: Schema): this {
    return super._writeSchema(schema)._writeMessage(Message.from(schema));
  }

  protected override _write(chunk: ArrayBufferView): this {
    const { buffer, byteOffset, byteLength } = chunk;
    this.#pieces.push(new Uint8Array(buffer, byteOffset, byteLength));
    this._position += byteLength;
    return this;
  }

  /**
   * Arrow's own compression writes how long a buffer is, where the format wants how long it was. Only features are
   * compressed: so the rest can be read without them.
   */
  protected override _assembleRecordBatch(batch: RecordBatch | Vector): Assembled {
    const compression = this._compression;
    this._compression = null;
    const plain = super._assembleRecordBatch(batch);
    this._compression = compression;
    const batchOf = (given: Assembled) => (this.#codec === null ? given : packedBatch(given, this.#codec));
    if (this.#elsewhere === null) return batchOf(plain);
    return this.#leavingRoom(batchOf(withFrames(plain, this.#elsewhere)), bytesIn(this.#elsewhere));
  }

  /** The last buffer gets its length, and where it is one of a compressed batch, what stands in front of it. */
  #leavingRoom({ bufferRegions, buffers, ...batch }: Assembled, bytes: number): Assembled {
    const { offset } = bufferRegions.at(-1)!;
    const isPrefixed = this.#codec !== null && bytes > 0;
    const length = this.#codec === null ? aligned(bytes) : bytes + (isPrefixed ? PREFIX_BYTES : 0);
    return {
      ...batch,
      byteLength: offset + aligned(length),
      bufferRegions: [...bufferRegions.slice(0, -1), new BufferRegion(offset, length)],
      buffers: isPrefixed ? [...buffers.slice(0, -2), BigInt64Array.of(AS_IT_WAS), new Uint8Array(0)] : buffers,
    };
  }

  #taken(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}

/**
 * Arrow counts bytes in 32 bits and numbers in 31, too few for a recording's features: so it is given none, and here is
 * how many there are. A batch ends with the lists' offsets, no nulls of two kinds, and the numbers.
 */
function withFrames({ nodes, buffers, ...batch }: Assembled, { frames, width }: Elsewhere): Assembled {
  return {
    ...batch,
    nodes: [...nodes.slice(0, -2), new FieldNode(frames, 0), new FieldNode(frames * width, 0)],
    buffers: [...buffers.slice(0, -4), Int32Array.of(0, frames), ...buffers.slice(-3)],
  };
}

function bytesIn({ frames, width }: Elsewhere): number {
  return frames * width * Float32Array.BYTES_PER_ELEMENT;
}

/** The last buffer of a batch holds its features. */
function packedBatch(plain: Assembled, codec: Codec): Assembled {
  const buffers: ArrayBufferView[] = [];
  const bufferRegions: BufferRegion[] = [];
  let at = 0;
  for (const [i, buffer] of plain.buffers.entries()) {
    const packed = packedBuffer(buffer, i === plain.buffers.length - 1 ? codec : null);
    const length = packed.reduce((sum, { byteLength }) => sum + byteLength, 0);
    buffers.push(...packed);
    bufferRegions.push(new BufferRegion(at, length));
    at += aligned(length);
  }
  return { ...plain, byteLength: at, bufferRegions, buffers };
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

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
