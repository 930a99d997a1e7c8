import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Whole numbers from a seed; the same on every machine. */
export interface Random {
  /** Uniform in `[0, n)`. */
  below(n: number): number;
}

/**
 * @param seed any whole number
 * @param stream independent sequences of one seed, e.g. one per epoch
 */
export function random(seed: number, stream = 0): Random {
  const generator = xoroshiro128plus(seed);
  for (let i = 0; i < stream; i++) generator.jump();
  return { below: (n) => uniformInt(generator, 0, n - 1) };
}

/** Fisher and Yates, in place. */
export function shuffle<T extends { [index: number]: unknown; readonly length: number }>(
  array: T,
  { below }: Random,
): T {
  for (let i = array.length - 1; i > 0; i--) swap(array, i, below(i + 1));
  return array;
}

/** Brings `count` members, drawn without repetition, to the front, in random order. */
export function drawFront(array: Uint32Array, count: number, { below }: Random): Uint32Array {
  for (let i = 0; i < count; i++) swap(array, i, i + below(array.length - i));
  return array.subarray(0, count);
}

function swap(array: { [index: number]: unknown }, i: number, j: number): void {
  const held = array[i];
  array[i] = array[j];
  array[j] = held;
}
