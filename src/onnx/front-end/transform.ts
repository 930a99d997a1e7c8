/** Writes the transform of frames: complex spectra with the frames as last axis, as convolutions make them. */
import type { NativeFeatureConfig } from '../../native/index.js';
import { int, ints, type OnnxBuilder } from '../builder.js';
import { writeCorrections } from './corrections.js';
import { writeDifference } from './framing.js';
import { type Bins, type Slot, slotsOf, type TransformPlan } from './transform-plan.js';
import { denseKernels, innerKernels, outerMatrices } from './transform-tables.js';

/** Spectra `[batch, group, (re, im) · number, frame]`, and where the wanted bins lie in them. */
export interface Spectra {
  readonly complex: string;
  readonly groups: number;
  /** Of each group. */
  readonly numbers: number;
  /** One for each wanted bin. */
  readonly slots: readonly Slot[];
}

/**
 * @param segment `[batch, samples]`, as long as the plan's frames need
 * @param bins those that the plan was made for
 */
export function writeTransform(
  builder: OnnxBuilder,
  segment: string,
  config: NativeFeatureConfig,
  plan: TransformPlan,
  bins: Bins,
): Spectra {
  const shape = { groups: plan.frequencies.length, numbers: plan.frequencies[0]!.length, slots: slotsOf(plan, bins) };
  const preemphasis = config.preemphasisScope === 'frame' ? config.preemphasis : 0;
  const filtered = preemphasis === 0 ? segment : writeDifference(builder, segment, preemphasis);
  // The first sample of a frame has no sample before it there, so it stays out of the filtered ones.
  const inner = preemphasis === 0 ? plan : { ...plan, factors: plan.factors.map((f, j) => (j === 0 ? 0 : f)) };
  const spectra = plan.fine === 1 ? writeDense(builder, filtered, inner) : writeTwoSteps(builder, filtered, inner);
  return { ...shape, complex: writeCorrections(builder, spectra, segment, config, plan) };
}

/** One convolution over the signal: `[batch, 1, (re, im) · bin, frame]`. */
function writeDense(builder: OnnxBuilder, segment: string, plan: TransformPlan): string {
  const { hopLength, taps, frequencies } = plan;
  const channels = 2 * frequencies[0]!.length;
  const signal = builder.op('Unsqueeze', 'front_end/signal', [segment, builder.int64([1])]);
  const kernels = builder.weight('front_end/dft', [channels, 1, taps], () => denseKernels(plan));
  const attributes = { kernel_shape: ints([taps]), strides: ints([hopLength]) };
  const spectra = builder.op('Conv', 'front_end/transform', [signal, kernels], { attributes });
  return builder.op('Unsqueeze', 'front_end/spectra', [spectra, builder.int64([1])]);
}

/** Inner sums, then the outer ones as a product for each residue. */
function writeTwoSteps(builder: OnnxBuilder, segment: string, plan: TransformPlan): string {
  const { fine, frequencies, cut } = plan;
  const groups = frequencies.length;
  const numbers = frequencies[0]!.length;
  const sums = cut ? writeInnerOfFrames(builder, segment, plan) : writeInnerOfSignal(builder, segment, plan);
  const byPhase = builder.op('Reshape', 'front_end/by_phase', [sums, builder.int64([0, fine, groups, -1])]);
  const byResidue = turn(builder, 'front_end/by_residue', byPhase, [0, 2, 1, 3]);
  const terms = builder.op('Reshape', 'front_end/terms', [byResidue, builder.int64([0, groups, 2 * fine, -1])]);
  const shape = [groups, 2 * numbers, 2 * fine];
  const matrices = builder.weight('front_end/dft_outer', shape, () => outerMatrices(plan));
  return builder.op('MatMul', 'front_end/outer', [matrices, terms]);
}

/** One convolution of each `fine`-th sample: `[batch, fine · group · 2, frame]`. */
function writeInnerOfSignal(builder: OnnxBuilder, segment: string, plan: TransformPlan): string {
  const { fine, taps, hopLength, frequencies } = plan;
  const rows = builder.op('Reshape', 'front_end/rows', [segment, builder.int64([0, -1, fine])]);
  const phases = turn(builder, 'front_end/phases', rows, [0, 2, 1]);
  const shape = [2 * frequencies.length * fine, 1, taps];
  const kernels = builder.weight('front_end/dft_inner', shape, () => innerKernels(plan));
  const strides = ints([hopLength / fine]);
  const attributes = { kernel_shape: ints([taps]), strides, group: int(fine) };
  return builder.op('Conv', 'front_end/inner', [phases, kernels], { attributes });
}

/** The same of frames: `[batch, fine, group · 2, frame]`. */
function writeInnerOfFrames(builder: OnnxBuilder, segment: string, plan: TransformPlan): string {
  const { fine, taps, frequencies } = plan;
  const frames = writeFrames(builder, segment, fine * taps, plan.hopLength);
  const split = builder.op('Reshape', 'front_end/split_frames', [frames, builder.int64([0, -1, taps, fine])]);
  const phases = turn(builder, 'front_end/phases', split, [0, 3, 2, 1]);
  const shape = [fine, 2 * frequencies.length, taps];
  const kernels = builder.weight('front_end/dft_inner', shape, () => innerKernels(plan));
  return builder.op('MatMul', 'front_end/inner', [kernels, phases]);
}

/** `[batch, frame, length]`: whole hops, each one later in the signal, side by side. */
export function writeFrames(builder: OnnxBuilder, segment: string, length: number, hopLength: number): string {
  const nHops = Math.ceil(length / hopLength);
  const rest = nHops * hopLength - length;
  const padded = rest === 0 ? segment : writePadded(builder, segment, rest);
  const hops = builder.op('Reshape', 'front_end/hops', [padded, builder.int64([0, -1, hopLength])]);
  const columns = Array.from({ length: nHops }, (_, hop) => {
    const later = nHops - 1 - hop;
    const end = later === 0 ? Number.MAX_SAFE_INTEGER : -later;
    const width = Math.min(hopLength, length - hop * hopLength);
    const slice = [builder.int64([hop, 0]), builder.int64([end, width]), builder.int64([1, 2])];
    return builder.op('Slice', 'front_end/hop', [hops, ...slice]);
  });
  return builder.op('Concat', 'front_end/frames', columns, { attributes: { axis: int(2) } });
}

function writePadded(builder: OnnxBuilder, segment: string, after: number): string {
  return builder.op('Pad', 'front_end/whole_hops', [segment, builder.int64([0, 0, 0, after]), builder.scalar(0)]);
}

export function turn(builder: OnnxBuilder, name: string, x: string, perm: readonly number[]): string {
  return builder.op('Transpose', name, [x], { attributes: { perm: ints(perm) } });
}

/** |X|² by slot: `[batch, group · number, frame]`. */
export function writePower(builder: OnnxBuilder, { complex, groups, numbers }: Spectra): string {
  const parts = ['front_end/re', 'front_end/im'];
  builder.ops('Split', 'front_end/split', [complex, builder.int64([numbers, numbers])], parts, { axis: int(2) });
  const squares = parts.map((part) => builder.op('Mul', `${part}_squared`, [part, part]));
  const sum = builder.op('Add', 'front_end/power', squares);
  return builder.op('Reshape', 'front_end/by_slot', [sum, builder.int64([0, groups * numbers, -1])]);
}

/** |X| or |X|², of the latter. */
export function writeExponent(builder: OnnxBuilder, power: string, exponent: NativeFeatureConfig['power']): string {
  return exponent === 1 ? builder.op('Sqrt', 'front_end/magnitude', [power]) : power;
}
