/** The TypeScript shape of the compiled addon (`native/binding`). Nothing outside `src/native` and its callers knows it. */
import type { SampleFormat } from '../types.js';

/** What `parseWav` finds: a description of the PCM bytes inside `bytes`, no copy. */
export interface WavLayout {
  readonly format: SampleFormat;
  readonly channels: number;
  readonly sampleRate: number;
  readonly nSamples: number;
  readonly dataOffset: number;
  readonly dataBytes: number;
}

/** PCM as the binding takes it. `channel` −1 is the mean of all channels. */
export interface NativePcm {
  readonly bytes: Uint8Array;
  readonly format: SampleFormat;
  readonly channels: number;
  readonly channel: number;
  /** Samples per channel present in `bytes`. */
  readonly nSamples: number;
}

/** Every field present and checked; made by `src/features/config.ts` alone. */
export interface NativeFeatureConfig {
  readonly kind: 'stft' | 'melSpectrogram' | 'logMel' | 'mfcc';
  readonly sampleRate: number;
  readonly nFft: number;
  readonly winLength: number;
  readonly hopLength: number;
  readonly window: 'hann' | 'hamming' | 'blackman' | 'bartlett' | 'rectangular' | 'povey';
  readonly windowSymmetry: 'periodic' | 'symmetric';
  readonly center: boolean;
  readonly padMode: 'constant' | 'reflect';
  /** 0 keeps the complex spectrum (stft only, interleaved re, im), else the exponent of the magnitude. */
  readonly power: 0 | 1 | 2;
  /** stft only. `db`: of a power as `powerToDb`; of a magnitude with `amin` and `ref` squared (`amplitude_to_db`). */
  readonly scale: 'linear' | 'db';
  /** stft: bins kept, half-open; mel kinds ignore it. */
  readonly firstBin: number;
  readonly endBin: number;
  readonly nMels: number;
  readonly fMin: number;
  readonly fMax: number;
  readonly melScale: 'slaney' | 'htk';
  readonly melNorm: 'slaney' | 'none';
  /** Absolute reference; a per-clip reference goes through `powerToDb` afterwards. */
  readonly ref: number;
  readonly amin: number;
  /** `db`: 10·log10; `ln`: natural logarithm. */
  readonly logBase: 'db' | 'ln';
  readonly nMfcc: number;
  readonly dctNorm: 'ortho' | 'none';
  readonly lifter: number;
}

/** An immutable plan: tables are built once; scratch belongs to the call. */
export interface NativeFeaturePlan {
  /** Floats written per frame. */
  readonly width: number;
  /** Frames of a signal of `nSamples`, 0 where it is too short. */
  nFrames(nSamples: number): number;
  /**
   * Computes frames `[firstFrame, firstFrame + nFrames)` into `out[0 … nFrames * width)`.
   * `pcm` holds samples `[segmentStart, segmentStart + pcm.nSamples)` of a signal of `totalSamples`
   * (−1 while a stream has not ended; then no frame may reach past the segment).
   * Samples outside the signal follow `padMode`; with `reflect` they must lie inside the segment.
   */
  process(
    pcm: NativePcm,
    segmentStart: number,
    totalSamples: number,
    firstFrame: number,
    nFrames: number,
    out: Float32Array,
  ): void;
}

export interface WindowGather {
  /** Source rows `[nRows, rowWidth]`. */
  readonly source: Float32Array;
  readonly rowWidth: number;
  /** Rows per window. */
  readonly size: number;
  /** First row of each window to gather; rows at or past the end of `source` are filled with `padValue`. */
  readonly starts: Int32Array;
  readonly padValue: number;
  /** `(x − mean) · scale` per column; empty arrays leave values alone. Padding is not normalised. */
  readonly mean: Float32Array;
  readonly scale: Float32Array;
}

/** What libsndfile says of a recording. */
export interface CodecInfo {
  readonly container: string;
  readonly encoding: string;
  readonly channels: number;
  readonly sampleRate: number;
  /** Per channel; as the container says, which may be more than there is. */
  readonly nSamples: number;
}

export interface NativeAddon {
  readonly version: string;
  /** Changes when any bit of any CPU feature changes. */
  readonly numericVersion: number;
  readonly libraries: Readonly<Record<string, string>>;
  kernels(): { readonly selected: string; readonly available: readonly string[] };

  parseWav(bytes: Uint8Array): WavLayout;
  /** PCM of any format → float32 in [-1, 1), one channel (or the mean), `nSamples` from `first`. */
  pcmToFloat(pcm: NativePcm, first: number, nSamples: number, out: Float32Array): void;
  /** Index of the first sample that is NaN or infinite in any channel, or −1. Integers are always finite. */
  firstNonFinite(pcm: NativePcm): number;

  readonly FeaturePlan: new (config: NativeFeatureConfig) => NativeFeaturePlan;
  /** 10·log10(max(x, amin) / ref) in place; `ref` ≤ 0 means the maximum of `x`; `topDb` < 0 means no clamp. */
  powerToDb(x: Float32Array, ref: number, amin: number, topDb: number): void;
  /**
   * DCT-II of each row: `[nRows, nIn]` → `[nRows, nOut]`. With `lifter` > 0 coefficient c is multiplied by
   * `1 + lifter / 2 · sin(π (c + 1) / lifter)`, as librosa does.
   */
  dct(x: Float32Array, nIn: number, out: Float32Array, nOut: number, norm: 'ortho' | 'none', lifter: number): void;
  /** The tables, for tests, plots and the ONNX front-end: `[nMels, 1 + nFft/2]` row-major; window of `winLength`. */
  melFilterbank(config: NativeFeatureConfig): Float32Array;
  window(config: NativeFeatureConfig): Float32Array;
  /** Real FFT of `x` (length 2^a·3^b·5^c) → interleaved re, im of `1 + n/2` bins. */
  rfft(x: Float32Array, out: Float32Array): void;

  gatherWindows(request: WindowGather, out: Float32Array): void;

  /** Whole-file decode through libsndfile: path or bytes. Throws `ERR_AUDIO_*`. */
  codecInfo(source: string | Uint8Array): CodecInfo;
  /** Interleaved float32 `[nSamples * channels]` from `first`; returns how many samples per channel were really there. */
  codecDecode(source: string | Uint8Array, first: number, nSamples: number, out: Float32Array): number;
  /** libsoxr at "very high quality"; mono. Output length `ceil(n · to / from)`. */
  resample(x: Float32Array, from: number, to: number, out: Float32Array): number;
  /** 16-bit PCM encode through libsndfile (`wav`, `flac`, `ogg`), interleaved input. */
  codecEncode(x: Float32Array, channels: number, sampleRate: number, container: 'wav' | 'flac' | 'ogg'): Uint8Array;
}
