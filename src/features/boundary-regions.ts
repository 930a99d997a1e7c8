import { loadAddon } from '../native/index.js';
import { OptionReader } from '../spec/index.js';
import type { Matrix } from '../types.js';
import { rowsOf } from './matrix.js';

/** Where one segment ends and the next one begins; what lies between them belongs to none. */
export interface Boundary {
  readonly endSec: number;
  readonly startSec: number;
}

export interface BoundaryRegionsOptions {
  /** Milliseconds from frame to frame; default 1. */
  readonly hopMs?: number;
  /** Frames on each side of a boundary; a region has twice as many. Default 5. */
  readonly context?: number;
  /** Regions without a boundary on each side; default 5. */
  readonly nRegions?: number;
  /** `'region'` (default): the frames. `'difference'`: the first half of a region minus the second. */
  readonly values?: 'region' | 'difference';
}

export interface BoundaryRegions {
  /** `[region, 2 * context, …]`, or of differences `[region, context, …]`; row-major. */
  readonly data: Float32Array;
  readonly shape: readonly number[];
  /** 1 of the region at a boundary, 0 of those beside it. */
  readonly labels: Uint8Array;
  /** Index of each region's boundary. */
  readonly boundaries: Int32Array;
  /** Regions from the boundary: −1 is the nearest on the left, 0 the boundary's own, 1 the nearest on the right. */
  readonly offsets: Int32Array;
}

/** First frames of the two halves of one region. */
interface Region {
  readonly boundary: number;
  readonly offset: number;
  readonly first: number;
  readonly second: number;
}

/** The regions of one boundary: left ones, the nearest first; its own; right ones, the nearest first. */
function* regionsOf(boundary: number, left: number, right: number, context: number, n: number): Generator<Region> {
  const size = 2 * context;
  for (let i = 1; i <= n; i += 1) {
    const first = left - context - size * i;
    yield { boundary, offset: -i, first, second: first + context };
  }
  yield { boundary, offset: 0, first: left - context, second: right };
  for (let i = 1; i <= n; i += 1) {
    const first = right + context + size * (i - 1);
    yield { boundary, offset: i, first, second: first + context };
  }
}

/**
 * Training rows for a detector of boundaries between segments: with L = floor(1000·endSec / hopMs) and
 * R = floor(1000·startSec / hopMs) the frames L − context … L − 1 and R … R + context − 1 of each boundary, and beside
 * them, walking away on both sides, `nRegions` blocks of 2·context frames that hold none.
 *
 * A region that reaches outside the features is left out; `boundaries` and `offsets` say which are there.
 *
 * @param x `[frame, …]` of one recording
 * @returns at most 2·nRegions + 1 regions a boundary: left, the nearest first; the boundary's own; right, the nearest first
 * @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION`, `ERR_SHAPE`
 */
export function boundaryRegions(
  x: Matrix,
  boundaries: readonly Boundary[],
  options: BoundaryRegionsOptions = {},
): BoundaryRegions {
  const read = new OptionReader(options, '');
  const hopMs = read.number('hopMs', 1, { expected: 'a positive number', accepts: (value) => value > 0 });
  const context = read.wholeNumber('context', 5, 1);
  const nRegions = read.wholeNumber('nRegions', 5, 0);
  const values = read.choice('values', 'region', ['region', 'difference']);
  read.finish('boundaryRegions');
  const { data, nRows, width, inner } = rowsOf(x);
  const last = nRows - context;
  const isInside = (first: number): boolean => first >= 0 && first <= last;
  const regions = boundaries.flatMap((boundary, i) => {
    const [left, right] = framesOf(boundary, i, hopMs);
    return [...regionsOf(i, left, right, context, nRegions)].filter((r) => isInside(r.first) && isInside(r.second));
  });
  const halves = new Float32Array(regions.length * 2 * context * width);
  const starts = Int32Array.from(regions.flatMap(({ first, second }) => [first, second]));
  const addon = loadAddon();
  const none = new Float32Array(0);
  const request = { source: data, rowWidth: width, size: context, starts, padValue: 0, mean: none, scale: none };
  addon.gatherWindows(request, halves);
  const isDifference = values === 'difference';
  const out = isDifference ? new Float32Array(halves.length / 2) : halves;
  if (isDifference) addon.pairDifferences(halves, context * width, out);
  return {
    data: out,
    shape: [regions.length, isDifference ? context : 2 * context, ...inner],
    labels: Uint8Array.from(regions, ({ offset }) => (offset === 0 ? 1 : 0)),
    boundaries: Int32Array.from(regions, ({ boundary }) => boundary),
    offsets: Int32Array.from(regions, ({ offset }) => offset),
  };
}

/** Frames at the end of the segment before and at the begin of the next. */
function framesOf(boundary: Boundary, index: number, hopMs: number): [number, number] {
  const read = new OptionReader(boundary, `boundaries[${index}].`);
  const rule = { expected: 'a time in seconds >= 0', accepts: (value: number) => value >= 0 };
  const endSec = read.number('endSec', undefined, rule);
  const startSec = read.number('startSec', undefined, rule);
  read.finish(`boundaries[${index}]`);
  return [Math.floor((1000 * endSec) / hopMs), Math.floor((1000 * startSec) / hopMs)];
}
