import type { NativeAddon, NativeFeatureConfig } from '../native/index.js';
import { type DecibelConfig, type FeatureConfig, frameWidth, stftBins, wholeClipOption } from '../spec/index.js';

/** Fields that the kind at hand does not read. */
const UNUSED = {
  scale: 'linear',
  firstBin: 0,
  endBin: 0,
  nMels: 1,
  fMin: 0,
  fMax: 0,
  melScale: 'slaney',
  melNorm: 'none',
  ref: 1,
  amin: 1e-10,
  logBase: 'db',
  nMfcc: 1,
  dctNorm: 'ortho',
  lifter: 0,
} as const;

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
  /** Decibels by the clip's own maximum, and the DCT of them. `null` where frames are final at once. */
  readonly finish: ((addon: NativeAddon, frames: Float32Array, out: Float32Array) => void) | null;
}

/** Splits a config into its per-frame part and its whole-clip part. */
export function nativeProgram(config: FeatureConfig): NativeProgram {
  const width = frameWidth(config);
  if (wholeClipOption(config) === null)
    return { frames: nativeConfig(config), frameWidth: width, width, inPlace: true, finish: null };
  switch (config.kind) {
    case 'stft':
    case 'logMel': {
      const isPacked = config.kind === 'stft' && config.layout !== undefined;
      return {
        frames: linear(config),
        frameWidth: width,
        width,
        inPlace: true,
        finish: (addon, frames) => (isPacked ? amplitudeDecibels : decibels)(addon, frames, config),
      };
    }
    case 'mfcc':
      return {
        frames: linear(config),
        frameWidth: config.nMels,
        width,
        inPlace: false,
        finish: (addon, frames, out) => {
          decibels(addon, frames, config);
          addon.dct(frames, config.nMels, out, config.nMfcc, config.dctNorm ?? 'none', config.lifter);
        },
      };
    case 'melSpectrogram':
      throw new TypeError('a mel spectrogram has no whole-clip part');
  }
}

/** The same frames before the logarithm. */
function linear(config: FeatureConfig): NativeFeatureConfig {
  const native = nativeConfig(config);
  return config.kind === 'stft' ? { ...native, scale: 'linear' } : { ...native, kind: 'melSpectrogram' };
}

/** Of the columns of a packed spectrum. */
export function amplitudeDecibels(addon: NativeAddon, frames: Float32Array, config: DecibelConfig): void {
  addon.amplitudeToDb(frames, config.ref === 'max' ? CLIP_MAXIMUM : config.ref, config.amin, config.topDb ?? NO_CLAMP);
}

function decibels(addon: NativeAddon, frames: Float32Array, config: FeatureConfig & DecibelConfig): void {
  const { ref, amin } = powerUnits(config);
  addon.powerToDb(frames, ref === 'max' ? CLIP_MAXIMUM : ref, amin, config.topDb ?? NO_CLAMP);
}

/** 20·log10(|X| / ref) is 10·log10(|X|² / ref²), so amplitudes go through the power path with squared levels. */
function powerUnits(config: FeatureConfig & DecibelConfig): { ref: number | 'max'; amin: number } {
  if (config.kind !== 'stft' || config.power !== 1) return { ref: config.ref, amin: config.amin };
  return { ref: config.ref === 'max' ? 'max' : config.ref ** 2, amin: config.amin ** 2 };
}

/** The flat form that the binding reads; a per-clip reference is left to `finish`. */
export function nativeConfig(config: FeatureConfig): NativeFeatureConfig {
  const { preset: _preset, ...frames } = config;
  switch (frames.kind) {
    case 'stft': {
      const bins = stftBins(frames);
      if (frames.layout !== undefined || frames.scale === 'linear')
        return { ...UNUSED, ...frames, ...bins, scale: 'linear', power: frames.power ?? 0, ref: 1 };
      const { ref, amin } = powerUnits({ ...frames, preset: config.preset });
      return { ...UNUSED, ...frames, ...bins, power: 2, ref: ref === 'max' ? 1 : ref, amin };
    }
    case 'melSpectrogram':
      return { ...UNUSED, ...frames, melNorm: frames.melNorm ?? 'none' };
    case 'logMel':
      return { ...UNUSED, ...frames, melNorm: frames.melNorm ?? 'none', ref: absolute(frames.ref) };
    case 'mfcc':
      return {
        ...UNUSED,
        ...frames,
        melNorm: frames.melNorm ?? 'none',
        ref: absolute(frames.ref),
        dctNorm: frames.dctNorm ?? 'none',
      };
  }
}

function absolute(ref: number | 'max'): number {
  return ref === 'max' ? 1 : ref;
}
