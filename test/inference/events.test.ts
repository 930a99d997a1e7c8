import { describe, expect, it } from 'vitest';
import { EventFinder, extentOf, findEvents, type ScoredInput, type Sequence } from '../../src/inference/index.js';
import type { Decision } from '../../src/spec/index.js';

const decisionOf = (o: Partial<Decision> = {}): Decision => ({
  threshold: 0.5,
  chosenBy: '',
  minDurationMs: 0,
  mergeGapMs: 0,
  onset: 'window',
  activeThreshold: 0.5,
  ...o,
});

const sequence = (values: number[], stepSec: number, spanSec = stepSec, startSec = 0): Sequence => ({
  data: Float32Array.from(values),
  width: 1,
  n: values.length,
  first: 0,
  startSec,
  stepSec,
  spanSec,
});

/** `0`–`9` are tenths; other characters only please the eye. */
const tenths = (text: string) => [...text].filter((c) => /\d/.test(c)).map((c) => Number(c) / 10);

const round = (sec: number) => Math.round(sec * 1e6) / 1e6;
const spans = (events: { startSec: number; endSec: number; score: number }[]) =>
  events.map((event) => [round(event.startSec), round(event.endSec), round(event.score)]);

describe('findEvents, onset window', () => {
  // One-second steps. [scores, decision, span of a window in s, expected events]
  const table: [string, Partial<Decision>, number, [number, number, number][]][] = [
    ['0000', {}, 1, []],
    ['', {}, 1, []],
    ['0090', {}, 1, [[2, 3, 0.9]]],
    [
      '9009',
      {},
      1,
      [
        [0, 1, 0.9],
        [3, 4, 0.9],
      ],
    ],
    ['0567800', {}, 1, [[1, 5, 0.8]]],
    ['0500', { threshold: 0.5 }, 1, [[1, 2, 0.5]]], // at the threshold fires
    ['0400', { threshold: 0.5 }, 1, []],
    [
      '99 0 8',
      {},
      1,
      [
        [0, 2, 0.9],
        [3, 4, 0.8],
      ],
    ],
    [
      '99 0 8',
      { mergeGapMs: 999 },
      1,
      [
        [0, 2, 0.9],
        [3, 4, 0.8],
      ],
    ],
    ['99 0 8', { mergeGapMs: 1000 }, 1, [[0, 4, 0.9]]], // a gap of exactly mergeGapMs merges
    [
      '9 0 9 00 9',
      { mergeGapMs: 1000 },
      1,
      [
        [0, 3, 0.9],
        [5, 6, 0.9],
      ],
    ],
    ['9 00 99', { minDurationMs: 2000 }, 1, [[3, 5, 0.9]]],
    ['9 0 9', { minDurationMs: 3000, mergeGapMs: 1000 }, 1, [[0, 3, 0.9]]], // merged first, measured afterwards
    ['9 0 9', { minDurationMs: 3000 }, 1, []],
    ['9 0 9', {}, 3, [[0, 5, 0.9]]], // windows that overlap are one event
    [
      '9 000 9',
      {},
      3,
      [
        [0, 3, 0.9],
        [4, 7, 0.9],
      ],
    ],
    ['9 00 9', {}, 3, [[0, 6, 0.9]]], // and so are windows that touch
  ];
  it.each(table)('%s %o span %d', (scores, decision, spanSec, expected) => {
    const events = findEvents(sequence(tenths(scores), 1, spanSec), null, decisionOf(decision), 'x');
    expect(spans(events)).toEqual(expected.map(([start, end, score]) => [start, end, score]));
    expect(events.every((event) => event.label === 'x')).toBe(true);
  });

  it('does not lose a merge to rounding of 0.1 + 0.2', () => {
    const scores = sequence(tenths('9 000 9 000 9 000 9'), 0.1);
    expect(findEvents(scores, null, decisionOf({ mergeGapMs: 300 }), 'x')).toHaveLength(1);
    expect(findEvents(scores, null, decisionOf({ mergeGapMs: 299 }), 'x')).toHaveLength(4);
  });

  it('never starts before the recording', () => {
    const scores = sequence([1, 0], 1, 2, -1);
    expect(spans(findEvents(scores, null, decisionOf(), 'x'))).toEqual([[0, 1, 1]]);
  });
});

