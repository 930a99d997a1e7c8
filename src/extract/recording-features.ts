import { type AudioReader, type ClipReader, openAudio } from '../audio/index.js';
import { mustBe, ParameterError } from '../errors.js';
import type { FeaturePlan } from '../features/index.js';
import { frameGrid, frameWidth, type Spec, wholeClipOption } from '../spec/index.js';
import type { AudioInput, ChannelChoice, PcmView } from '../types.js';

/** Where frames go: all of a recording at once, or block by block where it is long. */
export interface FrameTarget {
  /** Room for all frames of a recording, not cleared. */
  whole(numbers: number): Float32Array;
  block(frames: Float32Array): void;
  /** Room for what a second pass over a long recording starts from. */
  scratch(): FrameScratch;
}

/** Frames on disk, between two passes over a long recording. */
export interface FrameScratch {
  write(frames: Float32Array): void;
  /** What was written, in blocks of up to `numbers`. */
  read(numbers: number): Iterable<Float32Array>;
  remove(): void;
}

/** A stretch of one recording, and one channel of it. */
export interface RecordingCut {
  readonly input: AudioInput;
  readonly channel: ChannelChoice;
  readonly startSec?: number | undefined;
  readonly durationSec?: number | undefined;
}

export interface RecordingFacts {
  readonly nFrames: number;
  /** The recording's own, before resampling. */
  readonly sampleRate: number;
  readonly durationSec: number;
}

/** Longer recordings are never whole in memory: some four minutes at 16 kHz. */
export const WHOLE_SAMPLES = 1 << 22;
/** Samples fed at a time otherwise. */
const BLOCK_SAMPLES = 1 << 17;
/** Frames that a second pass takes at a time. */
const SECOND_PASS_FRAMES = 4096;

/**
 * Computes the features of recordings as a spec says: its rate, its level. Whole or in blocks, the bits are the same;
 * memory does not grow with a recording's length.
 */
export class RecordingFeatures {
  readonly #plan: FeaturePlan;
  readonly #audio: Spec['audio'];
  readonly #width: number;
  readonly #clips: ClipReader;

  constructor(plan: FeaturePlan, audio: Spec['audio'], clips: ClipReader) {
    this.#plan = plan;
    this.#audio = audio;
    this.#width = frameWidth(plan.config);
    this.#clips = clips;
  }

  /** @throws AudioFormatError, ParameterError `ERR_TOO_SHORT`: reasons to leave this recording out */
  async compute(cut: RecordingCut, target: FrameTarget, signal?: AbortSignal): Promise<RecordingFacts> {
    const pcm = this.#asItLies(cut);
    if (pcm !== null) {
      const nFrames = this.#whole(pcm, cut.channel, target);
      return { nFrames, sampleRate: pcm.sampleRate, durationSec: pcm.nSamples / pcm.sampleRate };
    }
    const { sampleRate, normalize } = this.#audio;
    const { input, channel, startSec, durationSec } = cut;
    const reader = await openAudio(input, { sampleRate, channel, normalize, startSec, durationSec, signal });
    try {
      const nFrames = await this.#read(reader, target);
      const { sampleRate: own, samplesRead } = reader.source;
      return { nFrames, sampleRate: own, durationSec: samplesRead / own };
    } finally {
      await reader.close();
    }
  }

  /** A recording that is short and needs no conversion, as it lies in memory; `null` for everything else. */
  #asItLies({ input, startSec, durationSec }: RecordingCut): PcmView | null {
    const plain = startSec === undefined && durationSec === undefined && this.#audio.normalize === 'none';
    const isFile = typeof input === 'string' || ('byteOffset' in input && 'path' in input);
    const pcm = plain && isFile ? this.#clips.read(input) : null;
    return pcm !== null && pcm.nSamples <= WHOLE_SAMPLES ? pcm : null;
  }

  #whole(pcm: PcmView, channel: ChannelChoice, target: FrameTarget): number {
    const nFrames = this.#plan.nFrames(pcm.nSamples);
    if (nFrames === 0) throw this.#tooShort(pcm.nSamples);
    this.#plan.process(pcm, { out: target.whole(nFrames * this.#width), channel });
    return nFrames;
  }

  async #read(reader: AudioReader, target: FrameTarget): Promise<number> {
    const long = reader.nSamples === null || reader.nSamples > WHOLE_SAMPLES;
    if (!long) return this.#whole(await reader.readAll(), 0, target);
    return wholeClipOption(this.#plan.config) === null
      ? this.#inBlocks(reader, target)
      : this.#inTwoPasses(reader, target);
  }

  async #inBlocks(reader: AudioReader, target: FrameTarget): Promise<number> {
    const stream = this.#plan.stream();
    let numbers = 0;
    const give = (frames: Float32Array): void => {
      numbers += frames.length;
      if (frames.length > 0) target.block(frames);
    };
    for (let block = await reader.read(BLOCK_SAMPLES); block !== null; block = await reader.read(BLOCK_SAMPLES)) {
      give(stream.push(block).data);
    }
    give(stream.flush().data);
    if (numbers === 0) throw this.#tooShort(stream.nSamples);
    return numbers / this.#width;
  }

  /** What goes by the clip's maximum needs all frames once to find it, and once more to go by it. */
  async #inTwoPasses(reader: AudioReader, target: FrameTarget): Promise<number> {
    const { frames, frameWidth: width, maximumOf, finish } = this.#plan.inTwoPasses();
    const scratch = target.scratch();
    try {
      let maximum = Number.NEGATIVE_INFINITY;
      let nFrames = 0;
      const keep = (found: Float32Array): void => {
        if (found.length === 0) return;
        nFrames += found.length / width;
        maximum = Math.max(maximum, maximumOf(found));
        scratch.write(found);
      };
      for (let block = await reader.read(BLOCK_SAMPLES); block !== null; block = await reader.read(BLOCK_SAMPLES)) {
        keep(frames.push(block).data);
      }
      keep(frames.flush().data);
      if (nFrames === 0) throw this.#tooShort(frames.nSamples);
      for (const found of scratch.read(SECOND_PASS_FRAMES * width)) target.block(finish(found, maximum));
      return nFrames;
    } finally {
      scratch.remove();
    }
  }

  #tooShort(nSamples: number): ParameterError {
    const { length, minSamples } = frameGrid(this.#plan.config);
    const expected = `at least ${Math.max(length, minSamples)} samples long`;
    return new ParameterError('ERR_TOO_SHORT', mustBe('samples', expected, nSamples));
  }
}
