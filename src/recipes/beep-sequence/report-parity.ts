/** The seed document's own protocol, its figures, and why accuracy says little there. */
import { type Cell, formatFigure, type Html, paragraph, table } from '../../report/index.js';
import type { Spread } from './parity.js';
import { figureText } from './report-figures.js';
import type { BeepSequenceReport } from './results.js';

/** What the document reports on its last 660 rows. It gives no precision and no recall. */
const DOCUMENT = { accuracy: 0.9924, rocAuc: 1, logLoss: 0.0123, rows: 660, errors: 5, alertsShown: 7 } as const;

const COLUMNS = ['run', 'accuracy', 'all-negative accuracy', 'ROC AUC', 'log-loss', 'precision', 'recall'] as const;

export function parity({ parity: { rows, ...spreads }, test }: BeepSequenceReport): Html[] {
  const first = rows[0];
  if (first === undefined) return [paragraph("The seed document's protocol was not run (no parity seeds).")];
  const { train, test: tested, positiveTrain, positiveTest } = first.rows;
  return [
    paragraph(
      'This recipe began as a notebook with its own way to train and to judge: windows of 40 values every half second, ' +
        `a window counts as positive when at least 19 of its values are ones, the first rows in time train (${train}) and the last test (${tested}), ` +
        '5 epochs, batches of 64, Adadelta. It is run here just so, to have its figures beside those of the document. ' +
        'It is a comparison, not a goal, and no floor hangs on it.',
    ),
    table({
      caption: `Positive class: ${test.positive}, by the rule of 19 ones. The document had its own recordings, so its figures and ours are neighbours, not twins.`,
      columns: COLUMNS,
      rows: [
        [
          'the document',
          figureText(DOCUMENT.accuracy),
          '–',
          '1',
          figureText(DOCUMENT.logLoss),
          'not given',
          'not given',
        ],
        ...rows.map(({ seed, metrics, allNegativeAccuracy }) => [
          `seed ${seed}`,
          figureText(metrics.accuracy),
          figureText(allNegativeAccuracy),
          figureText(metrics.rocAuc),
          figureText(metrics.logLoss),
          figureText(metrics.precision),
          figureText(metrics.recall),
        ]),
        ...(rows.length > 1 ? [spreadRow(spreads, first.allNegativeAccuracy)] : []),
      ],
    }),
    paragraph(
      `Why accuracy alone says little: of the ${tested} test rows only ${positiveTest} are positive. A model that never ` +
        `fires, whatever it hears, is right about all the others: its accuracy is ${figureText(first.allNegativeAccuracy)}, ` +
        'though it finds nothing. Accuracy above that figure is what counts, and recall tells whether anything was found.',
    ),
    paragraph(
      `The document's ${formatFigure(100 * DOCUMENT.accuracy)} % are ${DOCUMENT.errors} errors in ${DOCUMENT.rows} rows. Calls are ` +
        'so rare there that a model that never fires would score about the same. It shows ' +
        `${DOCUMENT.alertsShown} alerts, all of them right, but not how many calls were missed. With ${positiveTrain} positives among ${train} training rows and so few epochs, ` +
        'the outcome also depends on the seed of the random numbers: some runs find everything, some nothing.',
    ),
    paragraph(
      'The rule itself is part of it: a window with 19 ones is positive in any order, so the model is never asked for the ' +
        'rhythm. The labels of this recipe ask for it (see "How things are labelled").',
    ),
  ];
}

function spreadRow(spreads: Omit<BeepSequenceReport['parity'], 'rows'>, allNegativeAccuracy: number): Cell[] {
  const { accuracy, rocAuc, logLoss, precision, recall } = spreads;
  return [
    'mean (range)',
    spreadText(accuracy),
    figureText(allNegativeAccuracy),
    ...[rocAuc, logLoss, precision, recall].map(spreadText),
  ];
}

function spreadText(spread: Spread | null): string {
  if (spread === null) return 'not defined for all';
  return `${figureText(spread.mean)} (${figureText(spread.min)} … ${figureText(spread.max)})`;
}
