import { mustBe, ParameterError } from '../errors.js';
import { chunksOf } from './chunks.js';
import { FrameRoom } from './frame-room.js';
import { HashedFile } from './hashed-file.js';
import type { UnpublishedFile } from './publish-files.js';
import { RowIndex } from './row-index.js';
import type { ShardRow, ShardSink, SinkOptions } from './shard-sink.js';

/** Kaldi's binary mark, then a matrix of floats; each number is preceded by its size. */
const MATRIX = '\0BFM ';
const INT_BYTES = 4;

/**
 * A Kaldi archive of float matrices `[frame, width]`, and the `.scp` that says where each begins. Its file names are those
 * of the folder alone: run Kaldi there, or put the folder in front.
 */
export class ArkSink implements ShardSink {
  readonly #options: SinkOptions;
  readonly #ark: HashedFile;
  readonly #scp: HashedFile;
  readonly #index: RowIndex;
  readonly #room = new FrameRoom();

  constructor(o: SinkOptions) {
    this.#options = o;
    this.#ark = new HashedFile(o.folder, `${o.name}.ark`);
    this.#scp = new HashedFile(o.folder, `${o.name}.scp`);
    this.#index = new RowIndex(o);
  }

  refusal({ id }: Pick<ShardRow, 'id'>): ParameterError | null {
    if (!/\s/.test(id)) return null;
    return new ParameterError('ERR_OPTION', mustBe('id', 'without spaces, which end an id of Kaldi', id), { id });
  }

  reserve(numbers: number): Float32Array {
    return this.#room.reserve(numbers);
  }

  commit(row: ShardRow, numbers: number): void {
    const { buffer, byteOffset, byteLength } = this.#room.take(numbers);
    this.#begin(row, numbers);
    this.#ark.write([new Uint8Array(buffer, byteOffset, byteLength)]);
  }

  addFile(row: ShardRow, path: string, numbers: number): void {
    this.#begin(row, numbers);
    for (const chunk of chunksOf(path)) this.#ark.write([chunk]);
  }

  finish(): readonly UnpublishedFile[] {
    return [this.#ark, this.#scp, this.#index.file].map((file) => file.finish());
  }

  abandon(): void {
    for (const file of [this.#ark, this.#scp, this.#index.file]) file.abandon();
  }

  #begin(row: ShardRow, numbers: number): void {
    const { width, name } = this.#options;
    const frames = numbers / width;
    const key = Buffer.from(`${row.id} `);
    this.#scp.write([Buffer.from(`${row.id} ${name}.ark:${this.#ark.position + key.length}\n`)]);
    this.#ark.write([key, Buffer.from(MATRIX, 'latin1'), sized(frames), sized(width)]);
    this.#index.add(row, frames);
  }
}

function sized(value: number): Uint8Array {
  const bytes = Buffer.alloc(1 + INT_BYTES);
  bytes.writeUInt8(INT_BYTES);
  bytes.writeInt32LE(value, 1);
  return bytes;
}
