import { PublishedFile } from './published-file.js';
import { RowIndex } from './row-index.js';
import type { ShardRow, ShardSink, SinkOptions, WrittenFile } from './shard-sink.js';
import { ValueSpool } from './value-spool.js';

/** NumPy's format, version 1.0 (numpy.lib.format): magic, length of the header, header, values. */
const MAGIC = '\u0093NUMPY\u0001\u0000';
const ALIGNMENT = 64;
const LENGTH_BYTES = 2;

/**
 * Frames of all recordings of a shard, one behind the other, as one array `[frame, …]` of float32 that NumPy maps into
 * memory; `shard-00000.jsonl` says which are whose.
 */
export class NpySink implements ShardSink {
  readonly #options: SinkOptions;
  readonly #file: PublishedFile;
  readonly #spool: ValueSpool;
  readonly #index: RowIndex;
  #reserved = new Float32Array(0);

  constructor(o: SinkOptions) {
    this.#options = o;
    this.#file = new PublishedFile(o.folder, `${o.name}.npy`);
    this.#spool = new ValueSpool(o.folder, o.name);
    this.#index = new RowIndex(o);
  }

  check(): void {}

  reserve(numbers: number): Float32Array {
    this.#reserved = new Float32Array(numbers);
    return this.#reserved;
  }

  commit(row: ShardRow): void {
    this.#spool.add(this.#reserved);
    this.#index.add(row, this.#reserved.length / this.#options.width);
  }

  addFile(row: ShardRow, path: string, numbers: number): void {
    this.#spool.addFile(path);
    this.#index.add(row, numbers / this.#options.width);
  }

  finish(): readonly WrittenFile[] {
    this.#file.write([npyHeader([this.#index.frames, ...this.#options.frameShape])]);
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
}

function npyHeader(shape: readonly number[]): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const before = MAGIC.length + LENGTH_BYTES;
  const length = Math.ceil((before + text.length + 1) / ALIGNMENT) * ALIGNMENT - before;
  const header = Buffer.alloc(before + length, ' ');
  header.write(MAGIC, 0, 'latin1');
  header.writeUInt16LE(length, MAGIC.length);
  header.write(`${text.padEnd(length - 1)}\n`, before, 'latin1');
  return header;
}
