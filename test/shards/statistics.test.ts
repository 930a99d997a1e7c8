import { describe, expect, it } from 'vitest';
import { ParameterError } from '../../src/errors.js';
import { type ColumnStats, deviations, mergeStats, RunningStats } from '../../src/shards/index.js';

/** Whole numbers of 2^-20: sums of any of them are exact in a double, so that the reference below rounds nothing. */
const GRAIN = 2 ** -20;

/** Numbers around 1e6 that differ by about 1e-3, the same for the same seed. */
function badlyConditioned(n: number, width: number): Float64Array {
  let state = 12345;
  return Float64Array.from({ length: n * width }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 1e6 + (i % width) + Math.round(((state / 2 ** 32 - 0.5) * 3.46e-3) / GRAIN) * GRAIN;
  });
}

/** In whole numbers of any size: exact but for the last division. */
function reference(rows: Float64Array, width: number, column: number) {
  const values = [...rows].filter((_, i) => i % width === column).map((value) => BigInt(Math.round(value / GRAIN)));
  const n = BigInt(values.length);
  const sum = values.reduce((total, value) => total + value, 0n);
  const squares = values.reduce((total, value) => total + value * value, 0n);
  const scaled = n * squares - sum * sum; // n² times the variance, in grains²
  return { mean: (Number(sum) * GRAIN) / Number(n), m2: (Number(scaled) * GRAIN * GRAIN) / Number(n) };
}

describe('statistics of columns', () => {
  const [n, width] = [3000, 3];
  const rows = badlyConditioned(n, width);

  it('keep a spread of 1e-3 around 1e6, in one block, in many, and merged in any order', () => {
    const whole = new RunningStats(width).add(rows);
    const blocks: ColumnStats[] = [];
    for (let at = 0; at < n; at += 37) {
      blocks.push(new RunningStats(width).add(rows.subarray(at * width, Math.min(n, at + 37) * width)).toJSON());
    }
    const none = new RunningStats(width).toJSON();
    const forward = blocks.reduce(mergeStats, none);
    const backward = [...blocks].reverse().reduce((a, b) => mergeStats(b, a), none);
    const running = blocks.reduce(
      (all, block) => all.merge(JSON.parse(JSON.stringify(block))),
      new RunningStats(width),
    );
    for (const found of [whole, forward, backward, running]) {
      expect(found.n).toBe(n);
      for (let column = 0; column < width; column++) {
        const expected = reference(rows, width, column);
        expect(expected.m2 / n).toBeGreaterThan(0.9e-6);
        // A double near 1e6 is good to 1.2e-10; the spread to 1e-9 of itself.
        expect(Math.abs(found.mean[column]! - expected.mean)).toBeLessThan(2.4e-10);
        expect(Math.abs(found.m2[column]! / expected.m2 - 1)).toBeLessThan(1e-7);
        expect(Math.abs(whole.m2[column]! / expected.m2 - 1)).toBeLessThan(1e-9);
      }
    }
  });

  it('would be lost by sums of squares, which this data is made to show', () => {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < rows.length; i += width) {
      sum += rows[i]!;
      squares += rows[i]! ** 2;
    }
    const naive = squares / n - (sum / n) ** 2;
    const { m2 } = reference(rows, width, 0);
    expect(Math.abs(naive / (m2 / n) - 1)).toBeGreaterThan(1);
  });

  it('have closed forms: one row, equal rows, two rows, none', () => {
    expect(new RunningStats(2).add(Float32Array.of(3, -1)).toJSON()).toEqual({ n: 1, mean: [3, -1], m2: [0, 0] });
    const flat = new RunningStats(1).add(new Float32Array(9).fill(0.1));
    expect([flat.mean[0], flat.m2[0]]).toEqual([Math.fround(0.1), 0]);
    const of = (value: number) => new RunningStats(1).add(Float32Array.of(value)).toJSON();
    const two = mergeStats(of(1), of(5));
    expect([two.mean[0], two.m2[0], deviations(two)[0]]).toEqual([3, 8, 2]);
    expect(deviations(new RunningStats(1))[0]).toBe(0);
    const none = new RunningStats(1).toJSON();
    expect([mergeStats(none, two), mergeStats(two, none)]).toEqual([two, two]);
  });

  it('refuse what does not fit', () => {
    const [one, two] = [1, 2].map((n) => new RunningStats(n).add(new Float32Array(n)).toJSON());
    expect(() => mergeStats(one!, two!)).toThrow(ParameterError);
    expect(() => new RunningStats(2).add(new Float32Array(3))).toThrow('rows must be of 2 numbers, got 3');
  });
});
