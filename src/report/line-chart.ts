/** Line charts: training curves, ROC, precision–recall. */
import type { PrPoint, RocPoint } from '../evaluation/index.js';
import { figure } from './blocks.js';
import { drawChart, REFERENCE_COLOUR, SERIES_COLOURS } from './chart.js';
import type { Html } from './html.js';

export interface Series {
  readonly name: string;
  /** `[x, y]`; points that are not finite are left out. */
  readonly points: readonly (readonly [number, number])[];
  readonly dashed?: boolean;
}

export interface Axis {
  readonly title: string;
  readonly domain?: readonly [number, number];
  readonly scale?: 'linear' | 'log';
}

export interface LineChartOptions {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly note?: string;
  /** A vertical line, e.g. the epoch whose weights were kept. */
  readonly marker?: { readonly x: number; readonly label: string };
  /** Default 440 × 240. */
  readonly width?: number;
  readonly height?: number;
}

/** Below this many points each is shown as a dot too. */
const DOTS_BELOW = 40;

/** One line per series, named in a legend where there are several. */
export async function lineChart(o: LineChartOptions): Promise<Html> {
  const values = o.series.flatMap(({ name, points }) =>
    points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)).map(([x, y]) => ({ name, x, y })),
  );
  const names = o.series.map((series) => series.name);
  const few = o.series.every((series) => series.points.length < DOTS_BELOW);
  // Epochs and other counts have nothing between two of them.
  const whole = values.every(({ x }) => Number.isInteger(x));
  const byName = {
    field: 'name',
    type: 'nominal' as const,
    legend: names.length > 1 ? { symbolType: 'stroke' as const } : null,
  };
  const colour = { ...byName, scale: { domain: names, range: coloursOf(o.series) } };
  const dash = { ...byName, scale: { domain: names, range: o.series.map(({ dashed }) => (dashed ? [5, 4] : [1, 0])) } };
  const chart = await drawChart({
    width: o.width ?? 440,
    height: o.height ?? 240,
    data: { values },
    layer: [
      {
        mark: { type: 'line', strokeWidth: 2, clip: true, ...(few && { point: { size: 22 } }) },
        encoding: {
          x: {
            field: 'x',
            type: 'quantitative',
            axis: { title: o.x.title, grid: false, ...(whole && { tickMinStep: 1 }) },
            scale: scaleOf(o.x),
            sort: null,
          },
          y: { field: 'y', type: 'quantitative', axis: { title: o.y.title, tickCount: 6 }, scale: scaleOf(o.y) },
          // Without this a curve that goes back in x would be drawn in the order of x.
          order: { value: 0 },
          color: colour,
          strokeDash: dash,
        },
      },
      ...(o.marker ? markerLayers(o.marker) : []),
    ],
  });
  return figure(o.title, chart, o.note);
}

/** Dashed series are references: grey, whatever their place. */
function coloursOf(series: readonly Series[]): string[] {
  let next = 0;
  return series.map(({ dashed }) => (dashed ? REFERENCE_COLOUR : SERIES_COLOURS[next++ % SERIES_COLOURS.length]!));
}

function markerLayers({ x, label }: { readonly x: number; readonly label: string }) {
  // Data of their own: a mark is drawn once per row.
  const data = { values: [{ x, label }] };
  return [
    {
      data,
      mark: { type: 'rule' as const, strokeDash: [2, 3], opacity: 0.6, color: 'currentColor' },
      encoding: { x: { field: 'x', type: 'quantitative' as const } },
    },
    {
      data,
      mark: { type: 'text' as const, align: 'left' as const, dx: 4, fontSize: 11, opacity: 0.75 },
      encoding: {
        x: { field: 'x', type: 'quantitative' as const },
        y: { value: 8 },
        text: { field: 'label', type: 'nominal' as const },
      },
    },
  ];
}

function scaleOf({ domain, scale = 'linear' }: Axis) {
  return {
    type: scale,
    ...(scale === 'linear' && { zero: false }),
    nice: domain === undefined,
    ...(domain && { domain: [...domain] }),
  };
}

/** A curve's points closer than this on both axes look the same. */
const RESOLUTION = 1 / 800;

const UNIT_DOMAIN = [0, 1] as const;

/** Receiver operating characteristic of one or more detectors, with chance as a dashed diagonal. */
export function rocChart(
  title: string,
  curves: Readonly<Record<string, readonly RocPoint[]>>,
  note = '',
): Promise<Html> {
  const series = Object.entries(curves).map(([name, points]) => ({
    name,
    points: thinned(points.map(({ fpr, tpr }) => [fpr, tpr] as const)),
  }));
  return lineChart({
    title,
    note,
    x: { title: 'false positive rate', domain: UNIT_DOMAIN },
    y: { title: 'true positive rate (recall)', domain: UNIT_DOMAIN },
    series: [
      ...series,
      {
        name: 'chance',
        points: [
          [0, 0],
          [1, 1],
        ],
        dashed: true,
      },
    ],
    width: 300,
    height: 300,
  });
}

/** Precision over recall; `prevalence` draws what a detector that always fires would get. */
export function prChart(
  title: string,
  curves: Readonly<Record<string, readonly PrPoint[]>>,
  o: { readonly prevalence?: number | null; readonly note?: string } = {},
): Promise<Html> {
  const series: Series[] = Object.entries(curves).map(([name, points]) => ({
    name,
    points: thinned(points.map(({ recall, precision }) => [recall, precision] as const)),
  }));
  if (o.prevalence != null) {
    series.push({
      name: 'always fires',
      points: [
        [0, o.prevalence],
        [1, o.prevalence],
      ],
      dashed: true,
    });
  }
  return lineChart({
    title,
    note: o.note ?? '',
    x: { title: 'recall', domain: UNIT_DOMAIN },
    y: { title: 'precision', domain: UNIT_DOMAIN },
    series,
    width: 300,
    height: 300,
  });
}

/** Leaves out points that a reader could not tell from the one before; first and last stay. */
function thinned(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  let kept: readonly [number, number] | undefined;
  return points.filter((point, i) => {
    const far = !kept || Math.abs(point[0] - kept[0]) > RESOLUTION || Math.abs(point[1] - kept[1]) > RESOLUTION;
    if (!far && i !== points.length - 1) return false;
    kept = point;
    return true;
  });
}
