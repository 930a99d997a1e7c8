import { expect, it } from 'vitest';
import { concatFloats } from '../../src/floats.js';

it('joins parts in order, empty ones too, without touching them', () => {
  const parts = [Float32Array.of(1, 2), new Float32Array(0), Float32Array.of(3)];
  const joined = concatFloats(parts);
  expect(joined).toEqual(Float32Array.of(1, 2, 3));
  joined.fill(0);
  expect(parts[0]).toEqual(Float32Array.of(1, 2));
  expect(concatFloats([])).toEqual(new Float32Array(0));
});
