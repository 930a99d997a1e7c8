import { AudioFormatError } from '../errors.js';

/** Where a part of the buffer may stay unused: an eighth, else it is copied to its own length. */
const SPARE = 1 / 8;

/** Floats that arrive block by block, in one array in the end. */
export class FloatBuffer {
  #data: Float32Array;
  #length = 0;

  /** @param expected how many there will be; where more come, memory doubles */
  constructor(expected: number) {
    this.#data = allocate(expected);
  }

  get length(): number {
    return this.#length;
  }

  push(block: Float32Array): void {
    this.room(block.length).set(block);
    this.#length += block.length;
  }

  /** `n` floats behind the last one, to be written and then kept by `keep`. */
  room(n: number): Float32Array {
    const needed = this.#length + n;
    if (needed > this.#data.length) {
      const larger = allocate(Math.max(needed, 2 * this.#data.length));
      larger.set(this.#data.subarray(0, this.#length));
      this.#data = larger;
    }
    return this.#data.subarray(this.#length, needed);
  }

  keep(n: number): void {
    this.#length += n;
  }

  /** All of them. The buffer must not be used afterwards. */
  take(): Float32Array {
    const unused = this.#data.length - this.#length;
    return unused > this.#data.length * SPARE
      ? this.#data.slice(0, this.#length)
      : this.#data.subarray(0, this.#length);
  }
}

function allocate(length: number): Float32Array {
  try {
    return new Float32Array(length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AudioFormatError('ERR_AUDIO_READ', `promises ${length} values, more than memory holds`);
  }
}
