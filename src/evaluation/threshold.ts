/** Where to put the threshold. Give it validation data or, with `normal-quantile`, data known to be normal; never the test part. */
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { binaryTruth, checkScores, f1Score, type Ranking, rank, ratio, type Truth } from './ranking.js';

export type ThresholdOptions = { readonly positive?: string } & (
  | F1Rule
  | FprRule
  | AlertBudgetRule
  | NormalQuantileRule
);

interface F1Rule {
  readonly rule: 'f1';
}

interface FprRule {
  readonly rule: 'fpr';
  /** Largest part of the negatives that may fire. */
  readonly maxFpr: number;
}

interface AlertBudgetRule {
  readonly rule: 'alert-budget';
  readonly maxAlertsPerHour: number;
  /** What all scores together cover, in seconds. */
  readonly durationSec: number;
  /** Scores are in order of time; firing windows with at most so many silent ones between them are one alert. Default 0. */
  readonly mergeGap?: number;
}

interface NormalQuantileRule {
  readonly rule: 'normal-quantile';
  /** Part of the normal scores that stays silent, e.g. .95. */
  readonly quantile: number;
}

type RuleKeys = { readonly [O in ThresholdOptions as O['rule']]: OptionKeys<O> };

const KEYS: RuleKeys = {
  f1: { rule: true, positive: true },
  fpr: { rule: true, positive: true, maxFpr: true },
  'alert-budget': { rule: true, positive: true, maxAlertsPerHour: true, durationSec: true, mergeGap: true },
  'normal-quantile': { rule: true, positive: true, quantile: true },
};

export interface Threshold {
  /** Scores at or above it are positive. */
  readonly threshold: number;
  readonly rule: ThresholdOptions['rule'];
  /** What this threshold does on the given scores; what needs a truth that is not there is null. */
  readonly achieved: {
    readonly precision: number | null;
    readonly recall: number | null;
    readonly f1: number | null;
    readonly fpr: number | null;
    readonly alertsPerHour: number | null;
  };
}

const SEC_PER_HOUR = 3600;

/**
 * Chooses a threshold by a named rule.
 *
 * - `f1`: the largest F1, halfway between the lowest score that fires and the next one below.
 * - `fpr`: the lowest threshold at which at most `maxFpr` of the negatives fire.
 * - `alert-budget`: the lowest threshold at which, from above, alerts stay within `maxAlertsPerHour`. With a truth only
 *   false alerts count: positives neither make an alert nor join two.
 * - `normal-quantile`: the empirical quantile (linear interpolation) of the normal scores: all of them, or with a truth
 *   the negatives.
 *
 * @param truth null where none is known; `f1` and `fpr` need one
 * @throws ParameterError `ERR_OPTION` where a rule lacks what it needs or an option is out of range, `ERR_UNKNOWN_OPTION` also for
 *   an option of another rule
 */
export function chooseThreshold(scores: Float32Array, truth: Truth | null, o: ThresholdOptions): Threshold {
  if (Object.hasOwn(KEYS, o.rule)) refuseUnknown(o, KEYS[o.rule], `rule '${o.rule}'`);
  if (scores.length === 0) throw new ParameterError('ERR_SHAPE', mustBe('scores', 'at least one value', 0));
  checkScores(scores);
  const bytes = truth === null ? null : binaryTruth(truth, scores.length, o.positive ?? '');
  const threshold = pick(scores, bytes, o);
  return { threshold, rule: o.rule, achieved: achieved(scores, bytes, threshold, o) };
}

function pick(scores: Float32Array, truth: Uint8Array | null, o: ThresholdOptions): number {
  switch (o.rule) {
    case 'f1':
      return byF1(rank(scores, needTruth(truth, 'f1')));
    case 'fpr':
      return byFpr(rank(scores, needTruth(truth, 'fpr')), within(o.maxFpr, 'maxFpr'));
    case 'alert-budget':
      return byBudget(scores, truth, budget(o), o.mergeGap ?? 0);
    case 'normal-quantile':
      return quantileOf(normals(scores, truth), within(o.quantile, 'quantile'));
    default: {
      const rules = "'f1', 'fpr', 'alert-budget' or 'normal-quantile'";
      throw new ParameterError('ERR_OPTION', mustBe('rule', rules, (o as { rule: unknown }).rule));
    }
  }
}

function needTruth(truth: Uint8Array | null, rule: string): Uint8Array {
  if (truth === null) throw new ParameterError('ERR_OPTION', mustBe('truth', `given for rule '${rule}'`, null));
  return truth;
}

function within(value: number, name: string): number {
  if (value >= 0 && value <= 1) return value;
  throw new ParameterError('ERR_OPTION', mustBe(name, 'from 0 to 1', value));
}

