import type { FileHandle } from 'node:fs/promises';
import { AudioFormatError } from '../errors.js';
import type { WavLayout } from '../native/index.js';
import type { PcmView } from '../types.js';
import { throwIfAborted } from './abort.js';
import type { Source } from './source.js';

/** What one read of the system moves at most: 16 MiB. */
const READ_BYTES = 1 << 24;

/** A WAV file, or one inside another, of which only the stretches asked for are read. */
export class WavFileSource implements Source {
  readonly channels: number;
  readonly sampleRate: number;
  readonly nSamples: number;
  readonly expectedSamples: number;
  readonly #file: FileHandle;
  readonly #layout: WavLayout;
  readonly #start: number;
  readonly #signal: AbortSignal | undefined;
  #position = 0;

  /**
   * @param file closed by `close`
   * @param start where in it the recording begins
   */
  constructor(file: FileHandle, layout: WavLayout, start: number, signal: AbortSignal | undefined) {
    this.channels = layout.channels;
    this.sampleRate = layout.sampleRate;
    this.nSamples = layout.nSamples;
    this.expectedSamples = layout.nSamples;
    this.#file = file;
    this.#layout = layout;
    this.#start = start;
    this.#signal = signal;
  }

  async next(n: number): Promise<PcmView | null> {
    const first = this.#position;
    const nSamples = await this.skip(n);
    if (nSamples === 0) return null;
    const { format, channels, sampleRate, dataOffset, dataBytes } = this.#layout;
    const step = dataBytes / this.nSamples;
    const bytes = allocate(nSamples * step);
    await this.#fill(bytes, this.#start + dataOffset + first * step);
    return { bytes, format, channels, sampleRate, nSamples };
  }

  async skip(n: number): Promise<number> {
    const there = Math.min(n, this.nSamples - this.#position);
    this.#position += there;
    return there;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #fill(bytes: Uint8Array, from: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      throwIfAborted(this.#signal, 'reading');
      const bytesRead = await this.#read(bytes, done, from + done);
      if (bytesRead === 0) {
        throw new AudioFormatError('ERR_AUDIO_READ', 'became shorter while it was read', { byteOffset: from + done });
      }
      done += bytesRead;
    }
  }

  /** Some of what is left of `bytes`. A disk that breaks in the middle of a recording is this recording's fault alone. */
  async #read(bytes: Uint8Array, done: number, byteOffset: number): Promise<number> {
    try {
      return (await this.#file.read(bytes, done, Math.min(READ_BYTES, bytes.length - done), byteOffset)).bytesRead;
    } catch (error) {
      if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) throw error;
      throw new AudioFormatError('ERR_AUDIO_READ', error.message, { byteOffset, system: String(error.code) });
    }
  }
}

/** Own memory, never the shared pool, so that it can be transferred. */
function allocate(length: number): Uint8Array {
  try {
    return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AudioFormatError('ERR_AUDIO_READ', `holds ${length} bytes of samples, more than memory takes`);
  }
}
