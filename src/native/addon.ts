/** The TypeScript shape of the compiled addon (`native/binding`). Nothing outside `src/native` and its callers knows it. */
import type { FileRange, SampleFormat } from '../types.js';
import type { NativeClips } from './clips.js';
import type { NativeHelpers } from './helpers.js';
import type { NativeProgramSpec, NativeTrainingProgram } from './training.js';

/** A path, the bytes of a whole file, or a stretch of a file. */
export type NativeAudioSource = string | Uint8Array | FileRange;

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

/** Every field present and checked; made by `nativeConfig` alone. */
export interface NativeFeatureConfig {
  readonly kind: 'stft' | 'melSpectrogram' | 'logMel' | 'mfcc';
  readonly sampleRate: number;
  readonly nFft: number;
  readonly winLength: number;
  readonly hopLength: number;
  readonly window: 'hann' | 'hamming' | 'blackman' | 'bartlett' | 'rectangular' | 'povey';
  readonly windowSymmetry: 'periodic' | 'symmetric';
  /** Of the Blackman window: b − cos(x)/2 + (1/2 − b)·cos(2x). */
  readonly blackmanCoefficient: number;
  readonly center: boolean;
  readonly padMode: 'constant' | 'reflect' | 'symmetric';
  /** The frames inside the signal (padded with `center`), one for each hop around its middle, or all that it needs. */
  readonly frameRule: 'fit' | 'shifted' | 'cover';
  /** A frame is the samples under the window, with zeros behind it up to `nFft`; otherwise the window is centred. */
  readonly windowFirst: boolean;
  /** Zeros that follow the signal, or the length that it is cut or padded to (0 for neither). */
  readonly appendLength: number;
  readonly fixedLength: number;
  /** Frames left out at the end. */
  readonly dropLast: 0 | 1;
  /** Factor of samples in [-1, 1), a power of two. */
  readonly sampleScale: number;
  /** Standard deviation of normal noise on the scale of the samples, added to each frame first; 0 for none. */
  readonly dither: number;
  readonly ditherSeed: number;
  /** In each frame, before pre-emphasis. */
  readonly removeDcOffset: boolean;
  /** x[i] − preemphasis·x[i − 1]; in a frame the first sample stands before itself, in the signal a zero. */
  readonly preemphasis: number;
  readonly preemphasisScope: 'frame' | 'signal';
  /** What a spectrum is divided by: √Σw², √nFft. */
  readonly normalized: 'none' | 'window' | 'frameLength';
  /** 0 keeps the complex spectrum (stft only, interleaved re, im), else the exponent of the magnitude. */
  readonly power: 0 | 1 | 2;
  /** stft only. `log`: of a power by `logBase`; of a magnitude decibels, with `amin` and `ref` squared. */
  readonly scale: 'linear' | 'log';
  /** stft: bins kept, half-open; mel kinds ignore it. */
  readonly firstBin: number;
  readonly endBin: number;
  readonly nMels: number;
  readonly fMin: number;
  readonly fMax: number;
  readonly melScale: 'slaney' | 'htk';
  readonly melNorm: 'slaney' | 'none';
  readonly melTable: 'librosa' | 'torchaudio' | 'kaldi' | 'htk' | 'python_speech_features';
  /** Absolute reference, 0 for none; a per-clip reference goes through `powerToDb` afterwards. */
  readonly ref: number;
  /** max(x, amin), x + amin, or amin in place of an exact 0. */
  readonly amin: number;
  readonly logFloorMode: 'max' | 'add' | 'zero';
  /** `db`: 10·log10; `ln`: natural logarithm; times `logMultiplier` plus `logOffset`. */
  readonly logBase: 'db' | 'ln' | 'log10';
  readonly logMultiplier: number;
  readonly logOffset: number;
  /** Coefficients of order `firstCoefficient` and up, then that of order 0 if `appendC0`. */
  readonly nMfcc: number;
  readonly firstCoefficient: 0 | 1;
  readonly appendC0: boolean;
  /** `htk`: √(2/nMels) for all orders. */
  readonly dctNorm: 'ortho' | 'none' | 'htk';
  readonly lifter: number;
  /** Order i is multiplied by 1 + lifter/2·sin(π(i + 1)/lifter) of `librosa`, by that of i of `htk`. */
  readonly lifterRule: 'librosa' | 'htk';
  /**
   * One more column, ln of the energy of the frame, of what pre-emphasis and window leave of it, or of its spectrum.
   * stft: `raw` or `windowed`, in place of the first or last value.
   */
  readonly energy: 'none' | 'raw' | 'windowed' | 'spectrum';
  readonly energyLast: boolean;
  /** Of `raw` and `windowed`; 0 is none, and no energy at all is then −1e10, as HTK has it. */
  readonly energyFloor: number;
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
  /**
   * The same frames of a whole recording, whose samples are checked on the way, each in the call for one part of the
   * frames. Index of the first that is NaN or infinite, and `out` is incomplete; −1 where none is.
   */
  processClip(pcm: NativePcm, firstFrame: number, nFrames: number, out: Float32Array): number;
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
  /** Per channel; as the container promises, `null` where it promises nothing and only decoding tells. */
  readonly nSamples: number | null;
  /** The promise, or a guess that may be far off, or 0. */
  readonly expectedSamples: number;
}

