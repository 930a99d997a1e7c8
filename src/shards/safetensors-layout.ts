import { mustBe, ParameterError } from '../errors.js';
import type { ShardRow, SinkOptions } from './shard-sink.js';
import type { Layout } from './spooled-sink.js';

/** What the format keeps for itself. */
const METADATA = '__metadata__';
const ALIGNMENT = 8;
const LENGTH_BYTES = 8;

interface Tensor {
  readonly id: string;
  readonly frames: number;
  readonly end: number;
}

/** A tensor `[frame, …]` of float32 for each recording, named by its id; what else is known is in the row index. */
export class SafetensorsLayout implements Layout {
  readonly extension = '.safetensors';
  readonly #options: SinkOptions;
  readonly #tensors: Tensor[] = [];

  constructor(o: SinkOptions) {
    this.#options = o;
  }

  refusal({ id }: Pick<ShardRow, 'id'>): ParameterError | null {
    if (id !== METADATA) return null;
    return new ParameterError('ERR_OPTION', mustBe('id', 'another name in safetensors', id), { id });
  }

  add({ id }: Pick<ShardRow, 'id'>, frames: number): void {
    const begin = this.#tensors.at(-1)?.end ?? 0;
    const bytes = frames * this.#options.width * Float32Array.BYTES_PER_ELEMENT;
    this.#tensors.push({ id, frames, end: begin + bytes });
  }

  header(): Uint8Array {
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
