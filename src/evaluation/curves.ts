/** Receiver operating characteristic and precision–recall: points for plots and the areas under them. */
import { binaryTruth, checkScores, type Ranking, rank, type Truth } from './ranking.js';

export interface RocPoint {
  /** Lowest score counted as positive; `Infinity` at the first point (0, 0). */
  readonly threshold: number;
  readonly fpr: number;
  readonly tpr: number;
}

export interface PrPoint {
  readonly threshold: number;
  readonly recall: number;
  readonly precision: number;
}

/**
 * One point per distinct score, from (0, 0) to (1, 1). Empty where one of the two classes is missing.
 *
 * @param positive needed where `truth` holds class names
 */
export function rocCurve(scores: Float32Array, truth: Truth, positive = ''): RocPoint[] {
  const r = ranked(scores, truth, positive);
  if (r.nPositive === 0 || r.nNegative === 0) return [];
  const points: RocPoint[] = [{ threshold: Number.POSITIVE_INFINITY, fpr: 0, tpr: 0 }];
  r.thresholds.forEach((threshold, i) => {
    points.push({ threshold, fpr: r.falsePositives[i]! / r.nNegative, tpr: r.truePositives[i]! / r.nPositive });
  });
  return points;
}

/** One point per distinct score, recall rising. Empty where nothing is positive. */
export function prCurve(scores: Float32Array, truth: Truth, positive = ''): PrPoint[] {
  const r = ranked(scores, truth, positive);
  if (r.nPositive === 0) return [];
  return Array.from(r.thresholds, (threshold, i) => {
    const tp = r.truePositives[i]!;
    return { threshold, recall: tp / r.nPositive, precision: tp / (tp + r.falsePositives[i]!) };
  });
}

/** Probability that a positive outscores a negative, ties counting half. Null where a class is missing. */
export function rocAuc(r: Ranking): number | null {
  if (r.nPositive === 0 || r.nNegative === 0) return null;
  let doubled = 0; // whole numbers, so exact up to 2^53
  let tpBefore = 0;
  let fpBefore = 0;
  for (let i = 0; i < r.thresholds.length; i++) {
    const tp = r.truePositives[i]!;
    const fp = r.falsePositives[i]!;
    doubled += (fp - fpBefore) * (tp + tpBefore);
    tpBefore = tp;
    fpBefore = fp;
  }
  return doubled / (2 * r.nPositive * r.nNegative);
}

/**
 * Area under the curve up to `maxFpr`, standardised so that chance is .5 and perfection 1
 * (McClish, "Analyzing a portion of the ROC curve", 1989; scikit-learn's `roc_auc_score(max_fpr)`).
 */
export function partialAuc(r: Ranking, maxFpr: number): number | null {
  if (r.nPositive === 0 || r.nNegative === 0) return null;
  let area = 0;
  let x = 0;
  let y = 0;
  for (let i = 0; i < r.thresholds.length && x < maxFpr; i++) {
    let fpr = r.falsePositives[i]! / r.nNegative;
    let tpr = r.truePositives[i]! / r.nPositive;
    if (fpr > maxFpr) {
      tpr = y + ((tpr - y) * (maxFpr - x)) / (fpr - x);
      fpr = maxFpr;
    }
    area += ((fpr - x) * (tpr + y)) / 2;
    x = fpr;
    y = tpr;
  }
  const chance = maxFpr ** 2 / 2;
  return 0.5 * (1 + (area - chance) / (maxFpr - chance));
}

/** Average precision: the mean of precision over the rises of recall, without interpolation. Null where nothing is positive. */
export function averagePrecision(r: Ranking): number | null {
  if (r.nPositive === 0) return null;
  let sum = 0;
  let tpBefore = 0;
  for (let i = 0; i < r.thresholds.length; i++) {
    const tp = r.truePositives[i]!;
    sum += ((tp - tpBefore) * tp) / (tp + r.falsePositives[i]!);
    tpBefore = tp;
  }
  return sum / r.nPositive;
}

function ranked(scores: Float32Array, truth: Truth, positive: string): Ranking {
  checkScores(scores);
  return rank(scores, binaryTruth(truth, scores.length, positive));
}
