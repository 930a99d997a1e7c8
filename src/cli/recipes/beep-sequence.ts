/** The recipe `beep-sequence` on the command line. */
import { dirname, join } from 'node:path';
import type {
  BeepSequenceReport,
  CorpusReport,
  Floor,
  PermutationFigures,
  PermutationTest,
} from '../../recipes/index.js';
import { formatCount, formatDuration, formatFacts, formatFigure, formatTable } from '../format.js';
import type { Recipe } from './recipe.js';

/** Enough to tell 1e-5 from less. */
const FLOOR_DIGITS = 6;

export const beepSequence: Recipe = {
  name: 'beep-sequence',
  summary: "hears an appliance's beep sequence in recordings: tone CNN, then LSTM over its values",

  async run(options, work) {
    const { quietTf } = await import('../quiet-tf.js');
    quietTf();
    const { checksumText, floorsOf, holds, runBeepSequence, sourceText } = await import('../../recipes/index.js');
    const report = await runBeepSequence({ ...options, ...work });
    const floors = floorsOf(report).map((floor) => ({ ...floor, holds: holds(floor) }));
    const notes = [checksumText(report.corpus.checksums), sourceText(report.corpus)].filter((note) => note !== null);
    return { value: report, text: [reportText(report, floors), ...notes].join('\n\n') };
  },

  async makeData({ data, seed, size, workers }, work) {
    const { makeCorpus, makeDefaultCorpus, sourceText } = await import('../../recipes/index.js');
    const o = {
      ...(seed !== undefined && { seed }),
      ...(size !== undefined && { size }),
      ...(workers !== undefined && { workers }),
      ...work,
    };
    const report = data === undefined ? await makeDefaultCorpus(o) : await makeCorpus(data, o);
    return { value: report, text: [corpusText(report), sourceText(report)].filter((text) => text !== null).join('\n') };
  },
};

function corpusText({ out, files, made, kept, totalSec, backgrounds }: CorpusReport): string {
  const what = `${formatCount(files.length, 'recording')} (${made} made, ${kept} kept), ${formatDuration(totalSec)}`;
  return `${what}, backgrounds: ${backgrounds} → ${out}`;
}

type JudgedFloor = Floor & { readonly holds: boolean };

function reportText(report: BeepSequenceReport, floors: readonly JudgedFloor[]): string {
  const tables = [testTable(report), toneTable(report), parityTable(report), eventFacts(report)];
  if (report.permutations !== null) tables.push(permutationTable(report.permutations));
  return [...tables, floorTable(floors), places(report)].join('\n\n');
}

function testTable({ test }: BeepSequenceReport): string {
  const { tp, fp, fn, tn } = test.confusionMatrix;
  return [
    `Sequence model on the test part: ${test.sequences} sequences, ${test.hardNegatives} hard negatives`,
    formatTable([
      ['windows', 'accuracy', 'AUC', 'log-loss', 'precision', 'recall', 'true +', 'false +', 'false −', 'true −'],
      [
        String(test.n),
        formatFigure(test.accuracy),
        formatFigure(test.rocAuc),
        formatFigure(test.logLoss),
        formatFigure(test.precision),
        formatFigure(test.recall),
        ...[tp, fp, fn, tn].map(String),
      ],
    ]),
  ].join('\n');
}

function toneTable({ tone }: BeepSequenceReport): string {
  return [
    'Tone model, accuracy by signal-to-noise ratio',
    formatTable([
      ['all', ...tone.bySnr.map(({ snrDb }) => `${snrDb} dB`)],
      [formatFigure(tone.all.accuracy), ...tone.bySnr.map(({ metrics }) => formatFigure(metrics.accuracy))],
    ]),
  ].join('\n');
}

function parityTable({ parity }: BeepSequenceReport): string {
  const figures = { accuracy: parity.accuracy, AUC: parity.rocAuc, 'log-loss': parity.logLoss };
  const spreads = Object.entries({ ...figures, precision: parity.precision, recall: parity.recall });
  const range = ([, spread]: (typeof spreads)[number]): string =>
    spread === null ? '–' : `${formatFigure(spread.mean)} (${formatFigure(spread.min)}–${formatFigure(spread.max)})`;
  return [
    `The seed's own protocol, ${formatCount(parity.rows.length, 'run')}: mean (range)`,
    formatTable([spreads.map(([name]) => name), spreads.map(range)]),
  ].join('\n');
}

function eventFacts({ events }: BeepSequenceReport): string {
  return [
    `Alerts on held-out recordings, ${formatDuration(events.durationSec ?? 0)} at ${events.timesRealTime.toFixed(0)} × real time`,
    formatTable([
      ['found', 'true', 'precision', 'recall', 'F1', 'false alarms per hour'],
      [
        String(events.nFound),
        String(events.nTruth),
        formatFigure(events.precision),
        formatFigure(events.recall),
        formatFigure(events.f1),
        formatFigure(events.falseAlarmsPerHour, 2),
      ],
    ]),
  ].join('\n');
}

function permutationTable({ permutations, tone, sequence }: PermutationTest): string {
  const row = (name: string, { mean, standardError, rocAucs, unpermuted, pValue }: PermutationFigures): string[] => {
    const range = `${formatFigure(Math.min(...rocAucs))}–${formatFigure(Math.max(...rocAucs))}`;
    return [
      name,
      formatFigure(mean),
      formatFigure(standardError),
      range,
      formatFigure(unpermuted),
      formatFigure(pValue),
    ];
  };
  return [
    `AUC on the test part after ${formatCount(permutations, 'permutation')} of the training labels; .5 where nothing leaks`,
    formatTable([
      ['model', 'mean', 'standard error', 'range', 'on true labels', 'p'],
      row('tone', tone),
      row('sequence', sequence),
    ]),
  ].join('\n');
}

function floorTable(floors: readonly JudgedFloor[]): string {
  const rows = floors.map((floor) => [
    floor.holds ? 'ok' : 'MISSED',
    floor.label,
    formatFigure(floor.value, FLOOR_DIGITS),
    `${floor.side === 'least' ? '≥' : '≤'} ${floor.bound}`,
    floor.of,
  ]);
  return ['Floors of the full corpus', formatTable([['', 'figure', 'value', 'floor', 'measured on'], ...rows])].join(
    '\n',
  );
}

function places({ bundle, onnxMaxAbsDiff, secondsByStage }: BeepSequenceReport): string {
  const out = dirname(bundle);
  return formatFacts({
    'largest difference tfjs to ONNX': onnxMaxAbsDiff.toExponential(1),
    seconds: Object.entries(secondsByStage)
      .map(([stage, seconds]) => `${stage} ${seconds.toFixed(1)}`)
      .join(', '),
    bundle,
    metrics: join(out, 'metrics.json'),
    report: join(out, 'report.html'),
  });
}
