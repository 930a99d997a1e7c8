import type { SinkOptions } from './shard-sink.js';
import type { Layout } from './spooled-sink.js';

/** NumPy's format, version 1.0 (numpy.lib.format): magic, length of the header, header, values. */
const MAGIC = '\u0093NUMPY\u0001\u0000';
const ALIGNMENT = 64;
const LENGTH_BYTES = 2;

/**
 * Frames of all recordings of a shard, one behind the other, as one array `[frame, …]` of float32 that NumPy maps into
 * memory; the row index says which are whose.
 */
export class NpyLayout implements Layout {
  readonly extension = '.npy';
  readonly #frameShape: readonly number[];
  #frames = 0;

  constructor({ frameShape }: SinkOptions) {
    this.#frameShape = frameShape;
  }

  refusal(): null {
    return null;
  }

  add(_row: unknown, frames: number): void {
    this.#frames += frames;
  }

  header(): Uint8Array {
    const shape = [this.#frames, ...this.#frameShape];
    const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
    const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
    const before = MAGIC.length + LENGTH_BYTES;
    const length = Math.ceil((before + text.length + 1) / ALIGNMENT) * ALIGNMENT - before;
    const header = Buffer.alloc(before + length, ' ');
    header.write(MAGIC, 0, 'latin1');
    header.writeUInt16LE(length, MAGIC.length);
    header.write(`${text.padEnd(length - 1)}\n`, before, 'latin1');
    return header;
  }
}
