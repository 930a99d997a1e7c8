import type { NativeAddon, NativeFeatureConfig, NativeFeaturePlan, NativePcm } from '../native/index.js';
import { type FeatureConfig, type StftConfig, wholeClipOption } from '../spec/index.js';
import { amplitudeDecibels } from './native-program.js';
import { extraSamples } from './signal-length.js';

/** Numbers of complex spectrum that are there at a time: 256 KiB, which a second-level cache holds. */
const BLOCK_NUMBERS = 1 << 16;

/** The plan of a config's frames. */
export function nativePlan(addon: NativeAddon, config: FeatureConfig, frames: NativeFeatureConfig): NativeFeaturePlan {
  const plan = new addon.FeaturePlan(frames);
  return config.kind === 'stft' && config.layout !== undefined ? new PackedPlan(addon, config, plan) : plan;
}

/** A plan of complex spectra whose frames come out packed, block by block. */
class PackedPlan implements NativeFeaturePlan {
  readonly width: number;
  readonly #addon: NativeAddon;
  readonly #config: StftConfig;
  readonly #spectra: NativeFeaturePlan;
  readonly #block: Float32Array;
  /** Those that depend on the whole clip come once all frames are there. */
  readonly #inDecibels: boolean;

  constructor(addon: NativeAddon, config: StftConfig, spectra: NativeFeaturePlan) {
    this.width = config.nFft;
    this.#addon = addon;
    this.#config = config;
    this.#spectra = spectra;
    this.#inDecibels = config.scale === 'db' && wholeClipOption(config) === null;
    this.#block = new Float32Array(Math.max(1, Math.floor(BLOCK_NUMBERS / spectra.width)) * spectra.width);
  }

  nFrames(nSamples: number): number {
    return this.#spectra.nFrames(Math.max(0, nSamples - extraSamples(this.#config)));
  }

  process(
    pcm: NativePcm,
    segmentStart: number,
    totalSamples: number,
    firstFrame: number,
    nFrames: number,
    out: Float32Array,
  ): void {
    const blockFrames = this.#block.length / this.#spectra.width;
    for (let done = 0; done < nFrames; done += blockFrames) {
      const count = Math.min(blockFrames, nFrames - done);
      const rows = this.#block.subarray(0, count * this.#spectra.width);
      this.#spectra.process(pcm, segmentStart, totalSamples, firstFrame + done, count, rows);
      const packed = out.subarray(done * this.width, (done + count) * this.width);
      this.#addon.packSpectra(rows, this.width, packed);
      if (this.#inDecibels) amplitudeDecibels(this.#addon, packed, this.#config);
    }
  }

  /** All samples are checked in the call for the first frames: some lie beyond the last. */
  processClip(pcm: NativePcm, firstFrame: number, nFrames: number, out: Float32Array): number {
    const wrong = firstFrame === 0 ? this.#addon.firstNonFinite(pcm) : -1;
    if (wrong < 0) this.process(pcm, 0, pcm.nSamples, firstFrame, nFrames, out);
    return wrong;
  }
}
