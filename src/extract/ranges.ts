/** A long recording cut into ranges of frames, so that it does not keep one worker busy while the others have nothing. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type AudioReader, openAudio } from '../audio/index.js';
import type { FeaturePlan } from '../features/index.js';
import { writingSync } from '../files/index.js';
import { frameWidth, type Spec } from '../spec/index.js';
import { audioOf } from './audio-of.js';
import { WHOLE_SAMPLES } from './recording-features.js';
import type { ShardInput } from './shard-plan.js';

/** Frames of one recording that a worker computes into its place in a file. */
export interface FrameRange {
  readonly input: ShardInput;
  /** Samples per channel of the whole. */
  readonly nSamples: number;
  readonly firstFrame: number;
  readonly nFrames: number;
  /** Where the recording's frames go, frame 0 first. */
  readonly path: string;
}

/** Frames computed and written at a time. */
const BLOCK_FRAMES = 8192;

/**
 * How many samples a recording has, if ranges of it can be computed: its length is known from its header, its samples can
 * be reached without those before them, and nothing goes by the whole of it. Otherwise `null`.
 */
export async function samplesForRanges(
  input: ShardInput,
  root: string,
  plan: FeaturePlan,
  audio: Spec['audio'],
): Promise<number | null> {
  const isCut = input.startSec !== undefined || input.durationSec !== undefined;
  const channel = input.channel ?? audio.channel;
  if (isCut || audio.normalize !== 'none' || channel === 'all') return null;
  if (!/\.(wav|flac)$/i.test(input.member?.name ?? input.path)) return null;
  const reader = await openAudio(audioOf(input, root).input);
  await reader.close();
  const { nSamples, sampleRate } = reader;
  if (nSamples === null || nSamples <= WHOLE_SAMPLES || sampleRate !== audio.sampleRate) return null;
  return plan.samplesOf(0, 1, nSamples) === null ? null : nSamples;
}

/** Ranges of about equal size that together are all frames. */
export function rangesOf(nFrames: number, count: number): { readonly firstFrame: number; readonly nFrames: number }[] {
  const cut = (i: number): number => Math.floor((i * nFrames) / count);
  return Array.from({ length: count }, (_, i) => ({ firstFrame: cut(i), nFrames: cut(i + 1) - cut(i) })).filter(
    (range) => range.nFrames > 0,
  );
}

export async function computeRange(
  { input, nSamples, firstFrame, nFrames, path }: FrameRange,
  root: string,
  plan: FeaturePlan,
  audio: Spec['audio'],
): Promise<void> {
  const width = frameWidth(plan.config);
  const channel = input.channel ?? (audio.channel === 'all' ? 0 : audio.channel);
  const file = writingSync(path, () => openSync(path, 'r+'));
  try {
    const frames = new Float32Array(Math.min(BLOCK_FRAMES, nFrames) * width);
    const reading = await Reading.from(input, root, channel, plan.samplesOf(firstFrame, nFrames, nSamples)?.from ?? 0);
    try {
      for (let done = 0; done < nFrames; done += BLOCK_FRAMES) {
        const count = Math.min(BLOCK_FRAMES, nFrames - done);
        const out = frames.subarray(0, count * width);
        const stretch = plan.samplesOf(firstFrame + done, count, nSamples);
        if (stretch === null) throw new TypeError('features that go by the whole clip have no ranges');
        const samples = await reading.stretch(stretch.from, stretch.to);
        const signal = { samples, sampleRate: plan.config.sampleRate };
        plan.processRange(signal, stretch.from, nSamples, firstFrame + done, out);
        write(path, file, out, (firstFrame + done) * width);
      }
    } finally {
      await reading.close();
    }
  } finally {
    closeSync(file);
  }
}

function write(path: string, file: number, frames: Float32Array, at: number): void {
  const bytes = new Uint8Array(frames.buffer, frames.byteOffset, frames.byteLength);
  const from = at * frames.BYTES_PER_ELEMENT;
  writingSync(path, () => {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, from + done);
  });
}

/** Samples that are asked for in stretches which begin later and later, and overlap. */
class Reading {
  readonly #reader: AudioReader;
  #kept: Float32Array = new Float32Array(0);
  #at: number;

  private constructor(reader: AudioReader, at: number) {
    this.#reader = reader;
    this.#at = at;
  }

  static async from(input: ShardInput, root: string, channel: number | 'mean', sample: number): Promise<Reading> {
    const file = audioOf(input, root).input;
    const first = await openAudio(file);
    await first.close();
    return new Reading(await openAudio(file, { channel, startSec: sample / first.sampleRate }), sample);
  }

  async stretch(from: number, to: number): Promise<Float32Array> {
    // Frames further apart than they are long leave samples between them.
    const gap = from - this.#at - this.#kept.length;
    if (gap > 0) await this.#reader.read(gap);
    this.#kept = this.#kept.subarray(from - this.#at);
    this.#at = from;
    const missing = to - from - this.#kept.length;
    if (missing > 0) {
      const next = (await this.#reader.read(missing)) ?? new Float32Array(0);
      const joined = new Float32Array(this.#kept.length + next.length);
      joined.set(this.#kept);
      joined.set(next, this.#kept.length);
      this.#kept = joined;
    }
    return this.#kept.subarray(0, to - from);
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}
