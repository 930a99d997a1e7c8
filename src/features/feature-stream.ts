import { mustBe, ParameterError } from '../errors.js';
import type { NativeAddon, NativeFeaturePlan, NativePcm } from '../native/index.js';
import type { FeatureConfig } from '../spec/index.js';
import type { ChannelChoice, FeatureMatrix } from '../types.js';
import { featureMatrix } from './feature-matrix.js';
import { extraSamples } from './least-samples.js';
import { nativePcm, pcmOf, refuseNonFinite, type Signal } from './signal.js';

/** Samples per channel of a stream that has not ended, as the binding says it. */
const NOT_ENDED = -1;

/**
 * Features of a signal that arrives in chunks. Keeps only the samples that later frames still need, so memory is
 * bounded by one frame and one chunk.
 */
export class FeatureStream {
  readonly #config: FeatureConfig;
  readonly #plan: NativeFeaturePlan;
  readonly #addon: NativeAddon;
  readonly #blockFrames: number;
  readonly #channel: ChannelChoice;
  /** Samples `[#start, #received)` of the signal, mono. */
  #buffer = new Float32Array(0);
  #start = 0;
  #received = 0;
  #nextFrame = 0;
  #ended = false;

  /** @internal made by `FeaturePlan.stream()` */
  constructor(
    config: FeatureConfig,
    plan: NativeFeaturePlan,
    addon: NativeAddon,
    blockFrames: number,
    channel: ChannelChoice,
  ) {
    this.#config = config;
    this.#plan = plan;
    this.#addon = addon;
    this.#blockFrames = blockFrames;
    this.#channel = channel;
  }

  /** Samples received so far. */
  get nSamples(): number {
    return this.#received;
  }

  /**
   * Takes the next samples and returns the frames that became complete, often none.
   *
   * @param chunk mono samples at the config's rate, or a `Signal` that says its own rate and channels
   */
  push(chunk: Float32Array | Int16Array | Signal): FeatureMatrix {
    this.#refuseEnded();
    const { sampleRate } = this.#config;
    const bare = chunk instanceof Float32Array || chunk instanceof Int16Array;
    const pcm = nativePcm(pcmOf(bare ? { samples: chunk, sampleRate } : chunk, sampleRate), this.#channel);
    refuseNonFinite(this.#addon, pcm, this.#received);
    this.#append(pcm);
    const first = this.#nextFrame;
    while (this.#samplesNeeded(this.#nextFrame) <= this.#received) this.#nextFrame += 1;
    return this.#compute(first, NOT_ENDED);
  }

  /** Ends the signal and returns its last frames, which reach past its end. */
  flush(): FeatureMatrix {
    this.#refuseEnded();
    this.#ended = true;
    const first = this.#nextFrame;
    const { center, padMode } = this.#config;
    if (center && padMode === 'reflect' && this.#received > 0 && this.#received <= this.#pad()) {
      const expected = `at least ${this.#pad() + 1} samples long`;
      throw new ParameterError('ERR_TOO_SHORT', mustBe('samples', expected, this.#received));
    }
    if (this.#received > 0) this.#nextFrame = Math.max(first, this.#plan.nFrames(this.#received));
    return this.#compute(first, this.#received);
  }

  #refuseEnded(): void {
    if (this.#ended) throw new ParameterError('ERR_OPTION', mustBe('stream', 'open', 'one that was flushed'));
  }

  #pad(): number {
    return this.#config.center ? Math.floor(this.#config.nFft / 2) : 0;
  }

  #frameStart(frame: number): number {
    return frame * this.#config.hopLength - this.#pad();
  }

  /** How long the signal must be before a frame can be computed: its own end, or what its left edge reflects. */
  #samplesNeeded(frame: number): number {
    const start = this.#frameStart(frame);
    const mirrored = this.#config.padMode === 'reflect' && start < 0 ? 1 - start : 0;
    return Math.max(start + this.#config.nFft + extraSamples(this.#config), mirrored);
  }

  #append(pcm: NativePcm): void {
    const kept = this.#received - this.#start;
    if (kept + pcm.nSamples > this.#buffer.length) {
      const larger = new Float32Array(kept + pcm.nSamples);
      larger.set(this.#buffer.subarray(0, kept));
      this.#buffer = larger;
    }
    this.#addon.pcmToFloat(pcm, 0, pcm.nSamples, this.#buffer.subarray(kept, kept + pcm.nSamples));
    this.#received += pcm.nSamples;
  }

  #compute(first: number, totalSamples: number): FeatureMatrix {
    const count = this.#nextFrame - first;
    const { width } = this.#plan;
    const data = new Float32Array(count * width);
    const pcm = nativePcm(pcmOf(this.#segment(), this.#config.sampleRate), 0);
    for (let done = 0; done < count; done += this.#blockFrames) {
      const block = Math.min(this.#blockFrames, count - done);
      const out = data.subarray(done * width, (done + block) * width);
      this.#plan.process(pcm, this.#start, totalSamples, first + done, block, out);
    }
    this.#forget();
    return featureMatrix(data, this.#config, { nFrames: count, firstFrame: first });
  }

  #segment(): Signal {
    const samples = this.#buffer.subarray(0, this.#received - this.#start);
    return { samples, sampleRate: this.#config.sampleRate };
  }

  /** Drops samples before the next frame; a reflected end may still reach one frame back. */
  #forget(): void {
    const { center, padMode, nFft } = this.#config;
    const oldest = center && padMode === 'reflect' ? this.#received - nFft - 1 : this.#received;
    const keepFrom = Math.max(this.#start, Math.min(this.#frameStart(this.#nextFrame), oldest));
    if (keepFrom === this.#start) return;
    this.#buffer.copyWithin(0, keepFrom - this.#start, this.#received - this.#start);
    this.#start = keepFrom;
  }
}
