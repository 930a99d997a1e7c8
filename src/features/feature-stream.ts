import { mustBe, ParameterError } from '../errors.js';
import type { NativeAddon, NativeFeaturePlan, NativePcm } from '../native/index.js';
import { type FeatureConfig, type FrameGrid, frameGrid, frameStart } from '../spec/index.js';
import type { ChannelChoice, FeatureMatrix } from '../types.js';
import { featureMatrix } from './feature-matrix.js';
import { nativePcm, pcmOf, refuseNonFinite, type Signal } from './signal.js';
import { extraSamples } from './signal-length.js';

/** Samples per channel of a stream that has not ended, as the binding says it. */
const NOT_ENDED = -1;

/**
 * Features of a signal that arrives in chunks. Keeps only the samples that later frames still need, so memory is
 * bounded by one frame and one chunk.
 */
export class FeatureStream {
  readonly #config: FeatureConfig;
  readonly #grid: FrameGrid;
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
    this.#grid = frameGrid(config);
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
    // Without mirrored ends a short signal has no frame, which says it as well.
    const { minSamples } = this.#grid;
    if (this.#mirrors() && this.#received > 0 && this.#received < minSamples) {
      const expected = `at least ${minSamples} samples long`;
      throw new ParameterError('ERR_TOO_SHORT', mustBe('samples', expected, this.#received));
    }
    if (this.#received > 0) this.#nextFrame = Math.max(first, this.#plan.nFrames(this.#received));
    return this.#compute(first, this.#received);
  }

  #refuseEnded(): void {
    if (this.#ended) throw new ParameterError('ERR_OPTION', mustBe('stream', 'open', 'one that was flushed'));
  }

  /** Whether frames may reach past an end of the signal that is mirrored there. */
  #mirrors(): boolean {
    const { center, padMode, snipEdges } = this.#config;
    return padMode !== 'constant' && (center || snipEdges === false);
  }

  #frameStart(frame: number): number {
    return frameStart(this.#grid, this.#config.hopLength, frame);
  }

  /**
   * How long the signal must be before a frame can be computed: its own end, or what its left edge reflects. One that
   * would not count as the signal's last needs the next hop too.
   */
  #samplesNeeded(frame: number): number {
    const { length, dropLast, fixedLength } = this.#grid;
    const start = this.#frameStart(frame);
    const edge = this.#config.padMode === 'reflect' ? 1 : 0;
    const mirrored = this.#mirrors() && start < 0 ? edge - start : 0;
    const needed = Math.max(
      start + length + extraSamples(this.#config),
      mirrored,
      dropLast * (frame + 1) * this.#config.hopLength,
    );
    // What is cut off never comes, so frames that reach there wait for the end.
    return fixedLength > 0 && needed > fixedLength ? Number.POSITIVE_INFINITY : needed;
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
    const { length, history, fixedLength } = this.#grid;
    const end = fixedLength > 0 ? Math.min(fixedLength, this.#received) : this.#received;
    const oldest = this.#mirrors() ? end - length - 1 : this.#received;
    const keepFrom = Math.max(this.#start, Math.min(this.#frameStart(this.#nextFrame) - history, oldest));
    if (keepFrom === this.#start) return;
    this.#buffer.copyWithin(0, keepFrom - this.#start, this.#received - this.#start);
    this.#start = keepFrom;
  }
}
