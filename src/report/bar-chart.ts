/** Bars: how many of each kind, how many of each size. Bare SVG, for `figure` or a file of its own. */
import { drawChart, SERIES_COLOURS } from './chart.js';
import type { Html } from './html.js';

export interface Bar {
  readonly name: string;
  readonly value: number;
}

export interface BarChartOptions {
  /** What the values count. */
  readonly axis: string;
  /** From top to bottom. */
  readonly bars: readonly Bar[];
}

const WIDTH = 440;
const HEIGHT = 240;
const BAR_HEIGHT = 22;

/** One horizontal bar a name, with its value at its end. */
export function barChart({ axis, bars }: BarChartOptions): Promise<Html> {
  const names = bars.map(({ name }) => name);
  const values = bars.map(({ name, value }) => ({ name, value, text: value.toLocaleString('en') }));
  const y = {
    field: 'name',
    type: 'nominal' as const,
    sort: names,
    axis: { title: null, ticks: false, labelLimit: 200 },
  };
  const x = { field: 'value', type: 'quantitative' as const, axis: { title: axis, tickCount: 6 } };
  return drawChart({
    width: WIDTH,
    height: { step: BAR_HEIGHT },
    data: { values },
    encoding: { x, y },
    layer: [
      { mark: { type: 'bar', color: SERIES_COLOURS[0]!, cornerRadiusEnd: 2 } },
      {
        mark: { type: 'text', align: 'left', dx: 4, fontSize: 11 },
        encoding: { text: { field: 'text', type: 'nominal' } },
      },
    ],
  });
}

export interface HistogramOptions {
  readonly x: string;
  readonly y: string;
  /** One more than there are counts, ascending: bar i goes from edge i to edge i + 1. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export function histogramChart({ x, y, edges, counts }: HistogramOptions): Promise<Html> {
  const values = counts.map((count, i) => ({ from: edges[i]!, to: edges[i + 1]!, count }));
  return drawChart({
    width: WIDTH,
    height: HEIGHT,
    data: { values },
    mark: { type: 'bar', color: SERIES_COLOURS[0]!, binSpacing: 1 },
    encoding: {
      x: { field: 'from', type: 'quantitative', bin: { binned: true }, axis: { title: x, grid: false } },
      x2: { field: 'to' },
      y: { field: 'count', type: 'quantitative', axis: { title: y, tickCount: 6, tickMinStep: 1 } },
    },
  });
}
