import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { loadAddon, type NativeAddon, type NativeFeaturePlan, type NativePcm } from '../native/index.js';
import { type FeatureConfig, frameGrid, frameStart, STREAMABLE, wholeClipOption } from '../spec/index.js';
import type { ChannelChoice, FeatureMatrix, PcmView } from '../types.js';
import { featureMatrix } from './feature-matrix.js';
import { FeatureStream } from './feature-stream.js';
import { type NativeProgram, nativeProgram } from './native-program.js';
import { nativePlan } from './packed-plan.js';
import { nativePcm, notFinite, pcmOf, refuseNonFinite, type Signal } from './signal.js';
import { extraSamples, refuseTooShort } from './signal-length.js';

/**
 * What a frame may cost at most, so that a native call stays within the 100 ms that abort and other work may wait. The
 * scalar kernels took up to 0.4 ns per n·log2(n), bands, decibels and DCT included, and 15 ns for a frame of two
 * samples; this leaves a slower or busier machine four times that.
 */
const NS_PER_BUTTERFLY = 1.5;
const NS_PER_FRAME = 75;
/** Dither of one sample; the scalar kernels took 50. */
const NS_PER_DEVIATE = 200;
const BLOCK_NS = 100e6;

export interface ProcessOptions {
  /** Where the result goes, as long as the result; made when left out. */
  readonly out?: Float32Array | undefined;
  /** Default channel 0; `'all'` adds a leading channel dimension, each channel computed by itself. */
  readonly channel?: ChannelChoice | 'all' | undefined;
}

type BatchProcessOptions = Omit<ProcessOptions, 'channel'> & { readonly channel?: ChannelChoice };

/** See `FeaturePlan.inTwoPasses`. */
export interface TwoPasses {
  /** Numbers per frame of the first pass. */
  readonly frameWidth: number;
  readonly frames: FeatureStream;
  /** What features go by, of some frames of the first pass. */
  maximumOf(frames: Float32Array): number;
  finish(frames: Float32Array, maximum: number): Float32Array;
}

/** See `FeaturePlan.inSeries`. */
export interface PlanInSeries {
  readonly plan: NativeFeaturePlan;
  /** Of one recording, so that a call does not take too long. */
  readonly mostFrames: number;
}

interface PlanStreamOptions {
  readonly channel?: ChannelChoice;
}

const PROCESS_KEYS: OptionKeys<ProcessOptions> = { out: true, channel: true };
const BATCH_KEYS: OptionKeys<BatchProcessOptions> = { out: true, channel: true };
const STREAM_KEYS: OptionKeys<PlanStreamOptions> = { channel: true };

/** A checked config with its native tables: built once, immutable, used for any number of recordings. */
export class FeaturePlan<C extends FeatureConfig = FeatureConfig> {
  readonly config: C;
  readonly #addon: NativeAddon;
  readonly #native: NativeFeaturePlan;
  readonly #program: NativeProgram;
  readonly #blockFrames: number;

  protected constructor(config: C) {
    this.config = config;
    this.#addon = loadAddon();
    this.#program = nativeProgram(config);
    this.#native = nativePlan(this.#addon, config, this.#program.frames);
    const { nFft, winLength, dither = 0 } = config;
    const ditherNs = dither === 0 ? 0 : NS_PER_DEVIATE * winLength;
    const frameNs = NS_PER_BUTTERFLY * nFft * Math.log2(nFft) + NS_PER_FRAME + ditherNs;
    this.#blockFrames = Math.max(1, Math.floor(BLOCK_NS / frameNs));
  }

  /** Frames of a signal of `nSamples`: `1 + floor(nSamples / hopLength)` when centred; 0 where it is too short. */
  nFrames(nSamples: number): number {
    return nSamples > 0 ? this.#native.nFrames(nSamples) : 0;
  }

