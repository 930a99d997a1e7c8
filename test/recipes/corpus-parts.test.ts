import { describe, expect, test } from 'vitest';
import { dbToAmplitude, exp, sinTurns } from '../../src/recipes/beep-sequence/corpus/exact-math.js';
import {
  completeSequence,
  missingBeep,
  missingPair,
  otherTempo,
  type Pattern,
  runsOf,
  singleBeeps,
  threeGroups,
} from '../../src/recipes/beep-sequence/corpus/patterns.js';
import { planCorpus } from '../../src/recipes/beep-sequence/corpus/plan.js';
import { type Random, randomFor } from '../../src/recipes/beep-sequence/corpus/random.js';
import { PARTS, type Source, splitSources } from '../../src/recipes/beep-sequence/corpus/sources.js';

const DRAWS = 200;
/** Rounding of sums of slot times. */
const EPSILON_SEC = 1e-9;

function draws(make: (random: Random) => Pattern, name: string): Pattern[] {
  return Array.from({ length: DRAWS }, (_, i) => make(randomFor(i, name)));
}

describe('exact math', () => {
  test('agrees with Math within its stated error', () => {
    for (let turns = -3; turns <= 3; turns += 0.0137) {
      expect(Math.abs(sinTurns(turns) - Math.sin(2 * Math.PI * turns))).toBeLessThan(1e-10);
    }
    for (let x = -30; x <= 30; x += 0.37) expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-13);
    expect(dbToAmplitude(20)).toBeCloseTo(10, 10);
    expect(dbToAmplitude(-6)).toBeCloseTo(0.501187, 6);
  });

  test('streams depend on seed and name alone, and differ by either', () => {
    const head = (seed: number, name: string) => {
      const random = randomFor(seed, name);
      return [random.uniform(0, 1), random.int(1, 6), random.white()];
    };
    expect(head(1, 'a')).toEqual(head(1, 'a'));
    expect(head(1, 'a')).not.toEqual(head(2, 'a'));
    expect(head(1, 'a')).not.toEqual(head(1, 'b'));
  });
});

describe('patterns', () => {
  test('a complete sequence is four runs of about half a second, a second apart', () => {
    for (const pattern of draws(completeSequence, 'complete')) {
      const runs = runsOf(pattern.beeps);
      expect(pattern.beeps).toHaveLength(16);
      expect(runs).toHaveLength(4);
      for (const [i, run] of runs.entries()) {
        expect(Math.abs(run.startSec - i)).toBeLessThanOrEqual(0.01);
        expect(run.endSec - run.startSec).toBeGreaterThan(0.465);
        expect(run.endSec - run.startSec).toBeLessThan(0.495);
      }
      expect(pattern.durationSec).toBeCloseTo(runs[3]!.endSec, 9);
    }
  });

  test('a missing beep leaves a gap that the 100 ms grid cannot jump over', () => {
    for (const pattern of draws(missingBeep, 'missing')) {
      const runs = runsOf(pattern.beeps);
      expect(pattern.beeps).toHaveLength(15);
      expect(runs).toHaveLength(5);
      const gaps = runs.slice(1).map((run, i) => run.startSec - runs[i]!.endSec);
      expect(gaps.filter((gap) => gap > 0.13 && gap < 0.17)).toHaveLength(1);
    }
  });

  test('a missing pair leaves a gap of two slots or a run half as long, and starts at 0', () => {
    for (const pattern of draws(missingPair, 'pair')) {
      const runs = runsOf(pattern.beeps);
      expect(pattern.beeps).toHaveLength(14);
      const gaps = runs.slice(1).map((run, i) => run.startSec - runs[i]!.endSec);
      const split = runs.length === 5 && gaps.some((gap) => gap > 0.25 && gap < 0.3);
      const shortened = runs.length === 4 && runs.some((run) => run.endSec - run.startSec < 0.25);
      expect(split || shortened).toBe(true);
      expect(runs[0]!.startSec).toBe(0);
    }
  });

  test('other hard negatives are what their names say', () => {
    for (const pattern of draws(threeGroups, 'three')) expect(runsOf(pattern.beeps)).toHaveLength(3);
    for (const pattern of draws((r) => otherTempo(r, 'slow'), 'slow')) {
      expect(runsOf(pattern.beeps)).toHaveLength(4);
      expect(pattern.durationSec).toBeGreaterThan(4.6);
    }
    for (const pattern of draws((r) => otherTempo(r, 'fast'), 'fast')) {
      expect(runsOf(pattern.beeps)).toHaveLength(4);
      expect(pattern.durationSec).toBeLessThan(2.6);
    }
    for (const pattern of draws(singleBeeps, 'single')) {
      const runs = runsOf(pattern.beeps);
      expect(runs.length).toBe(pattern.beeps.length);
      expect(runs.length).toBeLessThanOrEqual(4);
      for (const [i, run] of runs.slice(1).entries()) {
        expect(run.startSec - runs[i]!.endSec).toBeGreaterThan(1.2 - EPSILON_SEC);
      }
    }
  });
});

describe('plan', () => {
  test('the full test part has at least 60 sequences and as many hard negatives', () => {
    const kinds = planCorpus(1337, 'full', ['test']).flatMap((plan) => plan.events.map((event) => event.kind));
    const sequences = kinds.filter((kind) => kind === 'sequence').length;
    expect(sequences).toBeGreaterThanOrEqual(60);
    expect(kinds.length - sequences).toBeGreaterThanOrEqual(60);
    expect(new Set(kinds).size).toBe(13);
  });

  test('every SNR and every background occurs in train, validation and test', () => {
    for (const part of ['train', 'validation', 'test'] as const) {
      const plans = planCorpus(1337, 'full', [part]).filter((plan) => plan.events.length > 0);
      expect(new Set(plans.map((plan) => plan.events[0]!.snrDb)).size).toBe(6);
      expect(new Set(plans.flatMap((plan) => plan.profiles)).size).toBe(4);
    }
  });

  test('a part does not depend on which others are planned', () => {
    const all = planCorpus(7, 'full');
    expect(planCorpus(7, 'full', ['test'])).toEqual(all.filter((plan) => plan.part === 'test'));
  });
});

describe('split', () => {
  const sources = (['speech', 'music', 'ambience', 'tones'] as const).flatMap((category) =>
    Array.from({ length: 40 }, (_, i): Source => {
      const group = `${category}-${i % 8}`;
      return { id: `${group}/${i}`, path: `${i}`, category, group, bytes: 1000 * ((i % 8) + 1) };
    }),
  );

  test('no group is in two parts, every recording in one, no part without a category', () => {
    const parts = splitSources(sources);
    const partOf = new Map<string, string>();
    let count = 0;
    for (const part of PARTS) {
      for (const [category, list] of Object.entries(parts[part])) {
        expect(list.length, `${part} ${category}`).toBeGreaterThan(0);
        for (const source of list) {
          expect(partOf.get(source.group) ?? part).toBe(part);
          partOf.set(source.group, part);
          count += 1;
        }
      }
    }
    expect(count).toBe(sources.length);
    expect(partOf.size).toBe(32);
  });

  test('the split is the same for the same recordings in another order', () => {
    const ids = (list: ReturnType<typeof splitSources>) =>
      PARTS.map((part) =>
        Object.values(list[part])
          .flatMap((c) => c.map((s: Source) => s.id))
          .sort(),
      );
    expect(ids(splitSources([...sources].sort((a, b) => (a.id < b.id ? -1 : 1))))).toEqual(
      ids(splitSources([...sources].sort((a, b) => (a.id < b.id ? -1 : 1)))),
    );
  });
});
