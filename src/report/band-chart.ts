/** Mean and spread of each band, as a line in a stripe. Bare SVG, for `figure` or a file of its own. */
import { mustBe, ParameterError } from '../errors.js';
import { drawChart, SERIES_COLOURS } from './chart.js';
import type { Html } from './html.js';

export interface BandChartOptions {
  readonly x: string;
  readonly y: string;
  /** Of each band, lowest first. */
  readonly mean: readonly number[];
  /** As many; the stripe goes from one below the mean to one above. */
  readonly std: readonly number[];
}

/** @throws ParameterError `ERR_SHAPE` for another number of deviations than of means */
export async function bandChart({ x, y, mean, std }: BandChartOptions): Promise<Html> {
  if (std.length !== mean.length)
    throw new ParameterError('ERR_SHAPE', mustBe('std', `${mean.length} numbers`, std.length));
  const values = mean.map((middle, band) => ({ band, middle, low: middle - std[band]!, high: middle + std[band]! }));
  const colour = SERIES_COLOURS[0]!;
  const along = { field: 'band', type: 'quantitative' as const, axis: { title: x, grid: false, tickMinStep: 1 } };
  const up = { type: 'quantitative' as const, axis: { title: y, tickCount: 6 }, scale: { zero: false } };
  return drawChart({
    width: 440,
    height: 240,
    data: { values },
    encoding: { x: along },
    layer: [
      {
        mark: { type: 'area', color: colour, opacity: 0.25 },
        encoding: { y: { field: 'low', ...up }, y2: { field: 'high' } },
      },
      { mark: { type: 'line', color: colour, strokeWidth: 2 }, encoding: { y: { field: 'middle', ...up } } },
    ],
  });
}
