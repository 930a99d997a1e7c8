/** What a run on permuted labels must show: models that tell nothing apart. */
import { mustBe, ParameterError } from '../../errors.js';
import type { Scored } from './sequence.js';

/** Scores of models on permuted labels spread over less than this; on true labels the classes lie .8 apart. */
const MARGIN = 0.2;

/** AUCs of the test part in which scores that differ by at most `margin` count as equal: .5 where nothing leaks. */
export interface LeakCheck {
  readonly margin: number;
  readonly toneAuc: number;
  readonly sequenceAuc: number;
}

export function leakCheck(tone: Scored, sequence: Scored): LeakCheck {
  return { margin: MARGIN, toneAuc: marginAuc(tone, MARGIN), sequenceAuc: marginAuc(sequence, MARGIN) };
}

/**
 * How likely a positive scores more than `margin` above a negative, plus half of how likely they are within it:
 * ROC-AUC for margin 0.
 *
 * A model with nothing to learn says nearly the same of everything, and plain AUC ranks the thousandths that are left.
 * Since the positives here are near-twins, all of them fall on one side of most negatives, and it is anything from 0 to 1.
 *
 * @throws ParameterError `ERR_SHAPE` where one class is absent
 */
export function marginAuc({ scores, truth }: Scored, margin: number): number {
  const negatives = scores.filter((_, i) => truth[i] === 0).sort();
  const positives = scores.filter((_, i) => truth[i] === 1);
  if (negatives.length === 0 || positives.length === 0) {
    const got = `${positives.length} positives and ${negatives.length} negatives`;
    throw new ParameterError('ERR_SHAPE', mustBe('truth', 'of both classes', got));
  }
  let won = 0;
  for (const score of positives) {
    const below = countBelow(negatives, (negative) => negative < score - margin);
    const atMost = countBelow(negatives, (negative) => negative <= score + margin);
    won += (below + atMost) / 2;
  }
  return won / (positives.length * negatives.length);
}

/** How many of the first numbers are `low`; once one is not, none after it is. */
function countBelow(ascending: Float32Array, low: (value: number) => boolean): number {
  let from = 0;
  let to = ascending.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (low(ascending[middle]!)) from = middle + 1;
    else to = middle;
  }
  return from;
}
