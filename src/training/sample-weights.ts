import type { BatchArrays, Values } from './data.js';
import { type CheckedTerm, dataTerms, type Loss } from './losses.js';

/**
 * For each target one factor per sample (and step): its window's times its class's.
 *
 * @param classWeight of a loss of one target: a class is the number, or the place of the one
 * @returns none where all are 1
 */
export function sampleWeights(
  { targets, weights, n }: BatchArrays,
  terms: readonly CheckedTerm[],
  classWeight: ReadonlyMap<number, number>,
): Float32Array[] {
  if (classWeight.size === 0 && weights === null) return [];
  const losses = dataTerms(terms).map(({ loss }) => loss);
  return targets.map((target, i) => factorsOf(target, losses[i]!, { weights, n }, classWeight));
}

function factorsOf(
  { data: y, shape }: Values,
  loss: Loss,
  { weights, n }: Pick<BatchArrays, 'weights' | 'n'>,
  classWeight: ReadonlyMap<number, number>,
): Float32Array {
  const width = loss.sparse ? 1 : (shape.at(-1) ?? 1);
  const factors = new Float32Array(y.length / width);
  const perWindow = factors.length / n;
  for (let i = 0; i < factors.length; i++) {
    const label = width === 1 ? y[i]! : argMax(y, i * width, width);
    factors[i] = (classWeight.get(label) ?? 1) * (weights?.[Math.floor(i / perWindow)] ?? 1);
  }
  return factors;
}

function argMax(values: ArrayLike<number>, start: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}
