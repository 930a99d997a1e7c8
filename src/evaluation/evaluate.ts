import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { averagePrecision, partialAuc, rocAuc } from './curves.js';
import { binaryTruth, checkScores, f1Score, rank, ratio, type Truth } from './ranking.js';

export interface ConfusionMatrix {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
}

/** What was measured, about which class. A figure that is not defined on the data is null. */
export interface Metrics {
  /** The class that "positive", precision and recall speak of. */
  readonly positive: string;
  readonly n: number;
  readonly nPositive: number;
  /** Part of the truth that is positive; what a detector that always fires has for precision. */
  readonly prevalence: number | null;
  /** A score counts as positive from here on. */
  readonly threshold: number;
  readonly accuracy: number | null;
  /** Area under the ROC curve, ties counting half; null unless both classes are there. */
  readonly rocAuc: number | null;
  /** The same up to `maxFpr` false positives, standardised: chance is .5. */
  readonly pAuc: number | null;
  readonly maxFpr: number;
  /** Average precision. */
  readonly prAuc: number | null;
  /** Mean cross-entropy in nats; null unless every score lies in [0, 1]. */
  readonly logLoss: number | null;
  /** Null where nothing was found. */
  readonly precision: number | null;
  /** Null where nothing is positive. */
  readonly recall: number | null;
  readonly f1: number | null;
  readonly confusionMatrix: ConfusionMatrix;
}

export interface EvaluateOptions {
  /** Name of the positive class. */
  readonly positive: string;
  /** Scores at or above it are positive; default 0.5. */
  readonly threshold?: number;
  /** End of the partial ROC area; default 0.1 (DCASE's). */
  readonly maxFpr?: number;
}

const KEYS: OptionKeys<EvaluateOptions> = { positive: true, threshold: true, maxFpr: true };

/** A score of exactly 0 or 1 is moved inside by this: float32's epsilon, as scikit-learn does for float32 scores. */
const FLOAT32_EPSILON = 2 ** -23;
const DEFAULT_THRESHOLD = 0.5;
const DEFAULT_MAX_FPR = 0.1;

/**
 * Figures of one class against all others.
 *
 * @param scores higher means more likely positive; finite
 * @param truth one entry per score: 1 for positive and 0 for negative, or class names
 * @throws ParameterError `ERR_SHAPE` where lengths differ; `ERR_OPTION` for a score that is not finite, a truth byte
 *   other than 0 and 1, or a wrong option; `ERR_UNKNOWN_OPTION`
 * @example evaluate(Float32Array.of(0.9, 0.2), ['alarm', 'other'], { positive: 'alarm' }).f1 // 1
 */
export function evaluate(scores: Float32Array, truth: Truth, o: EvaluateOptions): Metrics {
  refuseUnknown(o, KEYS, 'evaluate');
  const { positive, threshold = DEFAULT_THRESHOLD, maxFpr = DEFAULT_MAX_FPR } = o;
  if (typeof positive !== 'string' || positive === '') {
    throw new ParameterError('ERR_OPTION', mustBe('positive', 'the name of the positive class', positive));
  }
  if (!Number.isFinite(threshold)) {
    throw new ParameterError('ERR_OPTION', mustBe('threshold', 'a finite number', threshold));
  }
  if (!(maxFpr > 0 && maxFpr <= 1)) {
    throw new ParameterError('ERR_OPTION', mustBe('maxFpr', 'above 0 and at most 1', maxFpr));
  }
  checkScores(scores);
  const bytes = binaryTruth(truth, scores.length, positive);
  const ranking = rank(scores, bytes);
  const confusionMatrix = confusion(scores, bytes, threshold);
  const { tp, fp, fn, tn } = confusionMatrix;
  const { n, nPositive } = ranking;
  return {
    positive,
    n,
    nPositive,
    prevalence: ratio(nPositive, n),
    threshold,
    accuracy: ratio(tp + tn, n),
    rocAuc: rocAuc(ranking),
    pAuc: partialAuc(ranking, maxFpr),
    maxFpr,
    prAuc: averagePrecision(ranking),
    logLoss: logLoss(scores, bytes),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    f1: f1Score(tp, fp, fn),
    confusionMatrix,
  };
}

function confusion(scores: Float32Array, truth: Uint8Array, threshold: number): ConfusionMatrix {
  let tp = 0;
  let fp = 0;
  let fn = 0;
  let tn = 0;
  for (let i = 0; i < scores.length; i++) {
    const found = scores[i]! >= threshold;
    if (truth[i] === 1) found ? tp++ : fn++;
    else found ? fp++ : tn++;
  }
  return { tp, fp, fn, tn };
}

function logLoss(scores: Float32Array, truth: Uint8Array): number | null {
  if (scores.length === 0) return null;
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (score < 0 || score > 1) return null;
    const p = Math.min(Math.max(score, FLOAT32_EPSILON), 1 - FLOAT32_EPSILON);
    sum -= Math.log(truth[i] === 1 ? p : 1 - p);
  }
  return sum / scores.length;
}
