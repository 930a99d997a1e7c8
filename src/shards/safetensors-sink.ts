import { mustBe, ParameterError } from '../errors.js';
import { PublishedFile } from './published-file.js';
import { RowIndex } from './row-index.js';
import type { ShardRow, ShardSink, SinkOptions, WrittenFile } from './shard-sink.js';
import { ValueSpool } from './value-spool.js';

/** What the format keeps for itself. */
const METADATA = '__metadata__';
const ALIGNMENT = 8;
const LENGTH_BYTES = 8;

interface Tensor {
  readonly id: string;
  readonly frames: number;
  readonly end: number;
}

/** A tensor `[frame, …]` of float32 for each recording, named by its id; what else is known is in `shard-00000.jsonl`. */
export class SafetensorsSink implements ShardSink {
  readonly #options: SinkOptions;
  readonly #file: PublishedFile;
  readonly #spool: ValueSpool;
  readonly #index: RowIndex;
  readonly #tensors: Tensor[] = [];
  #reserved = new Float32Array(0);

  constructor(o: SinkOptions) {
    this.#options = o;
    this.#file = new PublishedFile(o.folder, `${o.name}.safetensors`);
    this.#spool = new ValueSpool(o.folder, o.name);
    this.#index = new RowIndex(o);
  }

  check({ id }: Pick<ShardRow, 'id'>): void {
    if (id !== METADATA) return;
    throw new ParameterError('ERR_OPTION', mustBe('id', 'another name in safetensors', id), { id });
  }

  reserve(numbers: number): Float32Array {
    this.#reserved = new Float32Array(numbers);
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
    this.#file.write([this.#header()]);
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
    const frames = numbers / this.#options.width;
    const begin = this.#tensors.at(-1)?.end ?? 0;
    this.#tensors.push({ id: row.id, frames, end: begin + numbers * Float32Array.BYTES_PER_ELEMENT });
    this.#index.add(row, frames);
  }

  #header(): Uint8Array {
    const { frameShape, metadata } = this.#options;
    const tensors = this.#tensors.map(({ id, frames, end }, i) => {
      const begin = this.#tensors[i - 1]?.end ?? 0;
      return [id, { dtype: 'F32', shape: [frames, ...frameShape], data_offsets: [begin, end] }] as const;
    });
    // Object.fromEntries would put ids that are numbers first.
    const entries = [[METADATA, Object.fromEntries(metadata)] as const, ...tensors];
    const text = `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
    const json = Buffer.from(text);
    const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
    const header = Buffer.alloc(LENGTH_BYTES + length, ' ');
    header.writeBigUInt64LE(BigInt(length));
    json.copy(header, LENGTH_BYTES);
    return header;
  }
}
