/** From samples to the stretch of signal that frames are cut from: what native `Framing` does, for any length. */
import type { NativeFeatureConfig } from '../../native/index.js';
import { int, type OnnxBuilder } from '../builder.js';
import { type Whole, WholeNumbers } from './whole.js';

/** The axis of samples. */
const TIME = 1;

/** A signal extended to both sides so that it holds its frames and nothing else. */
export interface Segment {
  /** `[batch, (nFrames − 1)·hopLength + length]`: frame t begins at sample t·hopLength. Without a frame it holds one. */
  readonly samples: string;
  /** int64 `[1]`. */
  readonly nFrames: Whole;
}

export interface FramingOptions {
  readonly config: NativeFeatureConfig;
  /** From sample 0 to the first sample under the window of frame 0. */
  readonly start: number;
  /** Samples that the transform takes of each frame, at least those under its window. */
  readonly length: number;
  /** Samples that must follow the last frame. */
  readonly extra: 0 | 1;
  /** A shorter clip has no frame. */
  readonly minSamples: number;
}

/**
 * @param pcm `[batch, samples]` in [-1, 1)
 */
export function writeSegment(builder: OnnxBuilder, pcm: string, o: FramingOptions): Segment {
  const { config, start, length, extra, minSamples } = o;
  const whole = new WholeNumbers(builder, 'front_end/length');
  const clip = writePreemphasis(builder, writeClip(builder, whole, pcm, config), config);
  const nSamples = whole.dim(clip, TIME);
  const fitting = writeFrameCount(whole, nSamples, config, extra);
  // Centred frames are there for every clip that has something to mirror.
  const isLong = whole.apply('Min', whole.apply('Div', whole.dim(pcm, TIME), minSamples), 1);
  const nFrames = config.center && minSamples > 1 ? whole.apply('Mul', fitting, isLong) : fitting;
  const hops = whole.apply('Sub', whole.apply('Max', nFrames, 1), 1);
  const wanted = whole.apply('Add', whole.apply('Mul', hops, config.hopLength), length);
  const before = Math.max(0, -start);
  const after = whole.apply('Max', whole.apply('Sub', whole.apply('Add', wanted, start), nSamples), 0);
  const extended = writeExtension(builder, whole, clip, { before, after, nSamples, mode: config.padMode });
  const first = Math.max(0, start);
  const ends = [first, whole.apply('Add', wanted, first)].map((value) => whole.name(value));
  const slice = [extended, ...ends, builder.int64([TIME])];
  return { samples: builder.op('Slice', 'front_end/segment', slice), nFrames };
}

/** The clip with what is appended to it, or cut and filled up to its fixed length. */
function writeClip(builder: OnnxBuilder, whole: WholeNumbers, pcm: string, config: NativeFeatureConfig): string {
  const { appendLength, fixedLength } = config;
  if (fixedLength === 0 && appendLength === 0) return pcm;
  if (fixedLength === 0) return writeZeros(builder, whole, pcm, 0, appendLength);
  const ends = [0, fixedLength, TIME].map((value) => builder.int64([value]));
  const cut = builder.op('Slice', 'front_end/cut', [pcm, ...ends]);
  return writeZeros(builder, whole, cut, 0, whole.apply('Sub', whole.name(fixedLength), whole.dim(cut, TIME)));
}

function writeZeros(builder: OnnxBuilder, whole: WholeNumbers, x: string, before: Whole, after: Whole): string {
  return builder.op('Pad', 'front_end/zeros', [x, whole.list([0, before, 0, after]), builder.scalar(0)]);
}

/** Over the whole signal, before which there is silence. Pre-emphasis by frame is in `writePrepared`. */
function writePreemphasis(builder: OnnxBuilder, x: string, config: NativeFeatureConfig): string {
  if (config.preemphasis === 0 || config.preemphasisScope !== 'signal') return x;
  return writeDifference(builder, x, config.preemphasis);
}

/** `x[i] − factor·x[i − 1]` with a zero in front. */
export function writeDifference(builder: OnnxBuilder, x: string, factor: number): string {
  const but = [0, -1, TIME].map((value) => builder.int64([value]));
  const head = builder.op('Slice', 'front_end/but_last', [x, ...but]);
  const later = builder.op('Pad', 'front_end/later', [head, builder.int64([0, 1, 0, 0]), builder.scalar(0)]);
  const scaled = builder.op('Mul', 'front_end/scaled', [later, builder.scalar(Math.fround(factor))]);
  return builder.op('Sub', 'front_end/preemphasis', [x, scaled]);
}

/** `Framing::n_frames`; a signal without a frame has 0. */
function writeFrameCount(whole: WholeNumbers, nSamples: Whole, config: NativeFeatureConfig, extra: 0 | 1): Whole {
  const { frameRule, windowFirst, winLength, nFft, hopLength, center, dropLast } = config;
  const frame = windowFirst ? winLength : nFft;
  const padding = center ? 2 * Math.floor(frame / 2) : 0;
  const plus = (samples: number) => whole.apply('Add', nSamples, padding - extra + samples);
  const hops = (samples: Whole) => whole.apply('Div', whole.apply('Max', samples, 0), hopLength);
  let n: Whole;
  if (frameRule === 'shifted') n = hops(plus(Math.floor(hopLength / 2)));
  else if (frameRule === 'cover') n = whole.apply('Add', hops(plus(hopLength - 1 - frame)), 1);
  else n = hops(plus(hopLength - frame));
  return dropLast === 0 ? n : whole.apply('Max', whole.apply('Sub', n, dropLast), 0);
}

interface Extension {
  readonly before: number;
  readonly after: Whole;
  readonly nSamples: Whole;
  readonly mode: NativeFeatureConfig['padMode'];
}

function writeExtension(builder: OnnxBuilder, whole: WholeNumbers, x: string, o: Extension): string {
  const { before, after, nSamples, mode } = o;
  if (mode === 'constant') return writeZeros(builder, whole, x, before, after);
  const mirror = (from: Whole, to: Whole) => {
    const indices = writeMirrored(whole, whole.range(from, to), nSamples, mode);
    return builder.op('Gather', 'front_end/mirror', [x, whole.name(indices)], { attributes: { axis: int(TIME) } });
  };
  const parts = [...(before > 0 ? [mirror(-before, 0)] : []), x, mirror(nSamples, whole.apply('Add', nSamples, after))];
  return builder.op('Concat', 'front_end/extended', parts, { attributes: { axis: int(TIME) } });
}

/** `mirrored` of native framing: the sample that stands at each index, however far outside. */
function writeMirrored(whole: WholeNumbers, indices: string, n: Whole, mode: 'reflect' | 'symmetric'): Whole {
  const edge = mode === 'symmetric' ? 1 : 0;
  // A signal of one sample has no period with `reflect`.
  const period = whole.apply('Max', whole.apply('Sub', whole.apply('Mul', n, 2), 2 - 2 * edge), 1);
  const inside = whole.apply('Mod', indices, period);
  return whole.apply('Min', inside, whole.apply('Sub', whole.apply('Sub', period, edge), inside));
}
