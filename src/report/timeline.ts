/** What happened and what was found, along the time of a recording. */
import type { Interval } from '../types.js';
import { figure } from './blocks.js';
import { drawChart, SERIES_COLOURS } from './chart.js';
import type { Html } from './html.js';

export interface TimelineRow {
  readonly name: string;
  readonly intervals: readonly Interval[];
}

export interface TimelineOptions {
  readonly title: string;
  readonly durationSec: number;
  /** Drawn from top to bottom, one colour per row. */
  readonly rows: readonly TimelineRow[];
  /** A curve below the rows, e.g. the sequence model's score, with the threshold it was judged by. */
  readonly score?: {
    readonly values: Float32Array;
    readonly startSec: number;
    readonly stepSec: number;
    readonly threshold: number;
  };
  readonly note?: string;
  /** Width of the plot in pixels; default 1040. */
  readonly width?: number;
}

const ROW_HEIGHT = 24;
const SCORE_HEIGHT = 110;
/** An interval shorter than this many pixels is still drawn this wide. */
const NARROWEST = 2;

export async function timeline(o: TimelineOptions): Promise<Html> {
  const width = o.width ?? 1040;
  const x = { type: 'quantitative' as const, scale: { domain: [0, o.durationSec], nice: false } };
  const widest = (NARROWEST / width) * o.durationSec;
  const values = o.rows.flatMap(({ name, intervals }) =>
    intervals.map(({ startSec, endSec }) => ({ name, startSec, endSec: Math.max(endSec, startSec + widest) })),
  );
  const names = o.rows.map((row) => row.name);
  const time = { title: o.score ? null : 'time (s)', grid: true };
  const rows = {
    width,
    height: ROW_HEIGHT * names.length,
    data: { values },
    mark: { type: 'bar' as const, height: { band: 0.62 }, clip: true, cornerRadius: 2 },
    encoding: {
      x: { ...x, field: 'startSec', axis: time },
      x2: { field: 'endSec' },
      y: {
        field: 'name',
        type: 'nominal' as const,
        scale: { domain: names },
        axis: { title: null, ticks: false, domain: false },
      },
      color: { field: 'name', type: 'nominal' as const, scale: { domain: names }, legend: null },
    },
  };
  const chart = await drawChart(o.score ? { vconcat: [rows, scorePlot(o.score, width, x)], spacing: 14 } : rows);
  return figure(o.title, chart, o.note);
}

function scorePlot(score: NonNullable<TimelineOptions['score']>, width: number, x: object) {
  const points = peaks(score.values, width).map(({ at, value }) => ({
    sec: score.startSec + at * score.stepSec,
    value,
  }));
  return {
    width,
    height: SCORE_HEIGHT,
    layer: [
      {
        data: { values: points },
        mark: {
          type: 'area' as const,
          color: SERIES_COLOURS[0]!,
          fillOpacity: 0.25,
          line: { strokeWidth: 1.2, color: SERIES_COLOURS[0]! },
          clip: true,
        },
        encoding: {
          x: { ...x, field: 'sec', type: 'quantitative' as const, axis: { title: 'time (s)', grid: true } },
          y: { field: 'value', type: 'quantitative' as const, axis: { title: 'score', tickCount: 3 } },
        },
      },
      {
        data: { values: [{ threshold: score.threshold }] },
        mark: { type: 'rule' as const, strokeDash: [4, 3], opacity: 0.7, color: 'currentColor' },
        encoding: { y: { field: 'threshold', type: 'quantitative' as const } },
      },
    ],
  };
}

/** At most two values per pixel: the largest of each bucket, so that no peak is lost. */
function peaks(values: Float32Array, width: number): { at: number; value: number }[] {
  const bucket = Math.max(1, Math.ceil(values.length / (2 * width)));
  const points: { at: number; value: number }[] = [];
  for (let first = 0; first < values.length; first += bucket) {
    let at = first;
    for (let i = first + 1; i < Math.min(values.length, first + bucket); i++) if (values[i]! > values[at]!) at = i;
    points.push({ at, value: values[at]! });
  }
  return points;
}
