import { expect, it } from 'vitest';
import { loadAddon, type WindowGather } from '../../src/native/index.js';

const addon = loadAddon();
const none = new Float32Array(0);

function gather(request: Partial<WindowGather>, length: number): number[] {
  const out = new Float32Array(length).fill(Number.NaN);
  const source = Float32Array.of(1, 2, 3, 4, 5, 6);
  const base = { source, rowWidth: 2, size: 2, starts: Int32Array.of(0), padValue: 9, mean: none, scale: none };
  addon.gatherWindows({ ...base, ...request }, out);
  return [...out];
}

it('copies windows, overlapping or not, in the order asked for', () => {
  expect(gather({ starts: Int32Array.of(1, 0) }, 8)).toEqual([3, 4, 5, 6, 1, 2, 3, 4]);
  expect(gather({ size: 3 }, 6)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(gather({ rowWidth: 1, size: 1, starts: Int32Array.of(5, 2) }, 2)).toEqual([6, 3]);
});

it('fills what lies past the end', () => {
  expect(gather({ starts: Int32Array.of(2, 3, 2 ** 31 - 1) }, 12)).toEqual([5, 6, ...Array(10).fill(9)]);
  expect(gather({ source: none }, 4)).toEqual([9, 9, 9, 9]);
});

it('normalises real rows, not the padding, with one value or one per column', () => {
  const starts = Int32Array.of(1, 2);
  expect(gather({ starts, mean: Float32Array.of(1), scale: Float32Array.of(2) }, 8)).toEqual([
    4, 6, 8, 10, 8, 10, 9, 9,
  ]);
  expect(gather({ starts, mean: Float32Array.of(3, 4), scale: Float32Array.of(1, 10) }, 8)).toEqual([
    0, 0, 2, 20, 2, 20, 9, 9,
  ]);
  expect(gather({ mean: Float32Array.of(1) }, 4)).toEqual([0, 1, 2, 3]);
});

it('leaves the rest of a larger batch alone', () => {
  expect(gather({}, 6)).toEqual([1, 2, 3, 4, Number.NaN, Number.NaN]);
});

it.each<[string, Partial<WindowGather>, number]>([
  ['a short output', {}, 3],
  ['a negative start', { starts: Int32Array.of(-1) }, 4],
  ['rows that do not divide the source', { rowWidth: 4 }, 8],
  ['a mean of another width', { mean: Float32Array.of(1, 2, 3) }, 4],
  ['a size that overflows', { size: 2 ** 40 }, 4],
  ['an empty row', { rowWidth: 0 }, 4],
])('refuses %s', (_name, request, length) => {
  expect(() => gather(request, length)).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/ERR_SHAPE|ERR_OPTION/) }),
  );
});
