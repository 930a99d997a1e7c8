import { DatasetError, mustBe } from '../errors.js';
import type { Normalize, Windowing } from '../spec/index.js';
import { framesOf } from './frames-of.js';
import type { Entry } from './item.js';

/** Mean and standard deviation, ready to stand in a spec. */
export type StandardNormalize = Extract<Normalize, { kind: 'standard' }>;

/**
 * Mean and standard deviation (over n) of frames, per column or of all numbers together, in one pass with 64-bit sums.
 *
 * Sums are of differences to the first frame, so a large mean with a small spread loses nothing. A column that never
 * changes gets a deviation of 1: there is nothing to scale.
 */
export async function standardStats(
  entries: readonly Entry[],
  windowing: Windowing,
  width: number,
  per: 'column' | 'all',
): Promise<StandardNormalize> {
  let shift: Float64Array | null = null;
  const sums = new Float64Array(width);
  const squares = new Float64Array(width);
  let nFrames = 0;
  for (const { info, source, first, end } of entries) {
    const { from, to } = framesOf(first, end, info.nFrames, windowing);
    if (to === from) continue;
    const read = source.read();
    const rows = (read instanceof Float32Array ? read : await read).subarray(from * width, to * width);
    shift ??= Float64Array.from(rows.subarray(0, width));
    addRows(rows, width, shift, sums, squares);
    nFrames += to - from;
  }
  if (shift === null) throw new DatasetError('ERR_SPLIT', mustBe('stats', 'taken over at least one frame', 'none'));
  return per === 'column' ? perColumn(shift, sums, squares, nFrames) : overAll(shift, sums, squares, nFrames);
}

function addRows(
  rows: Float32Array,
  width: number,
  shift: Float64Array,
  sums: Float64Array,
  squares: Float64Array,
): void {
  for (let row = 0; row < rows.length; row += width) {
    for (let column = 0; column < width; column++) {
      const x = rows[row + column]! - shift[column]!;
      sums[column] = sums[column]! + x;
      squares[column] = squares[column]! + x * x;
    }
  }
}

function perColumn(shift: Float64Array, sums: Float64Array, squares: Float64Array, n: number): StandardNormalize {
  const mean = Array.from(sums, (sum, column) => shift[column]! + sum / n);
  const std = Array.from(sums, (sum, column) => deviation(squares[column]! / n - (sum / n) ** 2));
  return { kind: 'standard', mean, std };
}

/** Spread within columns plus spread of the columns' means. */
function overAll(shift: Float64Array, sums: Float64Array, squares: Float64Array, n: number): StandardNormalize {
  const columns = Array.from(sums, (sum, column) => ({
    mean: shift[column]! + sum / n,
    variance: squares[column]! / n - (sum / n) ** 2,
  }));
  const mean = columns.reduce((total, column) => total + column.mean, 0) / columns.length;
  const variance = columns.reduce((total, c) => total + c.variance + (c.mean - mean) ** 2, 0) / columns.length;
  return { kind: 'standard', mean: [mean], std: [deviation(variance)] };
}

function deviation(variance: number): number {
  return variance > 0 ? Math.sqrt(variance) : 1;
}