function byF1(r: Ranking): number {
  if (r.nPositive === 0) {
    throw new ParameterError('ERR_OPTION', mustBe('truth', "one positive at least for rule 'f1'", 0));
  }
  let best = 0;
  let bestF1 = -1;
  r.thresholds.forEach((_, i) => {
    const tp = r.truePositives[i]!;
    const f1 = f1Score(tp, r.falsePositives[i]!, r.nPositive - tp) ?? 0;
    if (f1 > bestF1) {
      best = i;
      bestF1 = f1;
    }
  });
  const lowest = r.thresholds[best]!;
  return (lowest + (r.thresholds[best + 1] ?? lowest)) / 2;
}

function byFpr(r: Ranking, maxFpr: number): number {
  if (r.nNegative === 0) {
    throw new ParameterError('ERR_OPTION', mustBe('truth', "one negative at least for rule 'fpr'", 0));
  }
  const over = r.falsePositives.findIndex((fp) => fp / r.nNegative > maxFpr);
  if (over === 0) return above(r.thresholds[0]!);
  return r.thresholds[(over < 0 ? r.thresholds.length : over) - 1]!;
}

/** The next float32 above `score`: nothing seen so far reaches it. */
function above(score: number): number {
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  float[0] = score === 0 ? 0 : score; // −0 would step the wrong way
  bits[0] = bits[0]! + (float[0]! < 0 ? -1 : 1);
  return float[0]!;
}

function normals(scores: Float32Array, truth: Uint8Array | null): Float32Array {
  const kept = truth === null ? scores.slice() : scores.filter((_, i) => truth[i] === 0);
  if (kept.length === 0) {
    throw new ParameterError('ERR_OPTION', mustBe('truth', "one negative at least for rule 'normal-quantile'", 0));
  }
  return kept.sort();
}

function quantileOf(sorted: Float32Array, quantile: number): number {
  const at = quantile * (sorted.length - 1);
  const low = Math.floor(at);
  const a = sorted[low]!;
  return a + (at - low) * ((sorted[low + 1] ?? a) - a);
}

function budget(o: AlertBudgetRule): number {
  if (!(o.maxAlertsPerHour >= 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('maxAlertsPerHour', '0 or more', o.maxAlertsPerHour));
  }
  if (!(o.durationSec > 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('durationSec', 'above 0', o.durationSec));
  }
  if (o.mergeGap !== undefined && !(Number.isInteger(o.mergeGap) && o.mergeGap >= 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('mergeGap', 'a whole number of windows', o.mergeGap));
  }
  return (o.maxAlertsPerHour * o.durationSec) / SEC_PER_HOUR;
}

/** Lets windows fire from the highest score down and stops before the count of alerts passes the budget. */
function byBudget(scores: Float32Array, truth: Uint8Array | null, maxAlerts: number, mergeGap: number): number {
  const order = new Uint32Array(scores.length).map((_, i) => i);
  order.sort((a, b) => scores[b]! - scores[a]!);
  const firing = new Uint8Array(scores.length);
  let alerts = 0;
  let threshold = above(scores[order[0]!]!);
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i]!]!;
    for (; i < order.length && scores[order[i]!] === score; i++) {
      if (truth?.[order[i]!] === 1) continue;
      alerts += fire(firing, order[i]!, mergeGap + 1);
    }
    if (alerts > maxAlerts) return threshold;
    threshold = score;
  }
  return threshold;
}

/** Marks one window and says by how much the number of alerts changed: +1 new, 0 joins one, −1 joins two. */
function fire(firing: Uint8Array, at: number, reach: number): number {
  let left = 1;
  while (left <= reach && firing[at - left] !== 1) left++;
  let right = 1;
  while (right <= reach && firing[at + right] !== 1) right++;
  firing[at] = 1;
  if (left > reach && right > reach) return 1;
  if (left > reach || right > reach) return 0;
  return left + right > reach ? -1 : 0;
}

function achieved(
  scores: Float32Array,
  truth: Uint8Array | null,
  threshold: number,
  o: ThresholdOptions,
): Threshold['achieved'] {
  let tp = 0;
  let fp = 0;
  let alerts = 0;
  const firing = new Uint8Array(scores.length);
  const nPositive = truth === null ? 0 : truth.reduce((sum, value) => sum + value, 0);
  const reach = o.rule === 'alert-budget' ? (o.mergeGap ?? 0) + 1 : 1;
  for (let i = 0; i < scores.length; i++) {
    if (scores[i]! < threshold) continue;
    if (truth?.[i] === 1) tp++;
    else {
      fp++;
      alerts += fire(firing, i, reach);
    }
  }
  const known = truth !== null;
  return {
    precision: known ? ratio(tp, tp + fp) : null,
    recall: known ? ratio(tp, nPositive) : null,
    f1: known ? f1Score(tp, fp, nPositive - tp) : null,
    fpr: known ? ratio(fp, scores.length - nPositive) : null,
    alertsPerHour: o.rule === 'alert-budget' ? (alerts * SEC_PER_HOUR) / o.durationSec : null,
  };
}
