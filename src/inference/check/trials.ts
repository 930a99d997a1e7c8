/** Inputs to try a model with: standard normal numbers, in every batch and several lengths of its open axes. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { ModelError, mustBe } from '../../errors.js';
import type { OnnxSummaryValue } from '../../onnx/index.js';
import { ARRAYS, isRunnable, type NamedArray, type NamedArrays } from './runner.js';

/** Batches of a model that takes any. */
const BATCHES = [1, 7];
/**
 * Lengths of open axes, from one step of a sequence to twenty seconds of sound. A model may need more than the first of
 * them, or give nothing for them: a kernel's width, a window of samples, the windows of a chain.
 */
export const LENGTHS = [1, 5, 16, 40, 101, 600, 4000, 16_001, 80_001, 160_000, 320_000];

export interface Axes {
  /** How many items there may be in a run. */
  readonly batches: readonly number[];
  /** Open axes that are no batch. */
  readonly open: readonly string[];
}

export interface Trial {
  readonly batch: number;
  /** Of all open axes; null where the model has none. */
  readonly length: number | null;
  readonly inputs: NamedArrays;
}

/** Texts name open axes; the first axis is the batch. */
export function axesOf(inputs: readonly OnnxSummaryValue[]): Axes {
  const first = inputs.map(({ shape }) => shape[0]);
  const isBatch = new Set(first.filter((length) => typeof length === 'string'));
  const names = inputs.flatMap(({ shape }) => shape.filter((length) => typeof length === 'string'));
  const fixed = first.find((length) => typeof length === 'number');
  return {
    batches: isBatch.size > 0 ? BATCHES : [fixed ?? 1],
    open: [...new Set(names)].filter((name) => !isBatch.has(name)),
  };
}

/** @throws ModelError `ERR_MODEL` for an input of a type that cannot be drawn */
export function trialOf(
  inputs: readonly OnnxSummaryValue[],
  batch: number,
  length: number | null,
  normal: () => number,
): Trial {
  const drawn = inputs.map(({ name, type, shape }): [string, NamedArray] => {
    const lengths = shape.map((one, axis) => (typeof one === 'number' ? one : axis === 0 ? batch : (length ?? 1)));
    return [name, { data: draw(name, type, lengths, normal), shape: lengths }];
  });
  return { batch, length, inputs: Object.fromEntries(drawn) };
}

function draw(name: string, type: string, shape: readonly number[], normal: () => number): NamedArray['data'] {
  if (!isRunnable(type)) {
    throw new ModelError('ERR_MODEL', mustBe(`type of input "${name}"`, Object.keys(ARRAYS).join(' | '), type));
  }
  const n = shape.reduce((product, length) => product * length, 1);
  if (type === 'float32') return Float32Array.from({ length: n }, normal);
  if (type === 'float64') return Float64Array.from({ length: n }, normal);
  // Whole numbers are rows of a table or marks of a mask, of which 0 and 1 are always there.
  if (type === 'int64') return BigInt64Array.from({ length: n }, () => (normal() > 0 ? 1n : 0n));
  return new ARRAYS[type](n).map(() => (normal() > 0 ? 1 : 0));
}

/** Standard normal numbers that follow from `seed` (Box and Muller 1958). */
export function normalNumbers(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator)));
    return radius * Math.cos(2 * Math.PI * uniformFloat64(generator));
  };
}
