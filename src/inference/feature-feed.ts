/** The frames of a recording, in blocks where the features allow it. */
import type { AudioReader } from '../audio/index.js';
import type { FeatureStream } from '../features/index.js';
import { frameGrid, wholeClipOption } from '../spec/index.js';
import type { FeatureMatrix } from '../types.js';
import type { Pipeline } from './pipeline.js';

/** Transform work in one block, `nFrames · nFft`: some 20 ms of scalar kernels, so one turn of the event loop is short. */
const BLOCK_WORK = 1 << 20;

/** Where hops are long, converting samples is the work: 4 MiB of floats. */
const BLOCK_SAMPLES = 1 << 20;

/** Samples to feed at a time. */
export function blockSamples({ plan }: Pick<Pipeline, 'plan'>): number {
  const { nFft, hopLength } = plan.config;
  return Math.min(BLOCK_SAMPLES, Math.max(1, Math.floor(BLOCK_WORK / nFft)) * hopLength);
}

/**
 * Gives frames block by block through the same stream that live sound takes, so both have the same bits. Features that
 * need the whole clip (`ref: 'max'`, `topDb`) come in one piece.
 */
export class FeatureFeed {
  readonly #pipeline: Pipeline;
  readonly #audio: AudioReader;
  readonly #stream: FeatureStream | null;
  readonly #blockSamples: number;
  #read = 0;
  #readMs = 0;
  #ended = false;

  /** @param audio one channel at the spec's rate */
  constructor(pipeline: Pipeline, audio: AudioReader) {
    const { plan } = pipeline;
    this.#pipeline = pipeline;
    this.#audio = audio;
    this.#stream = wholeClipOption(plan.config) === null ? plan.stream() : null;
    this.#blockSamples = blockSamples(pipeline);
  }

  get nSamplesRead(): number {
    return this.#read;
  }

  /** Milliseconds spent in reading so far. */
  get readMs(): number {
    return this.#readMs;
  }

  /** The next frames, perhaps none of them; null once the recording is through. */
  async next(): Promise<FeatureMatrix | null> {
    if (this.#ended) return null;
    return this.#stream === null ? this.#whole() : this.#block(this.#stream);
  }

  async #block(stream: FeatureStream): Promise<FeatureMatrix | null> {
    const samples = await this.#timed(() => this.#audio.read(this.#blockSamples));
    if (samples !== null) {
      this.#read += samples.length;
      return stream.push(samples);
    }
    this.#ended = true;
    return this.#tooShort() ? null : stream.flush();
  }

  async #whole(): Promise<FeatureMatrix | null> {
    this.#ended = true;
    const pcm = await this.#timed(() => this.#audio.readAll());
    this.#read = pcm.nSamples;
    return this.#tooShort() ? null : this.#pipeline.plan.process(pcm);
  }

  #tooShort(): boolean {
    return this.#read < samplesNeeded(this.#pipeline);
  }

  async #timed<T>(read: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await read();
    this.#readMs += performance.now() - started;
    return result;
  }
}

/** A shorter recording has no frame. Reflection at the edges needs more than half a frame to reflect. */
export function samplesNeeded({ plan }: Pick<Pipeline, 'plan'>): number {
  return frameGrid(plan.config).minSamples;
}
