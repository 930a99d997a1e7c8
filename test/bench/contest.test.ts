import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assertClose, featureWorkloads } from '../../bench/workloads.js';
import { benchReport, benchTable, contest, quantile, saveReport, type Workload } from '../../src/bench/index.js';

const QUICK = { rounds: 2, secondsPerRound: 0.01 };

/** Keeps the processor busy for a known number of multiplications. */
function spin(steps: number): number {
  let x = 1;
  for (let i = 0; i < steps; i += 1) x = Math.imul(x, 1664525) + i;
  return x;
}

function workload(over: Partial<Workload> = {}): Workload {
  return {
    name: 'W',
    audioSec: 10,
    contestants: [
      { name: 'quick', run: () => void spin(2_000) },
      { name: 'slow', run: () => void spin(200_000) },
    ],
    check: () => undefined,
    ...over,
  };
}

describe('contest', () => {
  it('times every contestant and compares it with the first', () => {
    const [quick, slow] = contest(workload(), QUICK);
    expect(quick!.ratio).toBe(1);
    // A hundred times the work; a busy machine may blur that, not by ten.
    expect(slow!.ratio).toBeGreaterThan(10);
    expect(slow!.timesRealTime).toBeCloseTo(10_000 / slow!.medianMs, 6);
    for (const timing of [quick!, slow!]) {
      expect(timing.samples).toBeGreaterThanOrEqual(10);
      expect(timing.p10Ms).toBeGreaterThan(0);
      expect(timing.p10Ms).toBeLessThanOrEqual(timing.medianMs);
      expect(timing.medianMs).toBeLessThanOrEqual(timing.p90Ms);
    }
  });

  it('times nothing where results differ', () => {
    let ran = 0;
    const run = () => {
      ran += 1;
    };
    const check = () => {
      throw new Error('results differ');
    };
    expect(() => contest(workload({ contestants: [{ name: 'a', run }], check }), QUICK)).toThrow('results differ');
    expect(ran).toBe(0);
  });

  it('does not swallow what a contestant throws', () => {
    const run = () => {
      throw new Error('broken contestant');
    };
    expect(() => contest(workload({ contestants: [{ name: 'a', run }] }), QUICK)).toThrow('broken contestant');
  });
});

describe('quantile', () => {
  it('interpolates between neighbours', () => {
    expect(quantile([1, 2, 3, 4, 5], 0.5)).toBe(3);
    expect(quantile([1, 2], 0.1)).toBeCloseTo(1.1, 12);
    expect(quantile([7], 0.9)).toBe(7);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

describe('the report', () => {
  const results = contest(workload(), QUICK);
  const report = benchReport('features', { kernels: 'scalar' }, results);

  it('says where, when and on what', () => {
    expect(report.cpu.length).toBeGreaterThan(0);
    expect(report.commit).toMatch(/^([0-9a-f]{7,}\+?|unknown)$/);
    expect(Date.parse(report.date)).toBeGreaterThan(Date.parse('2024-01-01'));
    expect(report.node).toBe(process.version);
  });

  it('is a table for people and JSON for machines', () => {
    const lines = benchTable(results).split('\n');
    expect(lines.length).toBe(3);
    expect(lines[2]).toMatch(/^W\s+slow\s+[\d.]+/);
    const folder = mkdtempSync(join(tmpdir(), 'cochlea-bench-'));
    try {
      const path = saveReport(join(folder, 'results'), report);
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(report);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the feature suite', () => {
  it.each(featureWorkloads(2))('$name gives the same natively and in plain TypeScript', (each) => {
    expect(each.contestants.length).toBe(2);
    each.check();
    for (const contestant of each.contestants) contestant.run();
  });

  it('would notice a difference', () => {
    const x = Float32Array.of(1, 2);
    assertClose('x', x, x);
    expect(() => assertClose('x', x, Float32Array.of(1, 2.02))).toThrow('x: value 1 is 2');
    expect(() => assertClose('x', Float32Array.of(Number.NaN), Float32Array.of(1))).toThrow('value 0 is NaN');
    expect(() => assertClose('x', new Float32Array(0), new Float32Array(0))).toThrow('native gives 0 values');
    expect(() => assertClose('x', x, Float32Array.of(1))).toThrow('native gives 2 values, plain 1');
  });
});
