import { basename } from 'node:path';
import type { EventMetrics, Metrics } from '../../evaluation/index.js';
import { formatFigure, formatTable } from '../format.js';
import type { EventJudgement, RecordingJudgement } from './judge-recordings.js';
import type { TableJudgement } from './judge-table.js';

export function judgementText(judgement: EventJudgement | RecordingJudgement | TableJudgement): string {
  switch (judgement.kind) {
    case 'events':
      return eventText(judgement);
    case 'recordings':
      return `recordings, positive class "${judgement.metrics.positive}"\n${metricsTable(judgement.metrics)}`;
    case 'windows':
      return `windows of ${judgement.model}, positive class "${judgement.metrics.positive}"\n${metricsTable(judgement.metrics)}`;
  }
}

function eventText({ positive, threshold, metrics, recordings }: EventJudgement): string {
  const heading = ['recording', 'true', 'found', 'matched', 'precision', 'recall', 'F1', 'false alarms per hour'];
  const rows = recordings.map((recording) => eventRow(basename(recording.path), recording.metrics));
  return [
    `events "${positive}", threshold ${Number(threshold.toPrecision(4))}, onsets within ${metrics.collarMs} ms`,
    formatTable([heading, ...rows, eventRow('all', metrics)]),
  ].join('\n');
}

function eventRow(name: string, metrics: EventMetrics): string[] {
  const { nTruth, nFound, nMatched, precision, recall, f1, falseAlarmsPerHour } = metrics;
  const figures = [precision, recall, f1].map((figure) => formatFigure(figure));
  return [name, ...[nTruth, nFound, nMatched].map(String), ...figures, formatFigure(falseAlarmsPerHour, 2)];
}

/** The figures of one class in a row, with its confusion matrix. */
export function metricsTable(metrics: Metrics): string {
  const { tp, fp, fn, tn } = metrics.confusionMatrix;
  const { accuracy, rocAuc, logLoss, precision, recall, f1 } = metrics;
  return formatTable([
    ['n', 'accuracy', 'AUC', 'log-loss', 'precision', 'recall', 'F1', 'true +', 'false +', 'false −', 'true −'],
    [
      String(metrics.n),
      ...[accuracy, rocAuc, logLoss, precision, recall, f1].map((figure) => formatFigure(figure)),
      ...[tp, fp, fn, tn].map(String),
    ],
  ]);
}
