import { loadAddon, type NativeAudioSource, type NativeDecoder } from '../native/index.js';
import type { PcmView } from '../types.js';
import { nextTurn } from './abort.js';
import { FloatBuffer } from './float-buffer.js';
import { pcmView } from './pcm.js';
import type { Source } from './source.js';

/** Values decoded in one native call: 1 to 3 ms of FLAC, MP3 and Vorbis. */
const DECODE_VALUES = 1 << 17;

/** A recording that libsndfile decodes, as interleaved floats. */
export class DecodedSource implements Source {
  readonly channels: number;
  readonly sampleRate: number;
  readonly nSamples: number | null;
  readonly expectedSamples: number;
  readonly #decoder: NativeDecoder;
  readonly #signal: AbortSignal | undefined;

  constructor(file: NativeAudioSource, signal: AbortSignal | undefined) {
    this.#decoder = new (loadAddon().Decoder)(file);
    const { channels, sampleRate, nSamples, expectedSamples } = this.#decoder.info();
    this.channels = channels;
    this.sampleRate = sampleRate;
    this.nSamples = nSamples;
    this.expectedSamples = expectedSamples;
    this.#signal = signal;
  }

  async next(n: number): Promise<PcmView | null> {
    const { channels, sampleRate } = this;
    const block = Math.max(1, Math.floor(DECODE_VALUES / channels));
    // A block more than expected, because a guess that is right ends in a block that finds nothing.
    const buffer = new FloatBuffer(Math.min(n, this.expectedSamples + block) * channels);
    for (;;) {
      const asked = Math.min(block, n - buffer.length / channels);
      const got = this.#decoder.read(buffer.room(asked * channels));
      buffer.keep(got * channels);
      if (got < asked || buffer.length === n * channels) break;
      await nextTurn(this.#signal, 'reading');
    }
    return buffer.length === 0 ? null : pcmView({ samples: buffer.take(), sampleRate, channels });
  }

  async skip(n: number): Promise<number> {
    let done = 0;
    while (done < n) {
      const passed = this.#decoder.skip(n - done);
      if (passed === 0) break;
      done += passed;
      if (done < n) await nextTurn(this.#signal, 'reading');
    }
    return done;
  }

  async close(): Promise<void> {
    this.#decoder.close();
  }
}