  /**
   * Features of a whole recording.
   *
   * @param signal PCM at the config's rate, not empty, finite
   * @param o where to write (what stands there after an error is undefined), which channel
   * @returns frame-major `[frame, …]`, or `[channel, frame, …]` with `channel: 'all'`
   * @throws ParameterError `ERR_SAMPLE_RATE`, `ERR_TOO_SHORT`, `ERR_SHAPE` (`out`), `ERR_UNKNOWN_OPTION`;
   *   AudioFormatError `ERR_AUDIO_CHANNEL`, `ERR_AUDIO_NOT_FINITE`
   */
  process(signal: Signal, o: Float32Array | ProcessOptions = {}): FeatureMatrix {
    const { out, channel = 0 } = processOptions(o);
    const pcm = pcmOf(signal, this.config.sampleRate);
    const nFrames = this.#framesOf(pcm, 'samples');
    const size = nFrames * this.#program.width;
    if (channel !== 'all') {
      const data = outputOf(out, size);
      this.#clip(nativePcm(pcm, channel), nFrames, data);
      return featureMatrix(data, this.config, { nFrames });
    }
    const data = outputOf(out, size * pcm.channels);
    for (let each = 0; each < pcm.channels; each += 1) {
      this.#clip(nativePcm(pcm, each), nFrames, data.subarray(each * size, (each + 1) * size));
    }
    return featureMatrix(data, this.config, { nFrames, leading: [pcm.channels] });
  }

  /**
   * Features of several recordings of equal length, each with its own reference level.
   *
   * @returns `[batch, frame, …]`
   * @throws ParameterError `ERR_SHAPE` naming the first clip with another number of frames
   */
  processBatch(clips: readonly Signal[], o: Float32Array | BatchProcessOptions = {}): FeatureMatrix {
    const given: BatchProcessOptions = o instanceof Float32Array ? { out: o } : o;
    refuseUnknown(given, BATCH_KEYS, 'processBatch');
    const { out, channel = 0 } = given;
    const views = clips.map((clip) => pcmOf(clip, this.config.sampleRate));
    if (views[0] === undefined) throw new ParameterError('ERR_SHAPE', mustBe('clips', 'at least one recording', clips));
    const nFrames = this.#framesOf(views[0], 'clips[0]');
    views.forEach((pcm, i) => {
      const found = this.#framesOf(pcm, `clips[${i}]`);
      if (found === nFrames) return;
      throw new ParameterError('ERR_SHAPE', mustBe(`clips[${i}]`, `as long as clips[0] (${nFrames} frames)`, found), {
        clip: i,
      });
    });
    const size = nFrames * this.#program.width;
    const data = outputOf(out, size * views.length);
    views.forEach((pcm, i) => {
      this.#clip(nativePcm(pcm, channel), nFrames, data.subarray(i * size, (i + 1) * size));
    });
    return featureMatrix(data, this.config, { nFrames, leading: [views.length] });
  }

