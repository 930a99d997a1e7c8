import { type NativeAddon, type NativeFeatureConfig, nativeConfig } from '../native/index.js';
import { type FeatureConfig, frameWidth, type LogConfig, wholeClipOption } from '../spec/index.js';

/** How the binding says "the largest value of the clip", and "no clamp". */
const CLIP_MAXIMUM = 0;
const NO_CLAMP = -1;

/** What runs natively frame by frame, and what follows once all frames of a clip are there. */
export interface NativeProgram {
  readonly frames: NativeFeatureConfig;
  /** Numbers per frame before and after `finish`. */
  readonly frameWidth: number;
  readonly width: number;
  /** Whether frames may be computed where the result goes. */
  readonly inPlace: boolean;
  /** What `finish` goes by. */
  readonly maximum: (addon: NativeAddon, frames: Float32Array) => number;
  /** What goes by the clip's own maximum, and the DCT of it. `null` where frames are final at once. */
  readonly finish: ((addon: NativeAddon, frames: Float32Array, out: Float32Array) => void) | null;
}

/** Splits a config into its per-frame part and its whole-clip part. */
export function nativeProgram(config: FeatureConfig): NativeProgram {
  const width = frameWidth(config);
  const frames = nativeConfig(config);
  const whole = wholeClipOption(config);
  if (whole === null) return { frames, frameWidth: width, width, inPlace: true, maximum, finish: null };
  if (whole === 'energyNormalise') {
    const { energyScale = 0, silenceFloorDb = 0 } = config.kind === 'stft' ? {} : config;
    const range = (silenceFloorDb * Math.LN10) / 10;
    const column = frames.energyLast ? width - 1 : 0;
    const finish = (addon: NativeAddon, x: Float32Array) => addon.normaliseEnergy(x, width, column, energyScale, range);
    const maximumOf = (addon: NativeAddon, x: Float32Array) => addon.maximum(x, width, column);
    return { frames, frameWidth: width, width, inPlace: true, maximum: maximumOf, finish };
  }
  if (config.kind === 'stft' && config.layout !== undefined) {
    const finish = (addon: NativeAddon, x: Float32Array) => amplitudeDecibels(addon, x, config);
    // Parts of complex numbers count by their magnitude.
    const maximumOf = (addon: NativeAddon, x: Float32Array) => addon.maxAbs(x);
    return { frames, frameWidth: width, width, inPlace: true, maximum: maximumOf, finish };
  }
  if (config.kind === 'melSpectrogram') throw new TypeError('a mel spectrogram has no maximum to go by');
  const level = levels(config, whole === 'ref');
  const before = whole === 'ref' ? linear(frames) : frames;
  if (config.kind !== 'mfcc') {
    return { frames: before, frameWidth: width, width, inPlace: true, maximum, finish: level };
  }
  const { nMels, nMfcc, dctNorm, lifter } = config;
  return {
    frames: { ...before, kind: whole === 'ref' ? 'melSpectrogram' : 'logMel' },
    frameWidth: nMels,
    width,
    inPlace: false,
    maximum,
    finish: (addon, x, out) => {
      level(addon, x);
      addon.dct(x, nMels, out, nMfcc, dctNorm ?? 'none', lifter);
    },
  };
}

function maximum(addon: NativeAddon, x: Float32Array): number {
  return addon.maximum(x, 1, 0);
}

/** The same frames before the logarithm. */
function linear(native: NativeFeatureConfig): NativeFeatureConfig {
  return native.kind === 'stft' ? { ...native, scale: 'linear' } : { ...native, kind: 'melSpectrogram' };
}

/** Of the columns of a packed spectrum. */
export function amplitudeDecibels(addon: NativeAddon, x: Float32Array, config: LogConfig): void {
  const { ref = 1, amin = 0, topDb = null } = config;
  addon.amplitudeToDb(x, ref === 'max' ? CLIP_MAXIMUM : ref, amin, topDb ?? NO_CLAMP);
}

/** Decibels against the clip's maximum, or what is left to do with logarithms: to clamp them. */
function levels(config: FeatureConfig & LogConfig, byMaximum: boolean) {
  const { topDb = null } = config;
  const native = nativeConfig(config);
  if (byMaximum) {
    return (addon: NativeAddon, x: Float32Array) => addon.powerToDb(x, CLIP_MAXIMUM, native.amin, topDb ?? NO_CLAMP);
  }
  // One decibel is a tenth of a power of ten.
  const perDecibel = native.logBase === 'db' ? 1 : 1 / 10;
  const range = (topDb ?? 0) * perDecibel * (native.logBase === 'db' ? 1 : native.logMultiplier);
  return (addon: NativeAddon, x: Float32Array) => addon.clampBelowMax(x, range);
}
