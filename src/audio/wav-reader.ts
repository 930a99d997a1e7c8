import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { CochleaError } from '../errors.js';
import { isReadableName } from '../files/index.js';
import { loadAddon } from '../native/index.js';
import type { PcmView } from '../types.js';

/** Files up to this size are read whole: two minutes of 16 kHz. */
const MOST_BYTES = 4 << 20;

/**
 * Reads short WAV files one after the other into the same memory, synchronously: for threads that do nothing else. What it
 * does not read (other formats, long files, damage of any kind) is left to `openAudio`, which says what is wrong.
 */
export class WavReader {
  #bytes = new Uint8Array(0);
  #last: { readonly path: string; readonly pcm: PcmView } | null = null;

  /** @returns PCM that stays until the next file is read; `null` for a file of another kind */
  read(path: string): PcmView | null {
    if (this.#last?.path === path) return this.#last.pcm;
    this.#last = null;
    if (!isReadableName(path)) return null;
    try {
      const bytes = this.#load(path);
      if (bytes === null) return null;
      const { dataOffset, dataBytes, ...layout } = loadAddon().parseWav(bytes);
      if (layout.nSamples === 0) return null;
      const pcm = { ...layout, bytes: bytes.subarray(dataOffset, dataOffset + dataBytes) };
      this.#last = { path, pcm };
      return pcm;
    } catch (error) {
      if (error instanceof CochleaError || (error instanceof Error && 'syscall' in error)) return null;
      throw error;
    }
  }

  #load(path: string): Uint8Array | null {
    // Without waiting: a pipe that nobody writes to would never open.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = fstatSync(file);
      if (!found.isFile() || found.size > MOST_BYTES) return null;
      if (this.#bytes.length < found.size) this.#bytes = new Uint8Array(2 * found.size);
      let length = 0;
      while (length < found.size) {
        const read = readSync(file, this.#bytes, length, found.size - length, length);
        if (read === 0) break;
        length += read;
      }
      return this.#bytes.subarray(0, length);
    } finally {
      closeSync(file);
    }
  }
}