  /**
   * The same features from chunks of any size, with the same bits.
   *
   * @throws ParameterError `ERR_NOT_CAUSAL` naming the option (`ref: 'max'`, `topDb`, `energyNormalise`) that needs the whole clip
   */
  stream(o: PlanStreamOptions = {}): FeatureStream {
    refuseUnknown(o, STREAM_KEYS, 'stream');
    const option = wholeClipOption(this.config);
    if (option !== null) {
      const expected = `${STREAMABLE[option]} in a stream, which never sees the whole clip`;
      const got = Reflect.get(this.config, option);
      throw new ParameterError('ERR_NOT_CAUSAL', mustBe(option, expected, got), { option });
    }
    return new FeatureStream(this.config, this.#native, this.#addon, this.#blockFrames, o.channel ?? 0);
  }

  /**
   * The samples `[from, to)` that frames `[first, first + count)` of a signal of `total` samples are computed from; `null`
   * where features go by the whole clip, or it is cut or padded to a length.
   *
   * @internal
   */
  samplesOf(first: number, count: number, total: number): { readonly from: number; readonly to: number } | null {
    const grid = frameGrid(this.config);
    const { appendLength, fixedLength, history, length } = grid;
    if (appendLength > 0 || fixedLength > 0 || wholeClipOption(this.config) !== null) return null;
    const start = frameStart(grid, this.config.hopLength, first);
    const end = frameStart(grid, this.config.hopLength, first + count - 1) + length + extraSamples(this.config);
    // What lies outside is mirrored at the ends, at most as far inside.
    const from = Math.min(start - history, end > total ? 2 * total - end - 1 : total);
    const to = Math.max(end, start < 0 ? 1 - start : 0);
    return { from: Math.max(0, from), to: Math.min(total, to) };
  }

  /**
   * Frames `[first, first + count)` of a signal of `total` samples, of which `signal` holds those from `from` on.
   *
   * @internal
   */
  processRange(signal: Signal, from: number, total: number, first: number, out: Float32Array): void {
    const { width } = this.#program;
    const pcm = nativePcm(pcmOf(signal, this.config.sampleRate), 0);
    refuseNonFinite(this.#addon, pcm, from);
    const count = out.length / width;
    for (let done = 0; done < count; done += this.#blockFrames) {
      const block = Math.min(this.#blockFrames, count - done);
      this.#native.process(pcm, from, total, first + done, block, out.subarray(done * width, (done + block) * width));
    }
  }

  /**
   * What short recordings are computed with natively, many in one call; `null` where frames are not final at once
   * (`ref: 'max'`, a packed spectrum).
   *
   * @internal
   */
  inSeries(): PlanInSeries | null {
    const isNative = this.#native instanceof this.#addon.FeaturePlan;
    if (!isNative || this.#program.finish !== null) return null;
    return { plan: this.#native, mostFrames: this.#blockFrames };
  }

  /**
   * What a recording too long for memory needs where features go by the whole clip: its frames up to there, block by
   * block, and then, with the clip's maximum known, what they become. The bits are those of `process`.
   *
   * @internal
   */
  inTwoPasses(channel: ChannelChoice = 0): TwoPasses {
    const { width, frameWidth, finish, inPlace, maximum: maximumOf } = this.#program;
    return {
      frameWidth,
      frames: new FeatureStream(this.config, this.#native, this.#addon, this.#blockFrames, channel),
      maximumOf: (frames) => maximumOf(this.#addon, frames),
      finish: (frames, maximum) => {
        if (finish === null) return frames;
        // A row of its maximum stands for the rest of the clip.
        const block = new Float32Array(frames.length + frameWidth).fill(maximum, frames.length);
        block.set(frames);
        const out = inPlace ? block : new Float32Array((block.length / frameWidth) * width);
        finish(this.#addon, block, out);
        return out.subarray(0, out.length - width);
      },
    };
  }

  #framesOf(pcm: PcmView, name: string): number {
    refuseTooShort(this.config, pcm.nSamples, name);
    return this.nFrames(pcm.nSamples);
  }

  #clip(pcm: NativePcm, nFrames: number, out: Float32Array): void {
    // Samples are checked frame by frame; some presets give none.
    if (nFrames === 0) refuseNonFinite(this.#addon, pcm);
    const { frameWidth, inPlace, finish } = this.#program;
    const frames = inPlace ? out : new Float32Array(nFrames * frameWidth);
    for (let first = 0; first < nFrames; first += this.#blockFrames) {
      const count = Math.min(this.#blockFrames, nFrames - first);
      const block = count === nFrames ? frames : frames.subarray(first * frameWidth, (first + count) * frameWidth);
      const wrong = this.#native.processClip(pcm, first, count, block);
      if (wrong >= 0) throw notFinite(wrong);
    }
    finish?.(this.#addon, frames, out);
  }
}

function processOptions(o: Float32Array | ProcessOptions): ProcessOptions {
  if (o instanceof Float32Array) return { out: o };
  refuseUnknown(o, PROCESS_KEYS, 'process');
  return o;
}

function outputOf(out: Float32Array | undefined, length: number): Float32Array {
  if (out === undefined) return new Float32Array(length);
  if (out instanceof Float32Array && out.length === length) return out;
  throw new ParameterError('ERR_SHAPE', mustBe('out', `a Float32Array of ${length} numbers`, out), { length });
}
