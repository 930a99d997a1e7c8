/** Scores in falling order with the counts every curve is made of. */
import { mustBe, ParameterError } from '../errors.js';

/**
 * Truth per score: 1 is the positive class, 0 any other; or class names, of which `positive` is the positive one.
 */
export type Truth = Uint8Array | readonly string[];

/**
 * One entry per distinct score, in falling order: how many positives and negatives score at least that much.
 * Ties share an entry, so every area made from it is exact.
 */
export interface Ranking {
  readonly n: number;
  readonly nPositive: number;
  readonly nNegative: number;
  /** Distinct scores, falling. */
  readonly thresholds: Float32Array;
  /** Positives with `score >= thresholds[i]`. */
  readonly truePositives: Uint32Array;
  /** Negatives with `score >= thresholds[i]`. */
  readonly falsePositives: Uint32Array;
}

/**
 * Truth as one byte per score.
 *
 * @throws ParameterError `ERR_SHAPE` where lengths differ, `ERR_OPTION` for a byte other than 0 and 1 or an unknown class
 */
export function binaryTruth(truth: Truth, n: number, positive: string): Uint8Array {
  if (truth.length !== n) {
    throw new ParameterError('ERR_SHAPE', mustBe('truth', `${n} values, one per score`, truth.length));
  }
  if (!(truth instanceof Uint8Array)) {
    const bytes = new Uint8Array(n);
    for (let i = 0; i < n; i++) bytes[i] = truth[i] === positive ? 1 : 0;
    return bytes;
  }
  const wrong = truth.findIndex((value) => value > 1);
  if (wrong >= 0) throw new ParameterError('ERR_OPTION', mustBe(`truth[${wrong}]`, '0 or 1', truth[wrong]));
  return truth;
}

/** @throws ParameterError `ERR_OPTION` naming the first score that is NaN or infinite */
export function checkScores(scores: Float32Array): void {
  const wrong = scores.findIndex((score) => !Number.isFinite(score));
  if (wrong >= 0) throw new ParameterError('ERR_OPTION', mustBe(`scores[${wrong}]`, 'a finite number', scores[wrong]));
}

/** Ranks checked scores; `truth` holds one byte per score. */
export function rank(scores: Float32Array, truth: Uint8Array): Ranking {
  const n = scores.length;
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  order.sort((a, b) => scores[b]! - scores[a]!);

  const thresholds = new Float32Array(n);
  const truePositives = new Uint32Array(n);
  const falsePositives = new Uint32Array(n);
  let distinct = 0;
  let nPositive = 0;
  for (let i = 0; i < n; i++) {
    const score = scores[order[i]!]!;
    nPositive += truth[order[i]!]!;
    if (i + 1 < n && scores[order[i + 1]!] === score) continue;
    thresholds[distinct] = score;
    truePositives[distinct] = nPositive;
    falsePositives[distinct] = i + 1 - nPositive;
    distinct++;
  }
  return {
    n,
    nPositive,
    nNegative: n - nPositive,
    thresholds: thresholds.subarray(0, distinct),
    truePositives: truePositives.subarray(0, distinct),
    falsePositives: falsePositives.subarray(0, distinct),
  };
}

/** `a / b`, or null where there is nothing to divide by: an undefined figure is never NaN. */
export function ratio(a: number, b: number): number | null {
  return b === 0 ? null : a / b;
}

/** `2·tp / (2·tp + fp + fn)`; null where nothing is positive and nothing was found. */
export function f1Score(tp: number, fp: number, fn: number): number | null {
  return ratio(2 * tp, 2 * tp + fp + fn);
}