describe('findEvents, onset active', () => {
  // Values every 100 ms computed from 150 ms each: value i is centred on 0.1·i + 0.075 s.
  const input = (text: string, size: number, stride = 1): ScoredInput => ({
    sequence: sequence([...text].map(Number), 0.1, 0.15),
    size,
    stride,
  });
  const scoresOf = (values: number[], size: number, stride = 1) =>
    sequence(values, 0.1 * stride, (size - 1) * 0.1 + 0.15);
  const active = decisionOf({ onset: 'active' });

  it('starts at the first and ends one step after the last active value', () => {
    const events = findEvents(scoresOf([0, 1, 1, 0], 6), input('000110100', 6), active, 'x');
    expect(spans(events)).toEqual([[0.375, 0.775, 1]]);
  });

  it('looks for the onset in the first firing window, for the end in the last', () => {
    // Window 0 (values 0–3) does not fire, so the value at 0 is not part of the event.
    const events = findEvents(scoresOf([0, 1, 0, 1, 0], 4), input('10100110', 4), { ...active, mergeGapMs: 200 }, 'x');
    expect(spans(events)).toEqual([[0.275, 0.775, 1]]);
  });

  it('keeps two sequences apart though their windows overlap', () => {
    const tones = '110000000110000';
    const scores = Array.from({ length: 10 }, (_, i) => (i === 0 || i === 7 ? 1 : 0));
    const windowed = findEvents(scoresOf(scores, 6), null, decisionOf(), 'x');
    expect(windowed).toHaveLength(2);
    const near = Array.from({ length: 10 }, (_, i) => (i === 0 || i === 5 ? 1 : 0));
    expect(findEvents(scoresOf(near, 6), null, decisionOf(), 'x')).toHaveLength(1);
    expect(spans(findEvents(scoresOf(near, 6), input(tones, 6), active, 'x'))).toEqual([
      [0.075, 0.275, 1],
      [0.975, 1.175, 1],
    ]);
  });

  it('takes the whole window where no value is active', () => {
    expect(spans(findEvents(scoresOf([1], 4), input('0000', 4), active, 'x'))).toEqual([[0, 0.45, 1]]);
  });

  it('counts windows by their stride', () => {
    expect(extentOf(2, scoresOf([], 4, 5), input('000000000001100', 4, 5), active).startSec).toBeCloseTo(1.175, 9);
  });

  it('finds its values in a sequence whose start was dropped', () => {
    const whole = input('000110100', 4);
    const { sequence: s } = whole;
    const tail = { ...whole, sequence: { ...s, data: s.data.subarray(3), n: s.n - 3, first: 3 } };
    expect(extentOf(3, scoresOf([], 4), tail, active)).toEqual(extentOf(3, scoresOf([], 4), whole, active));
  });
});

describe('EventFinder', () => {
  it('gives an event as soon as nothing can join it', () => {
    const finder = new EventFinder(decisionOf({ mergeGapMs: 500 }), 'x');
    expect(finder.add(0.6, { startSec: 1, endSec: 2 })).toBeNull();
    expect(finder.add(0.9, { startSec: 2.5, endSec: 3 })).toBeNull();
    expect(finder.advance(3.5)).toBeNull();
    expect(finder.advance(3.6)).toEqual({ startSec: 1, endSec: 3, label: 'x', score: 0.9 });
    expect(finder.advance(9)).toBeNull();
    expect(finder.finish()).toBeNull();
  });

  it('gives the same as findEvents on random scores, and no two events that touch', () => {
    let seed = 3;
    const random = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed / 2147483648;
    };
    let total = 0;
    for (let round = 0; round < 100; round++) {
      const scores = sequence(Array.from({ length: 60 }, random), 0.1, 0.1 + random());
      const decision = decisionOf({ threshold: 0.8, mergeGapMs: 300 * random(), minDurationMs: 400 * random() });
      const finder = new EventFinder(decision, 'x');
      const live = [];
      for (let i = 0; i < scores.n; i++) {
        const score = scores.data[i]!;
        if (finder.fires(score)) live.push(finder.add(score, extentOf(i, scores, null, decision)));
        live.push(finder.advance((i + 1) * scores.stepSec));
      }
      live.push(finder.finish());
      const events = findEvents(scores, null, decision, 'x');
      expect(live.filter((event) => event !== null)).toEqual(events);
      for (let i = 1; i < events.length; i++) {
        expect(events[i]!.startSec - events[i - 1]!.endSec).toBeGreaterThan(decision.mergeGapMs / 1000);
      }
      total += events.length;
    }
    expect(total).toBeGreaterThan(100);
  });
});
