/** How the report writes figures, and the floors they are held against. */
import { formatClock, formatFigure } from '../../report/index.js';
import type { BeepSequenceReport } from './results.js';

/** A figure with a bound that the recipe promises to keep on its full corpus. */
export interface Floor {
  readonly label: string;
  readonly value: number | null;
  readonly bound: number;
  readonly side: 'least' | 'most';
  /** What it was measured on, and of which class. */
  readonly of: string;
}

const DIGITS = 4;

/** Four digits, but a figure just below 1 never reads as 1. */
export function figureText(value: number | null): string {
  const rounded = formatFigure(value, DIGITS);
  return value !== null && value < 1 && rounded === '1' ? '> 0.9999' : rounded;
}

/** The same for a column of numbers. */
export function figureCell(value: number | null): number | string | null {
  return figureText(value) === formatFigure(value, DIGITS) ? value : figureText(value);
}

/** An undefined figure keeps no bound. */
export function holds({ value, bound, side }: Floor): boolean {
  if (value === null) return false;
  return side === 'least' ? value >= bound : value <= bound;
}

export function boundText({ bound, side }: Floor): string {
  return `${side === 'least' ? '≥' : '≤'} ${formatFigure(bound)}`;
}

/** The floors of the recipe, in the order a reader asks for them. */
export function floorsOf({ test, tone, events, onnxMaxAbsDiff }: BeepSequenceReport): Floor[] {
  const windows = `test windows, positive class: ${test.positive}`;
  const alerts = `alerts on held-out recordings, positive class: ${test.positive}`;
  const atZeroDb = tone.bySnr.find(({ snrDb }) => snrDb === 0)?.metrics;
  const least = (label: string, value: number | null, bound: number, of: string): Floor => {
    return { label, value, bound, side: 'least', of };
  };
  return [
    least('Accuracy', test.accuracy, 0.9924, windows),
    least('ROC AUC', test.rocAuc, 0.999, windows),
    least('Precision', test.precision, 0.97, windows),
    least('Recall', test.recall, 0.97, windows),
    least('Event precision', events.precision, 0.95, alerts),
    least('Event recall', events.recall, 0.95, alerts),
    least('Event F1', events.f1, 0.98, alerts),
    {
      label: 'False alarms per hour',
      value: events.falseAlarmsPerHour,
      bound: 0.5,
      side: 'most',
      of: `${events.falseAlarms.length} in ${formatClock(events.durationSec ?? 0)} of held-out sound`,
    },
    least(
      'Tone at 0 dB',
      atZeroDb?.accuracy ?? null,
      0.99,
      `accuracy over test spectra, positive class: ${tone.all.positive}`,
    ),
    least('Sequences tested', test.sequences, 50, 'complete sequences in the test part'),
    least('Hard negatives tested', test.hardNegatives, 50, 'look-alikes in the test part'),
    {
      label: 'ONNX difference',
      value: onnxMaxAbsDiff,
      bound: 1e-5,
      side: 'most',
      of: 'exported against trained models, largest score difference',
    },
  ];
}
