import { describe, expect, it } from 'vitest';
import { callCases } from '../../bench/cases/calls.js';
import type { Case } from '../../bench/cases/case.js';
import { featureCases } from '../../bench/cases/features.js';
import { fftCases } from '../../bench/cases/fft.js';
import { frontEndCases } from '../../bench/cases/onnx-front-end.js';
import { seed2Case } from '../../bench/cases/seed2.js';
import { FFT_SIZES, fftRows, W1, W2 } from '../../bench/cases/workloads.js';
import { featureLimit, fftLimit, frameFlop, type Roofline, rooflineOf } from '../../bench/limits.js';
import { noiseRows } from '../../bench/noise.js';
import { benchOptions } from '../../bench/options.js';
import { secondsOf, testSignal } from '../../bench/signal.js';
import { type Contest, type ContestResult, runContest } from '../../src/bench/index.js';

const ROOFLINE: Roofline = { gflops: 116, instructions: 'multiply-add, avx2', readMemory: 30, copyMemory: 13.6 };
const samples = testSignal(10);

/** A case with our own contestants alone: those that check against one of another process lack it here. */
function alone({ key: _key, goals, limit, skip: _skip, ...contest }: Case): Contest {
  return { ...contest, absent: [], goals: goals(ROOFLINE), ...(limit ? { limit: limit(ROOFLINE) } : {}) };
}

describe('our own contestants', () => {
  const small = fftCases().filter((each) => each.key.endsWith('in L2'));
  const inModels = frontEndCases(secondsOf(samples, 2));
  it.each([...featureCases(samples), ...small, ...callCases(samples), ...inModels])(
    '$title agree and can be timed',
    async (each) => {
      const contest = alone(each);
      const once = contest.contestants.map((contestant) => ({ ...contestant, round: () => roundOnce(contestant) }));
      const result = await runContest({ ...contest, contestants: once }, { rounds: 1 });
      expect(result.results.length).toBe(contest.contestants.length);
      for (const { value } of result.results) expect(value).toBeGreaterThan(0);
    },
  );

  /** A contestant's shortest round. */
  const roundOnce = (contestant: Contest['contestants'][number]) => contestant.round(0.001, 'wall');
});

describe('W6', () => {
  it('is skipped by name while the preset is not there', () => {
    const each = seed2Case(samples);
    if (each.contestants.length === 0) expect(each.skip).toBe('this version has no preset python_speech_features');
    else expect(each.skip).toBeUndefined();
  });
});

describe('the limit', () => {
  it('is arithmetic for features, and within what the design works with', () => {
    // W1 143–172 k, W2 95–114 k at 116 GFLOP/s.
    expect(featureLimit(W1, ROOFLINE).value).toBeGreaterThan(143_000);
    expect(featureLimit(W1, ROOFLINE).value).toBeLessThan(172_000);
    expect(featureLimit(W2, ROOFLINE).value).toBeGreaterThan(95_000);
    expect(featureLimit(W2, ROOFLINE).value).toBeLessThan(125_000);
    expect(featureLimit(W1, ROOFLINE).what).toBe(`multiply-add, avx2, ${Math.round(frameFlop(W1))} FLOP per frame`);
  });

  it('is memory where bytes take longer', () => {
    expect(featureLimit(W1, { ...ROOFLINE, readMemory: 0.1 }).what).toBe('bytes in and out of memory');
    expect(fftLimit(1024, true, ROOFLINE)).toEqual({
      value: expect.closeTo(85, 0),
      what: 'rows copied through memory',
    });
    expect(fftLimit(1024, false, ROOFLINE).value).toBe(116);
  });

  it('comes from the contests of the roofline', () => {
    const figure = (contestant: string, value: number) => ({
      ...{ contestant, value, ratio: 1, ofLimit: null, medianSec: 1, p10Sec: 1, p90Sec: 1 },
      ...{ samples: 1, rounds: 1, quietRounds: 1 },
    });
    const of = (results: ContestResult['results']): ContestResult => ({
      ...{ id: 'roofline', title: '', unit: '', baseline: '', limit: null, goals: [], absent: [], results },
    });
    const fma = of(
      ['scalar', 'avx2', 'avx512'].map((name, i) => figure(`multiply-add, ${name}`, [7, 116, 180][i] ?? 0)),
    );
    const memory = of([figure('copy, memory', 13.6), figure('read, memory', 30)]);
    expect(rooflineOf(fma, memory, 'avx2')).toEqual(ROOFLINE);
    expect(rooflineOf(fma, memory, 'avx512').gflops).toBe(180);
    expect(() => rooflineOf(fma, memory, 'neon')).toThrow('multiply-add, neon');
    expect(() => rooflineOf(fma, of([figure('copy, memory', 1)]), 'avx2')).toThrow('read, memory');
  });
});

describe('rows of W4', () => {
  it('come in whole blocks of the same noise', () => {
    for (const n of FFT_SIZES) expect(fftRows(n, true) % fftRows(n, false)).toBe(0);
    expect(fftRows(1024, false)).toBe(32);
    // x → 1664525 x + 1013904223 from 1, upper 24 bits, scaled to [-1, 1).
    expect(Array.from(noiseRows(2))).toEqual(
      [
        ((1664525 + 1013904223) >>> 8) / 8388608 - 1,
        (((Math.imul(1664525 + 1013904223, 1664525) + 1013904223) >>> 0) >>> 8) / 8388608 - 1,
      ].map(Math.fround),
    );
  });
});

describe('the command line', () => {
  it('has defaults, shorter ones with --quick', () => {
    expect(benchOptions([])).toMatchObject({
      suite: 'all',
      rounds: 5,
      secondsPerRound: 0.4,
      audioSec: 600,
      clock: 'wall',
    });
    expect(benchOptions(['dsp', '--quick'])).toMatchObject({ suite: 'dsp', rounds: 2, audioSec: 60 });
    expect(benchOptions(['--only', 'W1,W4']).only).toEqual(['W1', 'W4']);
  });

  it('refuses what it does not know, by name', () => {
    expect(() => benchOptions(['--only', 'W9'])).toThrow('--only must be one of W1, W2');
    expect(() => benchOptions(['gpu'])).toThrow('suite must be one of all, dsp, peers, training, got gpu');
    expect(() => benchOptions(['--clock', 'sun'])).toThrow('--clock must be one of wall, cpu');
    expect(() => benchOptions(['--rounds', '0'])).toThrow('--rounds must be a whole number from 1, got 0');
    expect(() => benchOptions(['--seconds', '0'])).toThrow('--seconds must be a positive number, got 0');
    expect(() => benchOptions(['--fast'])).toThrow(TypeError);
  });
});
