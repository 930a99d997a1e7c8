/** The top of the report: what the run is, whether its floors hold. */
import { formatFigure, type Html, keyFigures, paragraph } from '../../report/index.js';
import type { PermutationFigures, PermutationTest } from './permutations.js';
import { boundText, figureText, floorsOf, holds } from './report-figures.js';
import { sourceNote } from './report-setting.js';
import type { BeepSequenceReport } from './results.js';

const FULL = 'full';

export function summary(report: BeepSequenceReport): Html[] {
  const floors = floorsOf(report);
  const cards = floors.map((floor) => ({
    label: floor.label,
    value: figureText(floor.value),
    note: `floor ${boundText(floor)} · ${floor.of}`,
    state: holds(floor) ? ('good' as const) : ('bad' as const),
  }));
  return [
    paragraph(
      'An appliance calls with a rhythm: four beeps of a 4 kHz tone, then a pause as long, four times over, in about ' +
        'four seconds. This recipe learns to hear that call in recordings of rooms with speech, music and machines, and ' +
        'to keep silent for everything that only resembles it.',
    ),
    paragraph(
      'Two models work in a row. The tone model looks at 150 ms of sound and says how likely the tone is there: one value ' +
        'every 100 ms. The sequence model looks at 40 such values, 4 s, and says whether a complete call lies ' +
        'in them. Neighbouring windows that say yes become one alert with a start and an end.',
    ),
    paragraph(
      verdict(
        report,
        floors.filter((floor) => !holds(floor)).map(({ label }) => label),
      ),
    ),
    ...sourceNote(report.corpus),
    keyFigures([...cards, ...context(report)]),
    paragraph(
      `The test part and the held-out recordings share no background recording with the training part. The score from ` +
        `which on a window counts, ${formatFigure(report.test.threshold)}, was not chosen on the test part either ` +
        `(${report.test.thresholdChosenBy}).`,
    ),
    ...(report.permutations === null ? [] : [permuted(report.permutations)]),
  ];
}

/** Figures without a floor. */
function context({ events }: BeepSequenceReport) {
  const onset = events.meanOnsetErrorSec;
  return [
    {
      label: 'Onset error',
      value: onset === null ? null : `${formatFigure(1000 * onset, 3)} ms`,
      note: 'mean of found minus true start of matched alerts; above 0 is late',
    },
    {
      label: 'Speed',
      value: `${formatFigure(events.timesRealTime, 3)} ×`,
      note: 'seconds of sound heard per second of work',
    },
  ];
}

function verdict({ corpus }: BeepSequenceReport, missed: readonly string[]): string {
  const size =
    corpus.size === FULL
      ? ''
      : ` This run used the "${corpus.size}" corpus; the floors are meant for the "${FULL}" one, with default settings.`;
  if (missed.length === 0) return `All floors hold.${size}`;
  return `Missed: ${missed.join(', ')}. All other floors hold.${size}`;
}

function permuted({ permutations, steps, tone, sequence }: PermutationTest): Html {
  const of = (name: string, { mean, standardError, unpermuted }: PermutationFigures): string =>
    `${formatFigure(mean, 3)} ± ${formatFigure(standardError, 2)} for the ${name} model (${formatFigure(unpermuted, 3)} on true labels)`;
  return paragraph(
    `Does the test part leak into training? Both models were trained ${permutations} times more, for ${steps.tone} and ` +
      `${steps.sequence} steps, on training labels that were shuffled, which leaves nothing to learn. Mean ROC AUC on the ` +
      `test part, with its standard error: ${of('tone', tone)}, ${of('sequence', sequence)}; 0.5 where nothing leaks. One ` +
      'such model alone can have any AUC: it scores all positives much the same.',
  );
}
