import type { ConfusionMatrix } from '../evaluation/index.js';
import { figure } from './blocks.js';
import { drawChart, SERIES_COLOURS } from './chart.js';
import { formatFigure } from './format.js';
import type { Html } from './html.js';

export interface ConfusionChartOptions {
  readonly title: string;
  /** Names of the positive class and of everything else. */
  readonly positive: string;
  readonly negative: string;
  readonly matrix: ConfusionMatrix;
  readonly note?: string;
}

/** Truth in rows, prediction in columns; each cell shows its count and its part of the row. */
export async function confusionChart({
  title,
  positive,
  negative,
  matrix,
  note,
}: ConfusionChartOptions): Promise<Html> {
  const { tp, fn, fp, tn } = matrix;
  const cell = (truth: string, found: string, count: number, rowTotal: number, right: boolean) => {
    const part = rowTotal === 0 ? 0 : count / rowTotal;
    const percent = rowTotal === 0 ? '' : `${formatFigure(100 * part, 3)} %`;
    return { truth, found, count: String(count), percent, part, right };
  };
  const values = [
    cell(positive, positive, tp, tp + fn, true),
    cell(positive, negative, fn, tp + fn, false),
    cell(negative, positive, fp, fp + tn, false),
    cell(negative, negative, tn, fp + tn, true),
  ];
  const order = [positive, negative];
  const chart = await drawChart({
    width: 260,
    height: 180,
    data: { values },
    encoding: {
      x: {
        field: 'found',
        type: 'nominal',
        sort: order,
        axis: { title: 'predicted', orient: 'top', labelAngle: 0, domain: false, ticks: false },
      },
      y: { field: 'truth', type: 'nominal', sort: order, axis: { title: 'true', domain: false, ticks: false } },
    },
    layer: [
      {
        mark: { type: 'rect', cornerRadius: 4, stroke: 'currentColor', strokeOpacity: 0.15 },
        encoding: {
          color: {
            field: 'right',
            type: 'nominal',
            scale: { domain: [true, false], range: [SERIES_COLOURS[0]!, SERIES_COLOURS[1]!] },
            legend: null,
          },
          fillOpacity: {
            field: 'part',
            type: 'quantitative',
            scale: { domain: [0, 1], range: [0.06, 0.6] },
            legend: null,
          },
        },
      },
      {
        mark: { type: 'text', fontSize: 20, fontWeight: 600, dy: -6 },
        encoding: { text: { field: 'count', type: 'nominal' } },
      },
      {
        mark: { type: 'text', fontSize: 11, dy: 14, opacity: 0.8 },
        encoding: { text: { field: 'percent', type: 'nominal' } },
      },
    ],
  });
  return figure(title, chart, note);
}
