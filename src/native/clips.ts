/** Short recordings, read and computed many at a time: `native/extract`. */
import type { FileRange, SampleFormat } from '../types.js';
import type { NativeFeaturePlan, NativeFrameSummary } from './addon.js';

/** What lies in a reader's memory. */
export interface NativeClip {
  readonly format: SampleFormat;
  readonly channels: number;
  /** Per channel. */
  readonly nSamples: number;
  /** Where in the memory the samples lie. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** A worker's line in a file that says what is in hand: what is written outlives the process, though not the machine. */
export interface NativeJournal {
  /** A recording is in hand: its shard, and its place in that. Throws `ERR_WRITE`. */
  begin(shard: number, input: number): void;
  /** Nothing is. Throws `ERR_WRITE`. */
  end(): void;
  close(): void;
}

/** Recordings of a shard that follow each other. */
export interface NativeClipSeries {
  readonly plan: NativeFeaturePlan;
  readonly summary: NativeFrameSummary;
  readonly journal: NativeJournal;
  readonly files: readonly (string | FileRange)[];
  /** −1 is the mean of all channels. */
  readonly channel: number;
  readonly shard: number;
  /** Place of the first file in the shard. */
  readonly firstInput: number;
  /** A recording of more frames is left to others. */
  readonly mostFrames: number;
}

/** What was computed of one recording. */
export interface ComputedClip {
  readonly nSamples: number;
  readonly nFrames: number;
  /** XXH64 of its frames' bytes in 16 hex digits. */
  readonly contentHash: string;
}

export interface ComputedClips {
  readonly clips: readonly ComputedClip[];
  /** Numbers that the next recording takes, where only room for them was missing; else 0. */
  readonly needed: number;
}

/**
 * Reads short recordings one after the other into the same memory. What it does not read (long ones, other sample rates,
 * damage of any kind) is left to others, who say what is wrong.
 */
export interface NativeClipReader {
  /** `null` for what is left to others. What was read last is not read again. */
  read(file: string | FileRange): NativeClip | null;
  /**
   * Computes recordings into `out`, frames behind frames, each added to the summary; ends at the first that does not fit, or
   * is left to others, or after some hundredths of a second. Throws `ERR_WRITE` (journal).
   */
  compute(series: NativeClipSeries, out: Float32Array): ComputedClips;
}

export interface NativeClips {
  readonly ClipReader: {
    /** @param memory of `memoryBytes`, not to be transferred */
    new (sampleRate: number, memory: ArrayBuffer): NativeClipReader;
    readonly memoryBytes: number;
  };
  /** Throws `ERR_WRITE` for a file that is not there. @param slot of the worker, from 0 */
  readonly Journal: new (
    path: string,
    slot: number,
  ) => NativeJournal;
}
