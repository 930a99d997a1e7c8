import { isReadableName } from '../files/index.js';
import { loadAddon, type NativeClipReader } from '../native/index.js';
import type { FileRange, PcmView } from '../types.js';

/**
 * Reads short recordings one after the other into the same memory, synchronously: for threads that do nothing else. What it
 * does not read (long ones, other sample rates, damage of any kind) is left to `openAudio`, which says what is wrong.
 */
export class ClipReader {
  /** Hz, of the recordings it reads. */
  readonly sampleRate: number;
  /** For what is computed natively. */
  readonly native: NativeClipReader;
  readonly #memory: ArrayBuffer;

  constructor(sampleRate: number) {
    const { ClipReader: Native } = loadAddon();
    this.sampleRate = sampleRate;
    this.#memory = new ArrayBuffer(Native.memoryBytes);
    this.native = new Native(sampleRate, this.#memory);
  }

  /**
   * @returns PCM that stays until the next recording is read, perhaps with NaN; `null` for what is left to others. What
   *   was read last is not read again.
   */
  read(input: string | FileRange): PcmView | null {
    if (!isReadableName(typeof input === 'string' ? input : input.path)) return null;
    const found = this.native.read(input);
    if (found === null) return null;
    const { byteOffset, byteLength, ...layout } = found;
    return { ...layout, sampleRate: this.sampleRate, bytes: new Uint8Array(this.#memory, byteOffset, byteLength) };
  }
}
