/** Shapes that several folders share. This file imports nothing. */

/** Encodings of one sample inside `PcmView.bytes`, little-endian. */
export type SampleFormat = 'u8' | 's16' | 's24' | 's32' | 'f32' | 'f64' | 'alaw' | 'ulaw';

/** A channel to take, or their mean. */
export type ChannelChoice = number | 'mean';

/**
 * A recording as it lies in memory: interleaved PCM that nobody has copied or converted yet.
 * Native framing converts it to float in [-1, 1) on the fly.
 */
export interface PcmView {
  /** Interleaved samples, `nSamples * channels` of them; any alignment. */
  readonly bytes: Uint8Array;
  readonly format: SampleFormat;
  readonly channels: number;
  /** Samples per second. */
  readonly sampleRate: number;
  /** Samples per channel. */
  readonly nSamples: number;
}

/** Bare samples always come with their rate. Interleaved when `channels > 1`. */
export interface Samples {
  readonly samples: Float32Array | Int16Array;
  /** Samples per second. */
  readonly sampleRate: number;
  /** Default 1. */
  readonly channels?: number;
}

/** A recording inside another file: a member of an archive. */
export interface FileRange {
  readonly path: string;
  readonly byteOffset: number;
  readonly byteLength: number;
  /** What messages call it. Default: the file, and where in it. */
  readonly name?: string;
}

/** What reads as a recording. Bytes are a whole file of any format this build reads. */
export type AudioInput = string | URL | Uint8Array | Samples | PcmView | FileRange;

/** Rows of equal size: `data[row * width + column]`. Every `FeatureMatrix` is one. */
export interface Matrix {
  readonly data: Float32Array;
  /** `[row, …]`. */
  readonly shape: readonly number[];
}

/** Frame-major features of one recording: `data[frame * width + column]`. */
export interface FeatureMatrix {
  readonly data: Float32Array;
  /** `[frame, …]`, or `[channel, frame, …]` where several channels were kept. */
  readonly shape: readonly number[];
  readonly nFrames: number;
  /** Centre of frame `t` in seconds from the start of the recording. */
  frameTimeSec(t: number): number;
}

/** Fixed-size windows cut from a sequence of frames. */
export interface Windows {
  /** `[window, size, …]`, row-major. */
  readonly data: Float32Array;
  readonly shape: readonly number[];
  /** First frame of each window. */
  readonly starts: Int32Array;
  /** Real frames in each window: below `size` only where `tail` filled it up. */
  readonly lengths: Int32Array;
}

/** A labelled stretch of a recording. */
export interface Interval {
  readonly startSec: number;
  readonly endSec: number;
  readonly label: string;
}

/** What a detector reports. `startSec`/`endSec` from the start of the recording; `score` in [0, 1] or the model's own unit. */
export interface DetectedEvent extends Interval {
  readonly score: number;
}

/** What long work tells whoever watches. */
export interface Progress {
  /** What is going on, e.g. `"tone: epoch 3/10"`. */
  readonly stage: string;
  readonly done: number;
  /** Unknown while undefined. */
  readonly total?: number;
  /** Figures of the moment, e.g. `{ loss: 0.12 }`. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** Options that all long work takes. */
export interface LongWork {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** One thing that a check looked at. */
export interface Finding {
  /** What was looked at, e.g. `opset`. */
  readonly name: string;
  /** `skipped`: it could not be looked at, and `found` says why. */
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly found: string;
}
