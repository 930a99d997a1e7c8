/** Frames cut from a signal, `[batch, frame, sample]`, and what is done to each before the window. */
import type { NativeFeatureConfig } from '../../native/index.js';
import { int, type OnnxBuilder } from '../builder.js';

const SAMPLE = 2;

/** Whether frames are prepared one by one, as native plans do it (`needs_preparation`). */
export function isPrepared(config: NativeFeatureConfig): boolean {
  const { removeDcOffset, preemphasis, preemphasisScope, energy } = config;
  return removeDcOffset || energy === 'raw' || (preemphasis !== 0 && preemphasisScope === 'frame');
}

export interface PreparedFrames {
  /** Without their mean where that is removed: what the raw energy is of. */
  readonly centred: string;
  /** After pre-emphasis. */
  readonly filtered: string;
}

/** Native `prepare_frame`, but for the window, which the transform has. */
export function writePrepared(builder: OnnxBuilder, segment: string, config: NativeFeatureConfig): PreparedFrames {
  const { winLength, hopLength, removeDcOffset, preemphasis, preemphasisScope } = config;
  const frames = writeFrames(builder, segment, winLength, hopLength);
  const centred = removeDcOffset ? writeCentred(builder, frames) : frames;
  const isFiltered = preemphasis !== 0 && preemphasisScope === 'frame';
  return { centred, filtered: isFiltered ? writeFiltered(builder, centred, preemphasis) : centred };
}

function writeCentred(builder: OnnxBuilder, frames: string): string {
  const means = builder.reduce('ReduceMean', 'front_end/means', frames, [SAMPLE], { keep: true });
  return builder.op('Sub', 'front_end/centred', [frames, means]);
}

/** `x[i] − factor·x[i − 1]`, with the first sample in front of itself. */
function writeFiltered(builder: OnnxBuilder, frames: string, factor: number): string {
  const part = (name: string, from: number, to: number) => {
    const slice = [from, to, SAMPLE].map((value) => builder.int64([value]));
    return builder.op('Slice', name, [frames, ...slice]);
  };
  const parts = [part('front_end/first', 0, 1), part('front_end/but_last', 0, -1)];
  const before = builder.op('Concat', 'front_end/before', parts, { attributes: { axis: int(SAMPLE) } });
  const scaled = builder.op('Mul', 'front_end/scaled', [before, builder.scalar(Math.fround(factor))]);
  return builder.op('Sub', 'front_end/filtered', [frames, scaled]);
}

/** `[batch, frame, length]`: whole hops, each one later in the signal, side by side. */
export function writeFrames(builder: OnnxBuilder, segment: string, length: number, hopLength: number): string {
  const nHops = Math.ceil(length / hopLength);
  const rest = nHops * hopLength - length;
  const padded = rest === 0 ? segment : writeZerosBehind(builder, 'front_end/whole_hops', segment, [0, rest]);
  const hops = builder.op('Reshape', 'front_end/hops', [padded, builder.int64([0, -1, hopLength])]);
  const columns = Array.from({ length: nHops }, (_, hop) => {
    const later = nHops - 1 - hop;
    const end = later === 0 ? Number.MAX_SAFE_INTEGER : -later;
    const width = Math.min(hopLength, length - hop * hopLength);
    const slice = [builder.int64([hop, 0]), builder.int64([end, width]), builder.int64([1, SAMPLE])];
    return builder.op('Slice', 'front_end/hop', [hops, ...slice]);
  });
  return builder.op('Concat', 'front_end/frames', columns, { attributes: { axis: int(SAMPLE) } });
}

/** Frames followed by zeros up to `length`. */
export function writeLengthened(builder: OnnxBuilder, frames: string, from: number, length: number): string {
  return from === length ? frames : writeZerosBehind(builder, 'front_end/lengthened', frames, [0, 0, length - from]);
}

function writeZerosBehind(builder: OnnxBuilder, name: string, x: string, counts: readonly number[]): string {
  const pads = builder.int64([...counts.map(() => 0), ...counts]);
  return builder.op('Pad', name, [x, pads, builder.scalar(0)]);
}
