/** Enough for several short recordings: 1 MiB. */
const LEAST_NUMBERS = 1 << 18;

/** Memory for recordings until they are written, used again for the next ones. */
export class FrameRoom {
  #buffer = new Float32Array(0);
  /** Where the next recording lies. */
  #reserved = this.#buffer;

  /** For `numbers` or more; as long as the longest recording so far. */
  reserve(numbers: number): Float32Array {
    const least = Math.max(LEAST_NUMBERS, numbers);
    if (this.#buffer.length < least) this.#buffer = new Float32Array(least);
    this.#reserved = this.#buffer;
    return this.#buffer;
  }

  /** The next `numbers` of what was reserved. */
  take(numbers: number): Float32Array {
    const taken = this.#reserved.subarray(0, numbers);
    this.#reserved = this.#reserved.subarray(numbers);
    return taken;
  }
}
