/** The addon's functions on finished features and on bare signals (`native/binding/helper_binding.cc`). */
import type { NativePcm } from './addon.js';

export interface NativeDeltaConfig {
  /** Frames on each side. */
  readonly halfWidth: number;
  readonly deltaOrder: number;
  readonly deltaMode: 'interp' | 'nearest' | 'mirror' | 'constant' | 'wrap';
  /** How a higher order is made; see `native/include/cochlea/deltas.h`. */
  readonly method: 'fit' | 'kernel' | 'repeat';
  readonly append: boolean;
}

export interface NativeSlidingCmvn {
  readonly cmnWindow: number;
  readonly minCmnWindow: number;
  readonly center: boolean;
  readonly normVars: boolean;
}

/** Frame t covers `winLength` samples from `t * hopLength`, or with `center` from `t * hopLength - winLength / 2`. */
export interface NativeFrameGrid {
  readonly winLength: number;
  readonly hopLength: number;
  readonly center: boolean;
}

interface NativeWindow {
  readonly window: 'hann' | 'hamming' | 'blackman' | 'bartlett' | 'rectangular' | 'povey';
  readonly windowSymmetry: 'periodic' | 'symmetric';
}

export interface NativeTone extends NativeWindow {
  /** The frequency over the sample rate. */
  readonly turns: number;
  readonly power: 1 | 2;
}

export interface NativeIstftConfig extends NativeWindow {
  readonly nFft: number;
  readonly winLength: number;
  readonly hopLength: number;
  readonly center: boolean;
}

export interface NativeHelpers {
  /** `[frame, width]` → `[frame, width]`, or with `append` `[frame, (deltaOrder + 1) * width]`. */
  deltas(x: Float32Array, width: number, config: NativeDeltaConfig, out: Float32Array): void;
  /** In place. */
  cmvn(x: Float32Array, width: number, normVars: boolean): void;
  slidingCmvn(x: Float32Array, width: number, config: NativeSlidingCmvn, out: Float32Array): void;

  /** Frames of a signal of `nSamples`, 0 where it is too short. */
  frameCount(grid: NativeFrameGrid, nSamples: number): number;
  /** `[nFrames, winLength]` times `scale`, zeros outside the signal. */
  frames(grid: NativeFrameGrid, pcm: NativePcm, nFrames: number, scale: number, out: Float32Array): void;
  rms(grid: NativeFrameGrid, pcm: NativePcm, out: Float32Array): void;
  /** Magnitudes up to `threshold` count as positive zeros. */
  zeroCrossingRate(grid: NativeFrameGrid, pcm: NativePcm, threshold: number, out: Float32Array): void;
  goertzel(grid: NativeFrameGrid, pcm: NativePcm, tone: NativeTone, out: Float32Array): void;
  preemphasis(
    pcm: NativePcm,
    coefficient: number,
    start: 'repeat' | 'zero' | 'extrapolate',
    scale: number,
    out: Float32Array,
  ): void;

  /**
   * One number per row of `[row, nBins]` magnitudes (`flatness`: powers); centroid and roll-off in Hz, flux from the
   * second row on.
   */
  describeSpectra(
    rows: Float32Array,
    nBins: number,
    shape: 'centroid' | 'rolloff' | 'flatness' | 'flux',
    parameter: number,
    hzPerBin: number,
    out: Float32Array,
  ): void;
  /** 20·log10(max(|x|, amin) / ref) in place; `ref` ≤ 0 means the largest magnitude; `topDb` < 0 means no clamp. */
  amplitudeToDb(x: Float32Array, ref: number, amin: number, topDb: number): void;
  /** Complex `[row, 1 + nFft/2, 2]` → packed `[row, nFft]`, as `scipy.fftpack.rfft`. */
  packSpectra(rows: Float32Array, nFft: number, out: Float32Array): void;
  /** `[pair, 2, width]` → `[pair, width]`: first minus second. */
  pairDifferences(rows: Float32Array, width: number, out: Float32Array): void;
  /** Complex `[frame, 1 + nFft/2, 2]` → samples, as many as `out` takes. */
  istft(spectra: Float32Array, config: NativeIstftConfig, out: Float32Array): void;
}
