import { closeSync, mkdtempSync, openSync, read, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ParameterError } from '../errors.js';

const readAt = promisify(read);
const unused = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor));

/**
 * Floats in a temporary file without a name: its space is free again when the last who can read it is gone, however the
 * process ends.
 */
export class SpillFile {
  /** Numbers written so far. */
  length = 0;
  readonly #folder = tmpdir();
  readonly #descriptor: number;

  /** @throws ParameterError `ERR_WRITE` where there is no place for temporary files */
  constructor() {
    this.#descriptor = this.#writing(() => openUnnamed(this.#folder));
    unused.register(this, this.#descriptor);
  }

  /** @throws ParameterError `ERR_WRITE` where the folder for temporary files is full */
  write(values: Float32Array, at = this.length): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#writing(() => {
      for (let done = 0; done < bytes.length; ) {
        const place = at * Float32Array.BYTES_PER_ELEMENT + done;
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, place);
      }
    });
    this.length = Math.max(this.length, at + values.length);
  }

  async read(first: number, length: number): Promise<Float32Array> {
    const values = new Float32Array(length);
    const bytes = new Uint8Array(values.buffer);
    for (let done = 0; done < bytes.length; ) {
      const place = first * Float32Array.BYTES_PER_ELEMENT + done;
      const { bytesRead } = await readAt(this.#descriptor, bytes, done, bytes.length - done, place);
      if (bytesRead === 0) throw new RangeError(`${this.length} floats in a temporary file, not ${first + length}`);
      done += bytesRead;
    }
    return values;
  }

  #writing<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `${this.#folder}: numbers of a table cannot be written: ${reason}`;
      throw new ParameterError('ERR_WRITE', message, { path: this.#folder });
    }
  }
}

function openUnnamed(parent: string): number {
  const folder = mkdtempSync(join(parent, 'cochlea-table-'));
  try {
    return openSync(join(folder, 'values'), 'wx+');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