/** A recording being decoded from its beginning, piece by piece. Holds a file open, or a copy of the bytes, until `close`. */
export interface NativeDecoder {
  info(): CodecInfo;
  /**
   * The next samples of every channel, interleaved in [-1, 1]; returns how many per channel there were, fewer than fit
   * only at the end. Throws `ERR_AUDIO_READ` for damage, and for an end before the promised one.
   */
  read(out: Float32Array): number;
  /** Passes over up to `nSamples`; returns how many, 0 only at the end. */
  skip(nSamples: number): number;
  close(): void;
}

/** libsoxr at "very high quality", mono, piece by piece; however the signal is cut, the bits are the same. */
export interface NativeResampler {
  /** Takes `x`, returns samples written; `out` holds `ceil(taken · to / from)` less what was made before. */
  push(x: Float32Array, out: Float32Array): number;
  /** Writes the rest, so that all together are `ceil(taken · to / from)`. */
  finish(out: Float32Array): number;
  close(): void;
}

/** Statistics of the frames of several recordings, and a hash of each recording's. */
export interface NativeFrameSummary {
  /** `[frame, width]` of the recording in hand. */
  add(frames: Float32Array): void;
  /** Ends the recording in hand, which counts from now on; XXH64 of its frames' bytes in 16 hex digits. */
  commit(): string;
  /** The recording in hand leaves no trace. */
  drop(): void;
  /** Of all recordings committed: rows, mean of each column, and sum of squared differences to it. */
  statistics(): { readonly n: number; readonly mean: Float64Array; readonly m2: Float64Array };
}

export interface NativeAddon extends NativeHelpers, NativeClips {
  readonly version: string;
  /** Changes when any bit of any CPU feature changes. */
  readonly numericVersion: number;
  readonly libraries: Readonly<Record<string, string>>;
  kernels(): { readonly selected: string; readonly available: readonly string[] };

  /** Offsets count from where the recording begins. */
  parseWav(source: NativeAudioSource): WavLayout;
  /** PCM of any format → float32 in [-1, 1), one channel (or the mean), `nSamples` from `first`. */
  pcmToFloat(pcm: NativePcm, first: number, nSamples: number, out: Float32Array): void;
  /** Index of the first sample that is NaN or infinite in any channel, or −1. Integers are always finite. */
  firstNonFinite(pcm: NativePcm): number;
  /** Largest magnitude; 0 of an empty array. */
  maxAbs(x: Float32Array): number;

  readonly FeaturePlan: new (config: NativeFeatureConfig) => NativeFeaturePlan;
  readonly FrameSummary: new (width: number) => NativeFrameSummary;
  /** 10·log10(max(x, amin) / ref) in place; `ref` ≤ 0 means the maximum of `x`; `topDb` < 0 means no clamp. */
  powerToDb(x: Float32Array, ref: number, amin: number, topDb: number): void;
  /** The largest value of one column of rows; NaN counts for nothing, and of nothing it is −∞. */
  maximum(x: Float32Array, width: number, column: number): number;
  /** Raises what lies more than `range` below the largest value to there, in place. */
  clampBelowMax(x: Float32Array, range: number): void;
  /** HTK's ENORMALISE of one column of rows, in place: 1 − scale·(max − e), e not below max − range. */
  normaliseEnergy(x: Float32Array, width: number, column: number, scale: number, range: number): void;
  /**
   * DCT-II of each row: `[nRows, nIn]` → `[nRows, nOut]`. With `lifter` > 0 coefficient c is multiplied by
   * `1 + lifter / 2 · sin(π (c + 1) / lifter)`, as librosa does.
   */
  dct(
    x: Float32Array,
    nIn: number,
    out: Float32Array,
    nOut: number,
    norm: 'ortho' | 'none' | 'htk',
    lifter: number,
  ): void;
  /** The tables, for tests, plots and the ONNX front-end: `[nMels, 1 + nFft/2]` row-major; window of `winLength`. */
  melFilterbank(config: NativeFeatureConfig): Float32Array;
  window(config: NativeFeatureConfig): Float32Array;
  /** Real FFT of `x` (any length) → interleaved re, im of `1 + n/2` bins. */
  rfft(x: Float32Array, out: Float32Array): void;

  gatherWindows(request: WindowGather, out: Float32Array): void;

  readonly TrainingProgram: new (spec: NativeProgramSpec) => NativeTrainingProgram;

  /** What libsndfile says of a recording. Throws `ERR_AUDIO_*`, as `Decoder` does. */
  codecInfo(source: NativeAudioSource): CodecInfo;
  readonly Decoder: new (source: NativeAudioSource) => NativeDecoder;
  readonly Resampler: new (from: number, to: number) => NativeResampler;
  /** 16-bit PCM encode through libsndfile (`wav`, `flac`, `ogg`), interleaved input. */
  codecEncode(x: Float32Array, channels: number, sampleRate: number, container: 'wav' | 'flac' | 'ogg'): Uint8Array;
}
