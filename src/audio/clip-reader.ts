import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { CochleaError } from '../errors.js';
import { isReadableName } from '../files/index.js';
import { loadAddon } from '../native/index.js';
import type { FileRange, PcmView } from '../types.js';
import { isWav } from './source.js';

/** Files up to this size are read whole: two minutes of 16 kHz as WAV. */
const MOST_BYTES = 4 << 20;
/** Values that a recording of another format may have: a minute of 16 kHz, some 30 ms of decoding. */
const MOST_VALUES = 1 << 20;

const WHOLE = { byteOffset: 0, byteLength: null } as const;

/**
 * Reads short recordings one after the other into the same memory, synchronously: for threads that do nothing else. What it
 * does not read (long ones, other sample rates, damage of any kind) is left to `openAudio`, which says what is wrong.
 */
export class ClipReader {
  readonly #sampleRate: number;
  #bytes = new Uint8Array(0);
  /** Of formats that are decoded; there with the first. */
  #values: Float32Array | null = null;
  #last: { readonly input: string | FileRange; readonly pcm: PcmView } | null = null;

  /** @param sampleRate of the recordings it reads, in Hz */
  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate;
  }

  /** @returns PCM that stays until the next recording is read, perhaps with NaN; `null` for what is left to others */
  read(input: string | FileRange): PcmView | null {
    if (this.#last !== null && isSame(this.#last.input, input)) return this.#last.pcm;
    this.#last = null;
    const { path, byteOffset, byteLength } = typeof input === 'string' ? { path: input, ...WHOLE } : input;
    if (!isReadableName(path)) return null;
    try {
      const bytes = this.#load(path, byteOffset, byteLength);
      if (bytes === null) return null;
      const pcm = isWav(bytes) ? this.#stored(bytes) : this.#decoded(bytes);
      if (pcm === null || pcm.nSamples === 0) return null;
      this.#last = { input, pcm };
      return pcm;
    } catch (error) {
      if (error instanceof CochleaError || (error instanceof Error && 'syscall' in error)) return null;
      throw error;
    }
  }

  #stored(bytes: Uint8Array): PcmView | null {
    const { dataOffset, dataBytes, ...layout } = loadAddon().parseWav(bytes);
    if (layout.sampleRate !== this.#sampleRate) return null;
    return { ...layout, bytes: bytes.subarray(dataOffset, dataOffset + dataBytes) };
  }

  #decoded(bytes: Uint8Array): PcmView | null {
    const decoder = new (loadAddon().Decoder)(bytes);
    try {
      const { channels, sampleRate, expectedSamples } = decoder.info();
      const room = Math.floor(MOST_VALUES / channels);
      if (sampleRate !== this.#sampleRate || expectedSamples >= room) return null;
      this.#values ??= new Float32Array(MOST_VALUES);
      const nSamples = decoder.read(this.#values.subarray(0, room * channels));
      // Where the count was a guess, there may be more of it.
      if (nSamples === room) return null;
      const { buffer } = this.#values;
      const values = new Uint8Array(buffer, 0, nSamples * channels * Float32Array.BYTES_PER_ELEMENT);
      return { bytes: values, format: 'f32', channels, sampleRate, nSamples };
    } finally {
      decoder.close();
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
