/**
 * What pre-emphasis and the removal of the mean do to a frame beside a filter of the signal. Both are linear, so their
 * spectra are known multiples of the frame's first sample and of its mean, and frames need not be cut for them.
 */
import type { NativeFeatureConfig } from '../../native/index.js';
import { int, ints, type OnnxBuilder } from '../builder.js';
import type { TransformPlan } from './transform-plan.js';
import { spectrumOf } from './transform-tables.js';

/** One number for each frame, `[batch, 1, frame]`, and the spectrum that is added so many times. */
interface Correction {
  readonly values: string;
  readonly spectrum: Float64Array;
}

/**
 * @param spectra `[batch, group, (re, im) · number, frame]`, of the signal after pre-emphasis but for each frame's first
 *   sample
 * @param segment the signal before it
 */
export function writeCorrections(
  builder: OnnxBuilder,
  spectra: string,
  segment: string,
  config: NativeFeatureConfig,
  plan: TransformPlan,
): string {
  const corrections = correctionsOf(builder, segment, config, plan);
  if (corrections.length === 0) return spectra;
  const names = corrections.map(({ values }) => values);
  const values = builder.op('Concat', 'front_end/corrections', names, { attributes: { axis: int(1) } });
  const by = builder.op('Unsqueeze', 'front_end/correction_terms', [values, builder.int64([1])]);
  const shape = [plan.frequencies.length, 2 * plan.frequencies[0]!.length, corrections.length];
  const table = builder.weight('front_end/correction_spectra', shape, () => sideBySide(corrections));
  const correction = builder.op('MatMul', 'front_end/correction', [table, by]);
  return builder.op('Add', 'front_end/corrected', [spectra, correction]);
}

function correctionsOf(
  builder: OnnxBuilder,
  segment: string,
  config: NativeFeatureConfig,
  plan: TransformPlan,
): Correction[] {
  const { factors } = plan;
  const preemphasis = config.preemphasisScope === 'frame' ? config.preemphasis : 0;
  // Of a first sample, and of a mean, pre-emphasis leaves this part.
  const kept = 1 - preemphasis;
  const first = factors[0]! * kept;
  const corrections: Correction[] = [];
  if (preemphasis !== 0 && first !== 0) {
    corrections.push({ values: writeFirstSamples(builder, segment, plan), spectrum: spectrumOf(plan, [first]) });
  }
  if (config.removeDcOffset) {
    const ofMean = Array.from(factors, (factor) => -factor * kept);
    corrections.push({ values: writeFrameMeans(builder, segment, config), spectrum: spectrumOf(plan, ofMean) });
  }
  return corrections;
}

/** Spectra as columns. */
function sideBySide(corrections: readonly Correction[]): Float32Array {
  const n = corrections.length;
  const out = new Float32Array(n * corrections[0]!.spectrum.length);
  corrections.forEach(({ spectrum }, column) => {
    spectrum.forEach((value, i) => {
      out[i * n + column] = value;
    });
  });
  return out;
}

/** Every `hopLength`-th sample: `[batch, 1, frame]`. */
function writeFirstSamples(builder: OnnxBuilder, segment: string, { hopLength, fine, taps }: TransformPlan): string {
  // The last frame begins so many samples before the end.
  const last = fine * taps - 1;
  const end = last === 0 ? Number.MAX_SAFE_INTEGER : -last;
  const ends = [0, end, 1, hopLength].map((value) => builder.int64([value]));
  const samples = builder.op('Slice', 'front_end/first_samples', [segment, ...ends]);
  return builder.op('Unsqueeze', 'front_end/first_sample_rows', [samples, builder.int64([1])]);
}

/** Mean of each frame before the window: `[batch, 1, frame]`. */
export function writeFrameMeans(builder: OnnxBuilder, segment: string, config: NativeFeatureConfig): string {
  return writeFrameSums(builder, 'front_end/means', segment, config, 1 / config.winLength);
}

/** Sums over the samples of each frame times `factor`: `[batch, 1, frame]`. */
export function writeFrameSums(
  builder: OnnxBuilder,
  name: string,
  samples: string,
  { winLength, hopLength }: NativeFeatureConfig,
  factor: number,
): string {
  const signal = builder.op('Unsqueeze', `${name}_of`, [samples, builder.int64([1])]);
  const kernel = builder.weight(`${name}_kernel`, [1, 1, winLength], () => new Float32Array(winLength).fill(factor));
  const attributes = { kernel_shape: ints([winLength]), strides: ints([hopLength]) };
  return builder.op('Conv', name, [signal, kernel], { attributes });
}
