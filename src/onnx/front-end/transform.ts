/** Writes the transform of frames: complex spectra with the frames as last axis, as convolutions make them. */
import type { NativeFeatureConfig } from '../../native/index.js';
import { int, ints, type OnnxBuilder } from '../builder.js';
import { type PreparedFrames, writeFrames, writeLengthened } from './frames.js';
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

/** A signal to transform: whole, or as frames that were prepared one by one. */
export interface TransformInput {
  /** `[batch, samples]`, as long as the frames need. */
  readonly segment: string;
  readonly prepared: PreparedFrames | null;
}

/** @param bins those that the plan was made for */
export function writeTransform(builder: OnnxBuilder, input: TransformInput, plan: TransformPlan, bins: Bins): Spectra {
  const complex = plan.fine === 1 ? writeDense(builder, input, plan) : writeTwoSteps(builder, input, plan);
  return { complex, groups: plan.frequencies.length, numbers: plan.frequencies[0]!.length, slots: slotsOf(plan, bins) };
}

/** One convolution over the signal, or one product with frames: `[batch, 1, (re, im) · bin, frame]`. */
function writeDense(builder: OnnxBuilder, input: TransformInput, plan: TransformPlan): string {
  const { hopLength, taps, frequencies, cut } = plan;
  const channels = 2 * frequencies[0]!.length;
  const shape = cut ? [1, channels, taps] : [channels, 1, taps];
  const kernels = builder.weight('front_end/dft', shape, () => denseKernels(plan));
  if (cut) return builder.op('MatMul', 'front_end/transform', [kernels, writePhases(builder, input, plan)]);
  const signal = builder.op('Unsqueeze', 'front_end/signal', [input.segment, builder.int64([1])]);
  const attributes = { kernel_shape: ints([taps]), strides: ints([hopLength]) };
  const spectra = builder.op('Conv', 'front_end/transform', [signal, kernels], { attributes });
  return builder.op('Unsqueeze', 'front_end/spectra', [spectra, builder.int64([1])]);
}

/** Inner sums, then the outer ones as a product for each residue. */
function writeTwoSteps(builder: OnnxBuilder, input: TransformInput, plan: TransformPlan): string {
  const { fine, frequencies, cut } = plan;
  const groups = frequencies.length;
  const numbers = frequencies[0]!.length;
  const sums = cut ? writeInnerOfFrames(builder, input, plan) : writeInnerOfSignal(builder, input.segment, plan);
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

/** The same as a product with frames: `[batch, fine, group · 2, frame]`. */
function writeInnerOfFrames(builder: OnnxBuilder, input: TransformInput, plan: TransformPlan): string {
  const { fine, taps, frequencies } = plan;
  const shape = [fine, 2 * frequencies.length, taps];
  const kernels = builder.weight('front_end/dft_inner', shape, () => innerKernels(plan));
  return builder.op('MatMul', 'front_end/inner', [kernels, writePhases(builder, input, plan)]);
}

/** Every `fine`-th sample of frames: `[batch, fine, taps, frame]`. */
function writePhases(builder: OnnxBuilder, { segment, prepared }: TransformInput, plan: TransformPlan): string {
  const { fine, taps, hopLength, factors } = plan;
  const frames =
    prepared === null
      ? writeFrames(builder, segment, fine * taps, hopLength)
      : writeLengthened(builder, prepared.filtered, factors.length, fine * taps);
  // One axis at a time: runtimes have that by blocks, and all axes at once number by number.
  const bySample = turn(builder, 'front_end/by_sample', frames, [0, 2, 1]);
  const split = builder.op('Reshape', 'front_end/split_frames', [bySample, builder.int64([0, taps, fine, -1])]);
  return turn(builder, 'front_end/phases', split, [0, 2, 1, 3]);
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
