import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Uniform numbers in [0, 1) that follow from `seed`. */
export function seededUniform(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

/** `size` numbers in [−1, 1). */
export function seededFloats(size: number, seed: number): Float32Array {
  const random = seededUniform(seed);
  return Float32Array.from({ length: size }, () => 2 * random() - 1);
}
