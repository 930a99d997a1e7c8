import type { BatchArrays } from './data.js';
import type { Loss } from './losses.js';

/**
 * One factor per sample (and step): its window's times its class's. A class is the number, or the place of the one.
 * @returns `null` where all are 1
 */
export function sampleWeights(
  { targets: [target], weights, n }: BatchArrays,
  loss: Loss | null,
  classWeight: ReadonlyMap<number, number>,
): Float32Array | null {
  if (loss === null || target === undefined || (classWeight.size === 0 && weights === null)) return null;
  const { data: y, shape } = target;
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
