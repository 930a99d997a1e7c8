/** The frames of a recording, in blocks where the features allow it. */
import type { FeatureStream } from '../features/index.js';
import { wholeClipOption } from '../spec/index.js';
import type { FeatureMatrix } from '../types.js';
import type { MonoReader } from './mono.js';
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
  readonly #audio: MonoReader;
  readonly #stream: FeatureStream | null;
  readonly #blockSamples: number;
  #read = 0;
  #ended = false;

  constructor(pipeline: Pipeline, audio: MonoReader) {
    const { plan } = pipeline;
    this.#pipeline = pipeline;
    this.#audio = audio;
    this.#stream = wholeClipOption(plan.config) === null ? plan.stream() : null;
    this.#blockSamples = blockSamples(pipeline);
  }

  get nSamplesRead(): number {
    return this.#read;
  }

  /** The next frames, perhaps none of them; null once the recording is through. */
  next(): FeatureMatrix | null {
    if (this.#ended) return null;
    if (this.#audio.nSamples < samplesNeeded(this.#pipeline)) {
      this.#ended = true;
      return null;
    }
    return this.#stream === null ? this.#whole() : this.#block(this.#stream);
  }

  #block(stream: FeatureStream): FeatureMatrix {
    if (this.#read === this.#audio.nSamples) {
      this.#ended = true;
      return stream.flush();
    }
    const n = Math.min(this.#blockSamples, this.#audio.nSamples - this.#read);
    const samples = this.#audio.read(this.#read, n);
    this.#read += n;
    return stream.push(samples);
  }

  #whole(): FeatureMatrix {
    this.#ended = true;
    const { plan, spec } = this.#pipeline;
    const samples = this.#audio.read(0, this.#audio.nSamples);
    this.#read = samples.length;
    return plan.process({ samples, sampleRate: spec.audio.sampleRate });
  }
}

/** A shorter recording has no frame. Reflection at the edges needs more than half a frame to reflect. */
export function samplesNeeded({ plan }: Pick<Pipeline, 'plan'>): number {
  const { nFft, center, padMode } = plan.config;
  if (!center) return nFft;
  return padMode === 'reflect' ? Math.floor(nFft / 2) + 1 : 1;
}
