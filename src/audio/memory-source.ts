import type { PcmView } from '../types.js';
import { slicePcm } from './pcm.js';
import type { Source } from './source.js';

/** PCM in memory; what it gives are views over the same bytes. */
export class MemorySource implements Source {
  readonly channels: number;
  readonly sampleRate: number;
  readonly nSamples: number;
  readonly expectedSamples: number;
  readonly #pcm: PcmView;
  #position = 0;

  constructor(pcm: PcmView) {
    this.channels = pcm.channels;
    this.sampleRate = pcm.sampleRate;
    this.nSamples = pcm.nSamples;
    this.expectedSamples = pcm.nSamples;
    this.#pcm = pcm;
  }

  async next(n: number): Promise<PcmView | null> {
    const first = this.#position;
    const there = await this.skip(n);
    if (there === 0) return null;
    return there === this.nSamples ? this.#pcm : slicePcm(this.#pcm, first, there);
  }

  async skip(n: number): Promise<number> {
    const there = Math.min(n, this.nSamples - this.#position);
    this.#position += there;
    return there;
  }

  async close(): Promise<void> {
    this.#position = this.nSamples;
  }
}
