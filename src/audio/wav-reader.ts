import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { CochleaError } from '../errors.js';
import { isReadableName } from '../files/index.js';
import { loadAddon } from '../native/index.js';
import type { FileRange, PcmView } from '../types.js';

/** Files up to this size are read whole: two minutes of 16 kHz. */
const MOST_BYTES = 4 << 20;

const WHOLE = { byteOffset: 0, byteLength: null } as const;

/**
 * Reads short WAV files one after the other into the same memory, synchronously: for threads that do nothing else. What it
 * does not read (other formats, long files, damage of any kind) is left to `openAudio`, which says what is wrong.
 */
export class WavReader {
  #bytes = new Uint8Array(0);
  #last: { readonly input: string | FileRange; readonly pcm: PcmView } | null = null;

  /** @returns PCM that stays until the next file is read; `null` for a file of another kind */
  read(input: string | FileRange): PcmView | null {
    if (this.#last !== null && isSame(this.#last.input, input)) return this.#last.pcm;
    this.#last = null;
    const { path, byteOffset, byteLength } = typeof input === 'string' ? { path: input, ...WHOLE } : input;
    if (!isReadableName(path)) return null;
    try {
      const bytes = this.#load(path, byteOffset, byteLength);
      if (bytes === null) return null;
      const { dataOffset, dataBytes, ...layout } = loadAddon().parseWav(bytes);
      if (layout.nSamples === 0) return null;
      const pcm = { ...layout, bytes: bytes.subarray(dataOffset, dataOffset + dataBytes) };
      this.#last = { input, pcm };
      return pcm;
    } catch (error) {
      if (error instanceof CochleaError || (error instanceof Error && 'syscall' in error)) return null;
      throw error;
    }
  }

  #load(path: string, from: number, most: number | null): Uint8Array | null {
    // Without waiting: a pipe that nobody writes to would never open.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = fstatSync(file);
      const size = most ?? found.size - from;
      // A range that reaches over the end of its file is an error that others tell.
      if (!found.isFile() || size > MOST_BYTES || from + size > found.size) return null;
      if (this.#bytes.length < size) this.#bytes = new Uint8Array(2 * size);
      let length = 0;
      while (length < size) {
        const read = readSync(file, this.#bytes, length, size - length, from + length);
        if (read === 0) break;
        length += read;
      }
      return this.#bytes.subarray(0, length);
    } finally {
      closeSync(file);
    }
  }
}

function isSame(a: string | FileRange, b: string | FileRange): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a.path === b.path && a.byteOffset === b.byteOffset && a.byteLength === b.byteLength;
}
