/** How well each of the two models does on the test part. */
import { type Metrics, prCurve, rocCurve } from '../../evaluation/index.js';
import {
  columns,
  confusionChart,
  formatFigure,
  type Html,
  lineChart,
  paragraph,
  prChart,
  rocChart,
  table,
} from '../../report/index.js';
import { figureCell } from './report-figures.js';
import { kindName, kindText } from './report-kinds.js';
import type { BeepSequenceReport } from './results.js';
import type { Scored } from './sequence.js';

/** The sequence model on windows of 40 tone values. */
export async function sequenceJudged({ scores, truth }: Scored, { test }: BeepSequenceReport): Promise<Html[]> {
  const { positive, confusionMatrix, n, nPositive } = test;
  const curve = 'sequence model';
  return [
    paragraph(
      `The test part holds ${test.sequences} complete sequences and ${test.hardNegatives} hard negatives. It is cut into ` +
        `${n} windows of 4 s, 100 ms apart; ${nPositive} of them hold a complete sequence and are positive, all others ` +
        'are negative. A sequence fits into several neighbouring windows, so windows are more numerous than sequences.',
    ),
    columns(
      await confusionChart({
        title: 'Confusion matrix, windows',
        positive,
        negative: 'other',
        matrix: confusionMatrix,
        note: `Rows are the truth, columns what the model said from a score of ${formatFigure(test.threshold)} on. Blue is right.`,
      }),
      judgedTable(test),
    ),
    columns(
      await rocChart(
        'ROC',
        { [curve]: rocCurve(scores, truth) },
        'One point per threshold: sequences found against false alarms raised. The closer to the upper left corner, the better; the area below is the ROC AUC.',
      ),
      await prChart(
        'Precision and recall',
        { [curve]: prCurve(scores, truth) },
        {
          prevalence: test.prevalence,
          note: 'The same choice seen from the alerts: how many are right, while more and more sequences are found. With few positives this is the stricter picture.',
        },
      ),
    ),
    kindsTable(test.errorsByKind),
  ];
}

function judgedTable(m: Metrics): Html {
  const row = (name: string, value: number | null, meaning: string) => [name, figureCell(value), meaning];
  return table({
    caption: `Positive class: ${m.positive}`,
    columns: ['figure', 'value', 'what it says'],
    rows: [
      row('accuracy', m.accuracy, 'part of all windows judged rightly'),
      row('precision', m.precision, 'part of the windows called positive that are'),
      row('recall', m.recall, 'part of the positive windows that were called so'),
      row('F1', m.f1, 'harmonic mean of precision and recall'),
      row('ROC AUC', m.rocAuc, 'chance that a positive scores above a negative'),
      row('PR AUC', m.prAuc, 'mean precision over all recalls'),
      row('log-loss', m.logLoss, 'how far scores lie from the truth; 0 is perfect'),
      row('prevalence', m.prevalence, 'part of the windows that is positive'),
    ],
  });
}

function kindsTable(kinds: BeepSequenceReport['test']['errorsByKind']): Html {
  const rows = Object.entries(kinds)
    .sort(([a, x], [b, y]) => y.wrong - x.wrong || y.windows - x.windows || (a < b ? -1 : 1))
    .map(([kind, { windows, wrong }]) => [kindName(kind), kindText(kind), windows, wrong, percent(wrong, windows)]);
  return table({
    caption: 'Errors by what a window shows most of, worst first: here one sees what is hard.',
    columns: ['kind', 'what it is', 'windows', 'wrong', 'wrong, %'],
    rows,
  });
}

function percent(part: number, of: number): number | null {
  return of === 0 ? null : (100 * part) / of;
}

/** The tone model on frames of 150 ms. */
export async function toneJudged({ tone }: BeepSequenceReport): Promise<Html[]> {
  const { all, awayFromEdges, bySnr } = tone;
  const row = (name: string, m: Metrics) => [
    name,
    m.n,
    m.nPositive,
    figureCell(m.accuracy),
    figureCell(m.precision),
    figureCell(m.recall),
    figureCell(m.rocAuc),
  ];
  const accuracies = bySnr.flatMap(({ snrDb, metrics: { accuracy } }) =>
    accuracy === null ? [] : [[snrDb, accuracy] as const],
  );
  const figures = table({
    caption: `Positive class: ${all.positive}`,
    columns: ['frames', 'n', 'positive', 'accuracy', 'precision', 'recall', 'ROC AUC'],
    rows: [
      row('all', all),
      row('away from edges', awayFromEdges),
      ...bySnr.map(({ snrDb, metrics }) => row(`SNR ${formatFigure(snrDb)} dB`, metrics)),
    ],
  });
  return [
    paragraph(
      'A frame is 150 ms of sound; it is positive when its middle lies in a beep of the appliance. SNR says how loud the ' +
        'beeps are against the room: at 20 dB they stand out, at 0 dB they are as loud as everything else together, at ' +
        '−5 dB they are quieter. A quiet beep is still found because all its energy sits at one pitch.',
    ),
    paragraph(
      'Where a beep starts or ends, half a frame is beep and half is not, and the truth is a matter of milliseconds. ' +
        '"Away from edges" leaves out frames whose middle is within 25 ms of such a moment: what is wrong there is a real error.',
    ),
    ...(accuracies.length > 1
      ? [
          await lineChart({
            title: 'Tone accuracy by SNR, all frames',
            x: { title: 'SNR (dB)' },
            y: { title: 'accuracy' },
            series: [{ name: 'accuracy', points: accuracies }],
          }),
        ]
      : []),
    figures,
  ];
}
