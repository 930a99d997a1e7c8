/** What happened and what was found, along the time of a recording. */
import type { Interval } from '../types.js';
import { figure } from './blocks.js';
import { drawChart } from './chart.js';
import type { Html } from './html.js';
import { TRACK_SPACING, type Track, trackView } from './track.js';

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
  readonly score?: Omit<Track, 'name'>;
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
  const chart = await drawChart(
    o.score
      ? {
          vconcat: [
            rows,
            trackView({ ...o.score, name: 'score' }, { width, height: SCORE_HEIGHT, x, timeTitle: 'time (s)' }),
          ],
          spacing: TRACK_SPACING,
        }
      : rows,
  );
  return figure(o.title, chart, o.note);
}
