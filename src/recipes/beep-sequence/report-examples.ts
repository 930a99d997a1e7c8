/** Windows as the seed document prints them: 40 zeros and ones, and what they were taken for. */
import type { FeatureDataset } from '../../dataset/index.js';
import { code, formatFigure, type Html, paragraph } from '../../report/index.js';
import { SEQUENCE_LABEL, TONE_STEP_SEC } from './pipeline-spec.js';
import { kindName } from './report-kinds.js';
import type { Scored } from './sequence.js';
import { windowKind } from './targets.js';

const PER_GROUP = 6;
const BATCH = 512;
/** End of the id of a recording's track, where it has several. */
const PHASE = /@\d+$/;

interface Example {
  readonly values: string;
  readonly truth: number;
  readonly predicted: number;
  readonly score: number;
  readonly kind: string;
  readonly recording: string;
  readonly startSec: number;
}

interface ExampleOptions {
  /** A window with a score from here on is positive. */
  readonly threshold: number;
  /** A tone value from here on is printed as 1. */
  readonly toneThreshold: number;
}

/** Right and wrong windows of the test part. */
export async function examples(data: FeatureDataset, scored: Scored, o: ExampleOptions): Promise<Html[]> {
  const all = await windowsOf(data, scored, o);
  const group = (truth: number, predicted: number) =>
    all.filter((one) => one.truth === truth && one.predicted === predicted);
  const byScore = (direction: 1 | -1) => (a: Example, b: Example) => direction * (a.score - b.score);
  const alive = group(0, 0).filter(({ values }) => values.includes('1'));
  return [
    paragraph(
      'Each line is one window of the test part: its 40 tone values as zeros and ones, 1 where the value is at least ' +
        `${formatFigure(o.toneThreshold)} and the tone counts as heard, and after the colon what the sequence model said. At ` +
        '100 ms a value, beep-beep-beep-beep shows as five ones or so, a pause as five zeros. Then follow the score, the ' +
        'truth, what the window shows, and where it is.',
    ),
    ...block(
      'Sequences found, one of each recording',
      firstOf(group(1, 1), ({ recording }) => recording),
    ),
    ...block(
      'Rightly passed over, the closest call of each kind',
      firstOf([...alive].sort(byScore(-1)), ({ kind }) => kind),
    ),
    ...block('Sequences missed, lowest score first', group(1, 0).sort(byScore(1))),
    ...block('False alarms, highest score first', group(0, 1).sort(byScore(-1))),
  ];
}

function block(title: string, group: readonly Example[]): Html[] {
  if (group.length === 0) return [paragraph(`${title}: none.`)];
  const shown = group.slice(0, PER_GROUP);
  const count = shown.length < group.length ? ` (${shown.length} of ${group.length})` : '';
  return [paragraph(`${title}${count}:`), code(shown.map(lineOf).join('\n'))];
}

function lineOf({ values, predicted, score, truth, kind, recording, startSec }: Example): string {
  return `${values} : ${predicted}   ${score.toFixed(3)}  ${truth}  ${kind}, ${recording} at ${startSec.toFixed(1)} s`;
}

/** The first of each value of `key`. */
function firstOf(group: readonly Example[], key: (one: Example) => string): Example[] {
  const seen = new Map<string, Example>();
  for (const one of group) if (!seen.has(key(one))) seen.set(key(one), one);
  return [...seen.values()];
}

function negativeKind(kind: string): string {
  return kind === SEQUENCE_LABEL ? 'part of a sequence' : kindName(kind);
}

/** Every scored window, in the order of its score. */
async function windowsOf(data: FeatureDataset, { scores, truth }: Scored, o: ExampleOptions): Promise<Example[]> {
  const heard = (value: number) => Number(value >= o.toneThreshold);
  const found: Example[] = [];
  for await (const { x, xShape, ids } of data.batches({ batchSize: BATCH, shuffle: false })) {
    const size = x.length / (xShape[0] ?? 1);
    for (const [row, number] of ids.entries()) {
      const at = found.length;
      const score = scores[at]!;
      const { item, window } = data.locate(number);
      const trackSec = item.startSec ?? 0;
      found.push({
        values: x
          .subarray(row * size, (row + 1) * size)
          .map(heard)
          .join(','),
        truth: truth[at]!,
        predicted: Number(score >= o.threshold),
        score,
        kind: truth[at] === 1 ? SEQUENCE_LABEL : negativeKind(windowKind(window, item.labels ?? [], trackSec)),
        recording: item.id.replace(PHASE, ''),
        startSec: trackSec + window * TONE_STEP_SEC,
      });
    }
  }
  return found;
}
