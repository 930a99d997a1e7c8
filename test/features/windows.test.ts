import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logMel, planWindows, windowCount, windows } from '../../src/features/index.js';
import { noise, signal } from './signals.js';

const series = (n: number) => Float32Array.from({ length: n }, (_, i) => i + 1);
const rowsOf = (data: Float32Array, size: number) =>
  Array.from({ length: data.length / size }, (_, w) => [...data.subarray(w * size, (w + 1) * size)]);

describe('windows', () => {
  it('of a series are its slices', () => {
    const found = windows(series(7), { size: 3, stride: 2, tail: 'drop' });
    expect(found.shape).toEqual([3, 3]);
    expect(rowsOf(found.data, 3)).toEqual([
      [1, 2, 3],
      [3, 4, 5],
      [5, 6, 7],
    ]);
    expect([...found.starts]).toEqual([0, 2, 4]);
    expect([...found.lengths]).toEqual([3, 3, 3]);
  });

  it('drop, fill up or keep what is left over', () => {
    const o = { size: 4, stride: 3 };
    expect(rowsOf(windows(series(8), { ...o, tail: 'drop' }).data, 4)).toEqual([
      [1, 2, 3, 4],
      [4, 5, 6, 7],
    ]);
    const padded = windows(series(8), { ...o, tail: 'pad' });
    expect(rowsOf(padded.data, 4)).toEqual([
      [1, 2, 3, 4],
      [4, 5, 6, 7],
      [7, 8, 0, 0],
    ]);
    expect([...padded.lengths]).toEqual([4, 4, 2]);
    // 7 rows are covered by two windows: pad adds none, partial has one more start with a row.
    expect(windows(series(7), { ...o, tail: 'pad' }).shape).toEqual([2, 4]);
    const partial = windows(series(7), { ...o, tail: 'partial', padValue: -1 });
    expect(rowsOf(partial.data, 4)).toEqual([
      [1, 2, 3, 4],
      [4, 5, 6, 7],
      [7, -1, -1, -1],
    ]);
    expect([...partial.lengths]).toEqual([4, 4, 1]);
  });

  it.each([
    ['drop', 0, 0],
    ['pad', 0, 0],
    ['partial', 0, 0],
    ['drop', 3, 0],
    ['pad', 3, 1],
    ['partial', 3, 2],
  ] as const)('with tail %s of %i rows, size 4, stride 2: %i', (tail, nRows, count) => {
    const found = windows(series(nRows), { size: 4, stride: 2, tail });
    expect(found.shape).toEqual([count, 4]);
    expect(found.starts.length).toBe(count);
  });

  it('may leave rows between them', () => {
    expect([...planWindows(10, { size: 2, stride: 4, tail: 'pad' }).starts]).toEqual([0, 4, 8]);
    expect([...planWindows(9, { size: 2, stride: 4, tail: 'pad' }).lengths]).toEqual([2, 2, 1]);
    expect([...planWindows(8, { size: 2, stride: 4, tail: 'pad' }).starts]).toEqual([0, 4]);
  });

  it.each([
    // Starts with a whole window; with a row; and, to cover what whole windows leave, one more start with a row.
    ['drop', (n: number, size: number, start: number) => start + size <= n],
    ['partial', (n: number, _: number, start: number) => start < n],
    [
      'pad',
      (n: number, size: number, start: number, stride: number) =>
        start < n && (start === 0 || start - stride + size < n),
    ],
  ] as const)('with tail %s are as many as there are starts that fit', (tail, fits) => {
    for (const size of [1, 2, 5]) {
      for (const stride of [1, 2, 5, 7]) {
        for (let n = 0; n < 23; n++) {
          const starts = Array.from({ length: n + 1 }, (_, i) => i * stride);
          const count = starts.findIndex((start) => !fits(n, size, start, stride));
          expect([n, size, stride, windowCount(n, { size, stride, tail })]).toEqual([n, size, stride, count]);
        }
      }
    }
  });

  it("count the seed's: 13 800 values in windows of 40 at stride 5", () => {
    expect(windows(new Float32Array(13_800), { size: 40, stride: 5, tail: 'drop' }).shape).toEqual([2753, 40]);
  });

  it('do not cross from one group to the next', () => {
    const found = windows(series(7), { size: 2, stride: 1, tail: 'pad', group: ['a', 'a', 'a', 'b', 'c', 'c', 'a'] });
    expect(rowsOf(found.data, 2)).toEqual([
      [1, 2],
      [2, 3],
      [4, 0],
      [5, 6],
      [7, 0],
    ]);
    expect([...found.starts]).toEqual([0, 1, 3, 4, 6]);
    expect([...found.lengths]).toEqual([2, 2, 1, 2, 1]);
  });

  it('of frames keep the frames whole, oldest first', () => {
    const x = logMel(signal(noise(160_000)), { nFft: 1024, hopLength: 512, nMels: 64 });
    const found = windows(x, { size: 5, stride: 1, tail: 'drop' });
    expect(x.nFrames).toBe(313);
    expect(found.shape).toEqual([309, 5, 64]);
    for (const v of [0, 1, 308]) {
      expect(found.data.slice(v * 320, (v + 1) * 320)).toEqual(x.data.slice(v * 64, (v + 5) * 64));
    }
  });

  it('are normalised per column, padding is not', () => {
    const data = Float32Array.from([1, 10, 3, 20]);
    const x = { data, shape: [2, 2], nFrames: 2, frameTimeSec: (t: number) => t };
    const normalize = { kind: 'standard', mean: [1, 10], std: [2, 5] } as const;
    const found = windows(x, {
      size: 2,
      stride: 1,
      tail: 'partial',
      padValue: 9,
      normalize: { ...normalize, mean: [1, 10], std: [2, 5] },
    });
    expect(found.shape).toEqual([2, 2, 2]);
    expect([...found.data]).toEqual([0, 0, 1, 2, 1, 2, 9, 9]);
    const scalar = windows(x, { size: 1, normalize: { kind: 'standard', mean: [1], std: [0.5] } });
    expect([...scalar.data]).toEqual([0, 18, 4, 38]);
    const none = windows(x, { size: 1, normalize: { kind: 'none' } });
    expect([...none.data]).toEqual([...data]);
  });

  it('hold the rows at their starts, for any numbers', () => {
    const seed = Number(process.env.FC_SEED ?? 7);
    const small = fc.integer({ min: 1, max: 12 });
    const tails = fc.constantFrom('drop' as const, 'pad' as const, 'partial' as const);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 60 }),
        small,
        small,
        tails,
        (group, size, stride, tail) => {
          const x = series(group.length);
          const { data, starts, lengths } = windows(x, { size, stride, tail, group, padValue: -1 });
          starts.forEach((start, w) => {
            const window = [...data.subarray(w * size, (w + 1) * size)];
            const real = lengths[w]!;
            expect(window.slice(0, real)).toEqual([...x.subarray(start, start + real)]);
            expect(window.slice(real)).toEqual(new Array(size - real).fill(-1));
            expect(new Set(group.slice(start, start + real)).size).toBe(1);
            expect(tail === 'drop' ? real === size : real >= 1).toBe(true);
          });
          if (tail === 'drop' || stride > size) return;
          const covered = new Set(
            [...starts].flatMap((start, w) => Array.from({ length: lengths[w]! }, (_, i) => start + i)),
          );
          expect(covered.size).toBe(group.length);
        },
      ),
      { seed, numRuns: 200 },
    );
  });

  it.each([
    [{ size: 0 }, 'ERR_OPTION', 'size must be a positive whole number, got 0'],
    [{ size: 2, stride: 1.5 }, 'ERR_OPTION', 'stride must be a positive whole number, got 1.5'],
    [{ size: 2, tail: 'wrap' }, 'ERR_OPTION', 'tail must be "drop", "pad" or "partial", got "wrap"'],
    [{ size: 2, group: [1, 2] }, 'ERR_SHAPE', 'group must be one id per row (5), got 2'],
    [
      { size: 2, normalize: { kind: 'standard', mean: [1, 2], std: [1] } },
      'ERR_OPTION',
      'normalize.mean must be 1 number or as many as a row has (1), got 2',
    ],
  ])('refuse %o', (o, code, message) => {
    expect(() => Reflect.apply(windows, undefined, [series(5), o])).toThrow(expect.objectContaining({ code, message }));
  });

  it('refuse several channels at once', () => {
    const x = logMel(signal(noise(4000), 2), { channel: 'all', nMels: 10, nFft: 256, hopLength: 100 });
    expect(() => windows(x, { size: 2 })).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }));
  });
});
