import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ConfusionMatrix, evaluate, prCurve, rocCurve } from '../../src/evaluation/index.js';

interface GoldenCase {
  name: string;
  scores: number[];
  truth: number[];
  threshold: number;
  accuracy: number;
  rocAuc: number;
  pAuc: number;
  prAuc: number;
  logLoss: number | null;
  precision: number;
  recall: number;
  f1: number;
  confusionMatrix: ConfusionMatrix;
  roc: { fpr: number[]; tpr: number[]; threshold: (number | null)[] };
}

const golden: { cases: GoldenCase[] } = JSON.parse(
  readFileSync(new URL('../golden/data/sklearn.json', import.meta.url), 'utf8'),
);

/** Counts and their ratios are exact in float64; the sums may be added in another order. */
const TOLERANCE = 1e-12;
/** scikit-learn takes 1 − p in float32, we in float64: half a float32 step relative to 1 − p. */
const LOG_LOSS_TOLERANCE = 2e-7;

describe('evaluate against scikit-learn', () => {
  it('has cases', () => expect(golden.cases.length).toBe(4));

  it.each(golden.cases)('$name', (c) => {
    const scores = Float32Array.from(c.scores);
    const m = evaluate(scores, Uint8Array.from(c.truth), { positive: 'yes', threshold: c.threshold });
    for (const key of ['accuracy', 'rocAuc', 'pAuc', 'prAuc', 'precision', 'recall', 'f1'] as const) {
      expect(Math.abs((m[key] ?? Number.NaN) - c[key]), key).toBeLessThan(TOLERANCE);
    }
    if (c.logLoss === null) expect(m.logLoss).toBeNull();
    else expect(Math.abs((m.logLoss ?? Number.NaN) - c.logLoss)).toBeLessThan(LOG_LOSS_TOLERANCE);
    expect(m.confusionMatrix).toEqual(c.confusionMatrix);

    const roc = rocCurve(scores, Uint8Array.from(c.truth));
    expect(roc.map((p) => p.fpr)).toEqual(c.roc.fpr);
    expect(roc.map((p) => p.tpr)).toEqual(c.roc.tpr);
    expect(roc.slice(1).map((p) => p.threshold)).toEqual(c.roc.threshold.slice(1));
  });
});

describe('evaluate', () => {
  const scores = Float32Array.of(0.9, 0.8, 0.3, 0.1);

  it('names its positive class and counts from class names', () => {
    const m = evaluate(scores, ['alarm', 'other', 'alarm', 'noise'], { positive: 'alarm' });
    expect(m).toMatchObject({ positive: 'alarm', n: 4, nPositive: 2, prevalence: 0.5, threshold: 0.5 });
    expect(m.confusionMatrix).toEqual({ tp: 1, fp: 1, fn: 1, tn: 1 });
    expect(m.rocAuc).toBe(0.75);
  });

  it('turns over with the positive class', () => {
    const flipped = scores.map((score) => 1 - score);
    const a = evaluate(scores, Uint8Array.of(1, 0, 1, 0), { positive: 'a' });
    const b = evaluate(flipped, Uint8Array.of(0, 1, 0, 1), { positive: 'b' });
    expect(b.rocAuc).toBe(a.rocAuc);
    expect(a.rocAuc).toBe(0.75);
  });

  it('says null, never NaN, where a figure is not defined', () => {
    const negative = evaluate(scores, new Uint8Array(4), { positive: 'x', threshold: 2 });
    expect(negative).toMatchObject({ rocAuc: null, pAuc: null, prAuc: null, precision: null, recall: null, f1: null });
    expect(negative.accuracy).toBe(1);
    const positive = evaluate(scores, new Uint8Array(4).fill(1), { positive: 'x' });
    expect(positive).toMatchObject({ rocAuc: null, pAuc: null, prAuc: 1, precision: 1, recall: 0.5 });
    const empty = evaluate(new Float32Array(0), new Uint8Array(0), { positive: 'x' });
    expect(empty).toMatchObject({ n: 0, prevalence: null, accuracy: null, rocAuc: null, logLoss: null, f1: null });
    expect(evaluate(Float32Array.of(2), Uint8Array.of(1), { positive: 'x' }).logLoss).toBeNull();
  });

  it('gives an all-negative model away', () => {
    const m = evaluate(new Float32Array(100), new Uint8Array(100).fill(1, 0, 1), { positive: 'x' });
    expect(m).toMatchObject({ accuracy: 0.99, recall: 0, precision: null, rocAuc: 0.5, pAuc: 0.5, prAuc: 0.01 });
  });

  it.each([
    [{ scores: Float32Array.of(Number.NaN), truth: Uint8Array.of(1) }, { positive: 'x' }, 'scores[0] must be a finite'],
    [{ scores: Float32Array.of(1), truth: Uint8Array.of(2) }, { positive: 'x' }, 'truth[0] must be 0 or 1, got 2'],
    [{ scores: Float32Array.of(1), truth: Uint8Array.of(1, 0) }, { positive: 'x' }, 'truth must be 1 values'],
    [{ scores: Float32Array.of(1), truth: Uint8Array.of(1) }, { positive: '' }, 'positive must be the name'],
    [{ scores: Float32Array.of(1), truth: Uint8Array.of(1) }, { positive: 'x', maxFpr: 0 }, 'maxFpr must be above 0'],
    [
      { scores: Float32Array.of(1), truth: Uint8Array.of(1) },
      { positive: 'x', threshold: Number.NaN },
      'threshold must',
    ],
  ])('refuses %o %o', (data, options, message) => {
    expect(() => evaluate(data.scores, data.truth, options)).toThrow(message);
  });
});

describe('curves', () => {
  it('has one precision–recall point per distinct score', () => {
    const curve = prCurve(Float32Array.of(0.5, 0.25, 0.25, 0.125), ['y', 'y', 'n', 'n'], 'y');
    expect(curve).toEqual([
      { threshold: 0.5, recall: 0.5, precision: 1 },
      { threshold: 0.25, recall: 1, precision: 2 / 3 },
      { threshold: 0.125, recall: 1, precision: 0.5 },
    ]);
  });

  it('is empty where a class is missing', () => {
    expect(rocCurve(Float32Array.of(1, 2), Uint8Array.of(1, 1))).toEqual([]);
    expect(prCurve(Float32Array.of(1, 2), Uint8Array.of(0, 0))).toEqual([]);
  });
});
