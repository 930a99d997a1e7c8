import { describe, expect, it } from 'vitest';
import { matchEvents, poolEventMetrics } from '../../src/evaluation/index.js';
import type { Interval } from '../../src/types.js';

const at = (...starts: number[]): Interval[] =>
  starts.map((startSec) => ({ startSec, endSec: startSec + 1, label: 'beep' }));

describe('matchEvents', () => {
  it('pairs within the collar and names the rest', () => {
    const m = matchEvents(at(10.1, 50, 70.2), at(10, 30, 70), { collarMs: 250, durationSec: 1800 });
    expect(m).toMatchObject({
      nFound: 3,
      nTruth: 3,
      nMatched: 2,
      missed: [1],
      falseAlarms: [1],
      falseAlarmsPerHour: 2,
    });
    expect(m.precision).toBeCloseTo(2 / 3, 12);
    expect(m.f1).toBeCloseTo(2 / 3, 12);
    expect(m.matches.map((p) => [p.found, p.truth])).toEqual([
      [0, 0],
      [2, 2],
    ]);
    expect(m.matches[0]!.onsetErrorSec).toBeCloseTo(0.1, 12);
  });

  it('takes the collar as inclusive in spite of rounding', () => {
    expect(matchEvents(at(0.1 + 0.2), at(0.1), { collarMs: 200 }).nMatched).toBe(1);
    expect(matchEvents(at(0.3001), at(0.1), { collarMs: 200 }).nMatched).toBe(0);
  });

  it('pairs one to one: a second alert on the same event is a false alarm', () => {
    const m = matchEvents(at(5, 5.1), at(5), { collarMs: 500 });
    expect(m).toMatchObject({ nMatched: 1, falseAlarms: [1], recall: 1, precision: 0.5, falseAlarmsPerHour: null });
  });

  it('finds the largest pairing where the nearest one would block it', () => {
    // Nearest first would pair 1.0 with 1.1; what is left, 2.0 and 0.2, lies further apart than the collar.
    const m = matchEvents(at(1.0, 2.0), at(0.2, 1.1), { collarMs: 1000 });
    expect(m.matches.map((p) => [p.found, p.truth])).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('of the largest pairings takes the one with the smallest error', () => {
    const m = matchEvents(at(1, 2), at(2), { collarMs: 1500 });
    expect(m.matches).toEqual([{ found: 1, truth: 0, onsetErrorSec: 0 }]);
  });

  it('keeps labels apart and does not mind the order of its input', () => {
    const found = [{ startSec: 9, endSec: 10, label: 'b' }, ...at(3, 1)];
    const m = matchEvents(found, at(1, 3, 9), { collarMs: 100 });
    expect(m.matches.map((p) => [p.found, p.truth])).toEqual([
      [2, 0],
      [1, 1],
    ]);
    expect(m.falseAlarms).toEqual([0]);
  });

  it('equals brute force on random lists', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed / 2147483648;
    };
    for (let round = 0; round < 300; round++) {
      const found = at(...Array.from({ length: Math.floor(random() * 6) }, () => random() * 6));
      const truth = at(...Array.from({ length: Math.floor(random() * 6) }, () => random() * 6));
      const m = matchEvents(found, truth, { collarMs: 700 });
      const [count, error] = bruteForce(found, truth, 0.7);
      expect(m.nMatched).toBe(count);
      const sum = m.matches.reduce((total, pair) => total + Math.abs(pair.onsetErrorSec), 0);
      expect(sum).toBeCloseTo(error, 9);
      expect(new Set(m.matches.map((p) => p.found)).size).toBe(count);
      expect(new Set(m.matches.map((p) => p.truth)).size).toBe(count);
    }
  });

  it('says null where nothing was there to find or was found', () => {
    expect(matchEvents([], [], { collarMs: 1 })).toMatchObject({ precision: null, recall: null, f1: null });
    expect(matchEvents(at(1), [], { collarMs: 1 })).toMatchObject({ precision: 0, recall: null, f1: 0 });
  });

  it('pools counts, not ratios', () => {
    const a = matchEvents(at(1, 2, 3), at(1), { collarMs: 10, durationSec: 3600 });
    const b = matchEvents(at(5), at(5, 6), { collarMs: 10, durationSec: 3600 });
    const pooled = poolEventMetrics([a, b]);
    expect(pooled).toMatchObject({ nFound: 4, nTruth: 3, nMatched: 2, precision: 0.5, falseAlarmsPerHour: 1 });
    expect(pooled.missed).toEqual([2]);
    expect(pooled.falseAlarms).toEqual([1, 2]);
    expect(() => poolEventMetrics([a, matchEvents([], [], { collarMs: 9 })])).toThrow('collarMs must be 10');
  });

  it('refuses a wrong option or onset', () => {
    expect(() => matchEvents([], [], { collarMs: -1 })).toThrow('collarMs must be 0 or more, got -1');
    expect(() => matchEvents([], [], { collarMs: 1, durationSec: 0 })).toThrow('durationSec must be above 0');
    expect(() => matchEvents(at(Number.NaN), [], { collarMs: 1 })).toThrow('found[0].startSec must be a finite');
  });
});

/** Most pairs, then least error, over every way to pair. */
function bruteForce(found: Interval[], truth: Interval[], collarSec: number): [number, number] {
  const [first, ...rest] = found;
  if (!first) return [0, 0];
  let best = bruteForce(rest, truth, collarSec);
  truth.forEach((event, i) => {
    const apart = Math.abs(event.startSec - first.startSec);
    if (apart > collarSec) return;
    const [count, error] = bruteForce(rest, [...truth.slice(0, i), ...truth.slice(i + 1)], collarSec);
    if (count + 1 > best[0] || (count + 1 === best[0] && error + apart < best[1])) best = [count + 1, error + apart];
  });
  return best;
}
