import { describe, expect, it } from 'vitest';
import { chooseThreshold, evaluate, type ThresholdOptions } from '../../src/evaluation/index.js';

describe('chooseThreshold', () => {
  const scores = Float32Array.of(0.875, 0.75, 0.625, 0.5, 0.25, 0.125);
  const truth = Uint8Array.of(1, 1, 0, 1, 0, 0);

  it('f1: the best cut, halfway to the next score', () => {
    const t = chooseThreshold(scores, truth, { rule: 'f1' });
    expect(t).toMatchObject({ threshold: 0.375, rule: 'f1' });
    expect(t.achieved).toMatchObject({ precision: 0.75, recall: 1, alertsPerHour: null });
    const best = evaluate(scores, truth, { positive: 'x', threshold: t.threshold }).f1;
    for (const threshold of scores) {
      expect(evaluate(scores, truth, { positive: 'x', threshold }).f1).toBeLessThanOrEqual(best ?? 0);
    }
  });

  it('fpr: the lowest threshold within the limit', () => {
    expect(chooseThreshold(scores, truth, { rule: 'fpr', maxFpr: 0.34 })).toMatchObject({
      threshold: 0.5,
      achieved: { recall: 1, fpr: 1 / 3 },
    });
    expect(chooseThreshold(scores, truth, { rule: 'fpr', maxFpr: 0 }).threshold).toBe(0.75);
    expect(chooseThreshold(scores, truth, { rule: 'fpr', maxFpr: 1 }).threshold).toBe(0.125);
  });

  it('fpr: lies above every score where even the highest is a negative', () => {
    for (const top of [0.5, 0, -0, -2.5]) {
      const t = chooseThreshold(Float32Array.of(top, -9), Uint8Array.of(0, 1), { rule: 'fpr', maxFpr: 0 });
      expect(t.threshold).toBeGreaterThan(top);
      expect(t.threshold).toBeLessThan(top + 1e-6);
      expect(t.achieved.fpr).toBe(0);
    }
  });

  it('alert-budget: counts runs of firing windows, not windows', () => {
    const series = Float32Array.of(0.1, 0.9, 0.8, 0.1, 0.7, 0.1, 0.6, 0.1);
    const hour = { rule: 'alert-budget', durationSec: 3600 } as const;
    expect(chooseThreshold(series, null, { ...hour, maxAlertsPerHour: 1 }).threshold).toBeCloseTo(0.8, 6);
    const two = chooseThreshold(series, null, { ...hour, maxAlertsPerHour: 2 });
    expect(two.threshold).toBeCloseTo(0.7, 6);
    expect(two.achieved).toEqual({ precision: null, recall: null, f1: null, fpr: null, alertsPerHour: 2 });
    // One silent window between 0.8 and 0.7 and between 0.7 and 0.6: with mergeGap 1 all of it is one alert.
    expect(chooseThreshold(series, null, { ...hour, maxAlertsPerHour: 1, mergeGap: 1 }).threshold).toBeCloseTo(0.1, 6);
    const none = chooseThreshold(series, null, { ...hour, maxAlertsPerHour: 0 });
    expect(none.threshold).toBeGreaterThan(0.9);
    expect(none.achieved.alertsPerHour).toBe(0);
  });

  it('alert-budget: with a truth only false alerts spend it', () => {
    const series = Float32Array.of(0.9, 0.1, 0.8, 0.1, 0.7);
    const t = chooseThreshold(series, Uint8Array.of(1, 0, 0, 0, 0), {
      rule: 'alert-budget',
      maxAlertsPerHour: 1,
      durationSec: 3600,
    });
    expect(t.threshold).toBeCloseTo(0.8, 6);
    expect(t.achieved).toMatchObject({ recall: 1, precision: 0.5, alertsPerHour: 1 });
  });

  it('normal-quantile: of all scores, or of the negatives', () => {
    const values = Float32Array.of(5, 1, 2, 4, 3);
    expect(chooseThreshold(values, null, { rule: 'normal-quantile', quantile: 0.5 }).threshold).toBe(3);
    expect(chooseThreshold(values, null, { rule: 'normal-quantile', quantile: 0.95 }).threshold).toBeCloseTo(4.8, 12);
    const normal = chooseThreshold(values, ['bad', 'ok', 'ok', 'bad', 'ok'], {
      rule: 'normal-quantile',
      quantile: 1,
      positive: 'bad',
    });
    expect(normal).toMatchObject({ threshold: 3, achieved: { recall: 1, fpr: 1 / 3 } });
    expect([...values]).toEqual([5, 1, 2, 4, 3]);
  });

  const refused: [ThresholdOptions, Uint8Array | null, string][] = [
    [{ rule: 'f1' }, null, "truth must be given for rule 'f1', got null"],
    [{ rule: 'f1' }, new Uint8Array(6), 'one positive at least'],
    [{ rule: 'fpr', maxFpr: 2 }, truth, 'maxFpr must be from 0 to 1, got 2'],
    [{ rule: 'fpr', maxFpr: 0.1 }, new Uint8Array(6).fill(1), 'one negative at least'],
    [{ rule: 'normal-quantile', quantile: Number.NaN }, null, 'quantile must be from 0 to 1'],
    [{ rule: 'alert-budget', maxAlertsPerHour: 1, durationSec: 0 }, null, 'durationSec must be above 0'],
    [{ rule: 'alert-budget', maxAlertsPerHour: -1, durationSec: 1 }, null, 'maxAlertsPerHour must be 0 or more'],
    [{ rule: 'alert-budget', maxAlertsPerHour: 1, durationSec: 1, mergeGap: 0.5 }, null, 'mergeGap must be a whole'],
  ];
  it.each(refused)('refuses %o', (options, t, message) => {
    expect(() => chooseThreshold(scores, t, options)).toThrow(message);
  });

  it('refuses an unknown rule and nothing to choose from', () => {
    const options = JSON.parse('{"rule":"best"}');
    expect(() => chooseThreshold(scores, truth, options)).toThrow(/rule must be 'f1'.*got "best"/);
    expect(() => chooseThreshold(new Float32Array(0), null, { rule: 'f1' })).toThrow(
      'scores must be at least one value',
    );
  });
});
