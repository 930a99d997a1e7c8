import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeBundle } from '../../src/bundle/index.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { centreSec, Detector } from '../../src/inference/index.js';
import { completeSequence, runsOf } from '../../src/recipes/beep-sequence/corpus/patterns.js';
import { randomFor } from '../../src/recipes/beep-sequence/corpus/random.js';
import { HEARD } from '../../src/recipes/beep-sequence/parity.js';
import {
  pipelineSpec,
  SEQUENCE_MODEL,
  spectraSpec,
  TONE_MODEL,
  WINDOW_VALUES,
} from '../../src/recipes/beep-sequence/pipeline-spec.js';
import {
  nearToneEdge,
  popcountTargets,
  sequenceTargets,
  spectrumSec,
  toneCoverage,
  toneTruth,
  windowKind,
} from '../../src/recipes/beep-sequence/targets.js';
import { frameWidth, specOfModel } from '../../src/spec/index.js';
import type { Interval } from '../../src/types.js';
import { meanModel } from '../inference/models.js';

const RATE = 16_000;
/** A spectrum holds 2400 samples, the next one starts 400 later. */
const SPAN = 2400;
const STEP = 400;
const PRINTED = new URL('../fixtures/seed-0-printed-windows.txt', import.meta.url);

const tone = (startSec: number, endSec: number): Interval => ({ startSec, endSec, label: 'tone' });
const sequence = (startSec: number, endSec: number): Interval => ({ startSec, endSec, label: 'sequence' });
const hard = (kind: string, startSec: number, endSec: number): Interval => ({
  startSec,
  endSec,
  label: `hard:${kind}`,
});
const numbersWith = (values: Iterable<number>, wanted: number) =>
  [...values].flatMap((value, i) => (Object.is(value, wanted) ? [i] : []));

describe('toneCoverage', () => {
  test('is 1 for spectra inside a tone and 0 for spectra outside', () => {
    // Spectrum i holds [i · 25 ms, i · 25 ms + 150 ms).
    const coverage = toneCoverage(80, [tone(0.5, 1.5)]);
    expect([...coverage.subarray(20, 55)]).toEqual(Array(35).fill(1));
    expect([...coverage.subarray(0, 15)]).toEqual(Array(15).fill(0));
    expect([...coverage.subarray(60)]).toEqual(Array(20).fill(0));
    for (const i of [15, 16, 17, 18, 19, 55, 56, 57, 58, 59]) expect(coverage[i]).toBeGreaterThan(0);
    for (const i of [15, 16, 17, 18, 19, 55, 56, 57, 58, 59]) expect(coverage[i]).toBeLessThan(1);
  });

  test('is a half where an edge lies in the middle, since the window is symmetric', () => {
    expect(toneCoverage(1, [tone(0.075, 1)])[0]).toBeCloseTo(0.5, 6);
    expect(toneCoverage(1, [tone(0, 0.075)])[0]).toBeCloseTo(0.5, 6);
    expect(toneCoverage(9, [tone(0, 8 * 0.025 + 0.075)])[8]).toBeCloseTo(0.5, 6);
  });

  test('what a tone covers and what the silence around it covers make 1', () => {
    const inside = toneCoverage(40, [tone(0.31, 0.62)]);
    const outside = toneCoverage(40, [tone(0, 0.31), tone(0.62, 2)]);
    for (const [i, part] of inside.entries()) expect(part + outside[i]!).toBeCloseTo(1, 6);
  });

  test('adds up over the runs of one spectrum, whatever their order, and never passes 1', () => {
    const first = tone(0.4, 0.46);
    const second = tone(0.49, 0.53);
    const [a, b] = [toneCoverage(30, [first]), toneCoverage(30, [second])];
    const both = toneCoverage(30, [second, first]);
    expect(both.some((part, i) => a[i]! > 0 && b[i]! > 0 && part > 0)).toBe(true);
    for (const [i, part] of both.entries()) expect(part).toBeCloseTo(a[i]! + b[i]!, 6);
    expect(toneCoverage(30, [tone(0, 1), tone(0.2, 0.9)]).every((part) => part <= 1)).toBe(true);
  });

  test('is the share of the squared window that lies in tones, summed sample by sample', () => {
    const runs = [tone(0.25, 0.3), tone(0.4, 0.8375), tone(0.8625, 1.2), tone(1.9, 3)];
    const nSpectra = 75;
    const sounds = (sample: number) => runs.some((run) => sample >= run.startSec * RATE && sample < run.endSec * RATE);
    // scipy.signal.windows.blackman(2400), symmetric.
    const energy = Float64Array.from({ length: SPAN }, (_, n) => {
      const turns = n / (SPAN - 1);
      return (0.42 - 0.5 * Math.cos(2 * Math.PI * turns) + 0.08 * Math.cos(4 * Math.PI * turns)) ** 2;
    });
    const whole = energy.reduce((sum, part) => sum + part, 0);
    const coverage = toneCoverage(nSpectra, runs);
    for (let i = 0; i < nSpectra; i++) {
      const covered = energy.reduce((sum, part, n) => (sounds(i * STEP + n) ? sum + part : sum), 0);
      expect(coverage[i]).toBeCloseTo(covered / whole, 6);
    }
  });

  test('looks at tones alone, and at no spectrum that is not there', () => {
    expect(toneCoverage(20, [sequence(0, 1), hard('slow', 0, 1)]).every((part) => part === 0)).toBe(true);
    expect(toneCoverage(0, [tone(0, 1)])).toHaveLength(0);
    expect([...toneCoverage(3, [tone(0, 60)])]).toEqual([1, 1, 1]);
    expect([...toneCoverage(3, [tone(50, 60)])]).toEqual([0, 0, 0]);
  });
});

describe('toneTruth', () => {
  test('is 1 from a coverage of a half on', () => {
    const labels = [tone(0.5, 1.5), tone(1.7, 1.77)];
    const coverage = toneCoverage(100, labels);
    const truth = toneTruth(100, labels);
    for (const [i, part] of coverage.entries()) expect(truth[i]).toBe(part >= 0.5 ? 1 : 0);
    // The middle of spectrum i is at i · 25 ms + 75 ms: 17 lies on the start, 57 on the end.
    expect(numbersWith(truth.subarray(18, 57), 1)).toHaveLength(39);
    expect(numbersWith(truth.subarray(0, 17), 1)).toHaveLength(0);
  });

  test('agrees with the middle of the spectrum away from edges', () => {
    const labels = [tone(0.513, 1.498)];
    const truth = toneTruth(100, labels);
    for (const [i, value] of truth.entries())
      expect(value).toBe(spectrumSec(i) > 0.513 && spectrumSec(i) < 1.498 ? 1 : 0);
  });
});

describe('nearToneEdge', () => {
  test('is about the middle of a spectrum and either end of a tone', () => {
    const labels = [tone(1.01, 1.51), sequence(0.2, 3)];
    const near = Array.from({ length: 120 }, (_, i) => i).filter((i) => nearToneEdge(i, labels, 0.025));
    // Middles at 0.075 + i · 25 ms: 1.0 and 1.025 are near 1.01; 1.5 and 1.525 are near 1.51.
    expect(near).toEqual([37, 38, 57, 58]);
    expect(nearToneEdge(37, [], 0.025)).toBe(false);
    expect(nearToneEdge(37, labels, 0.005)).toBe(false);
  });
});

describe('sequenceTargets', () => {
  const LABELS = [tone(10, 10.5), sequence(10, 13.6), hard('three-groups', 3, 5.6)];
  // A window at stride 1 stands for [t + 25 ms, t + 25 ms + 4 s), t its first spectrum's start.
  const fromSec = (window: number, trackSec: number) => trackSec + window * 0.1 + 0.025;

  test.each([
    { phase: 0, complete: [96, 97, 98, 99], unscored: [94, 95, 100, 101] },
    { phase: 1, complete: [96, 97, 98, 99], unscored: [94, 95, 100, 101] },
    { phase: 2, complete: [96, 97, 98, 99], unscored: [94, 95, 100, 101] },
    { phase: 3, complete: [95, 96, 97, 98, 99], unscored: [93, 94, 100, 101] },
  ])('a sequence at a known time, phase $phase', ({ phase, complete, unscored }) => {
    // Phase 3 starts at 75 ms, windows from .1 s on: one begins exactly with the sequence, 10.0, one ends with it, 9.6.
    const shift = phase === 3 ? 1e-6 : 0;
    const labels = LABELS.map((label) => ({
      ...label,
      startSec: label.startSec + shift,
      endSec: label.endSec - shift,
    }));
    const targets = sequenceTargets(240, labels, phase * 0.025);
    expect(targets).toHaveLength(201);
    expect(numbersWith(targets, 1)).toEqual(complete);
    expect(numbersWith(targets, Number.NaN)).toEqual(unscored);
    expect(numbersWith(targets, 0)).toHaveLength(201 - complete.length - unscored.length);
  });

  test('a window that begins or ends exactly with the sequence holds it', () => {
    const start = fromSec(30, 0);
    expect(sequenceTargets(80, [sequence(start, start + 3.6)], 0)[30]).toBe(1);
    const end = fromSec(30, 0) + 40 * 0.1;
    expect(sequenceTargets(80, [sequence(end - 3.6, end)], 0)[30]).toBe(1);
    expect(sequenceTargets(80, [sequence(start, end)], 0)[30]).toBe(1);
  });

  test.each([
    ['nothing', 0, 1],
    ['1 µs', 1e-6, Number.NaN],
    ['just under 200 ms', 0.2 - 1e-6, Number.NaN],
    ['just over 200 ms', 0.2 + 1e-6, 0],
    ['half of it', 1.8, 0],
  ])('a window that cuts off %s', (_, cutSec, target) => {
    const from = fromSec(30, 0);
    const atStart = sequence(from - cutSec, from - cutSec + 3.6);
    expect(sequenceTargets(80, [atStart], 0)[30]).toBe(target);
    const to = from + 40 * 0.1;
    expect(sequenceTargets(80, [sequence(to + cutSec - 3.6, to + cutSec)], 0)[30]).toBe(target);
  });

  test('a window that holds one sequence and cuts a little off another is a positive, in either order', () => {
    const from = fromSec(30, 0);
    const whole = sequence(from + 0.1, from + 3.7);
    const cut = sequence(from - 0.1, from + 3.5);
    for (const labels of [
      [whole, cut],
      [cut, whole],
    ]) {
      expect(sequenceTargets(80, labels, 0)[30]).toBe(1);
    }
  });

  test('a sequence longer than a window lies inside none', () => {
    expect(numbersWith(sequenceTargets(120, [sequence(3, 7.1)], 0), 1)).toEqual([]);
    expect(numbersWith(sequenceTargets(120, [sequence(3, 7.5)], 0), Number.NaN)).toEqual([]);
  });

  test('hard negatives and tones make no positive; fewer values than a window make no target', () => {
    const others = [hard('three-groups', 5, 7.6), tone(5, 5.5), hard('missing-beep', 9, 12.6)];
    expect([...sequenceTargets(160, others, 0)]).toEqual(Array(121).fill(0));
    expect(sequenceTargets(39, LABELS, 0)).toHaveLength(0);
    expect(sequenceTargets(40, LABELS, 0)).toHaveLength(1);
  });
});

describe('popcountTargets', () => {
  test("gives the responses that the seed's document prints beside its windows", async () => {
    const lines = (await readFile(PRINTED, 'utf8')).trimEnd().split('\n');
    const rows = lines.map((line) => {
      const [values = '', response = ''] = line.split(' : ');
      return { values: values.split(',').map(Number), response: Number(response) };
    });
    expect(rows).toHaveLength(12);
    expect(rows.filter(({ response }) => response === 1)).toHaveLength(4);
    for (const { values, response } of rows) {
      // Its negatives are printed with 41 values: the last one too many, a zero.
      expect(values.slice(40)).toEqual(values.length === 40 ? [] : [0]);
      const window = Float32Array.from(values.slice(0, 40));
      expect([...popcountTargets(window, 40)]).toEqual([response]);
    }
    const together = Float32Array.from(rows.flatMap(({ values }) => values.slice(0, 40)));
    expect([...popcountTargets(together, 40)]).toEqual(rows.map(({ response }) => response));
  });

  test('counts from 19 on, wherever the ones are', () => {
    const ones = (n: number) => Float32Array.from({ length: 40 }, (_, i) => ((i * 7) % 40 < n ? 1 : 0));
    expect([...popcountTargets(ones(18), 40)]).toEqual([0]);
    expect([...popcountTargets(ones(19), 40)]).toEqual([1]);
    expect([...popcountTargets(ones(40), 40)]).toEqual([1]);
    expect(popcountTargets(new Float32Array(0), 40)).toHaveLength(0);
  });
});

describe('windowKind', () => {
  const labels = [tone(2, 2.5), sequence(2, 5.6), hard('slow', 7.6, 12.6), hard('speech', 15, 17.99)];

  test('is what the window overlaps most, tones left aside', () => {
    expect(windowKind(0, [], 0)).toBe('background');
    expect(windowKind(20, labels, 0)).toBe('sequence');
    // [4.025, 8.025): 1.575 s of the sequence, .425 s of the slow one.
    expect(windowKind(40, labels, 0)).toBe('sequence');
    // [5.025, 9.025): .575 s and 1.425 s.
    expect(windowKind(50, labels, 0)).toBe('hard:slow');
    expect(windowKind(160, labels, 0)).toBe('hard:speech');
    expect(windowKind(200, labels, 0)).toBe('background');
    expect(windowKind(20, [tone(2, 2.5)], 0)).toBe('background');
  });

  test('knows where its track starts', () => {
    // Window 179 starts at 17.925 in phase 0 and at 18.0 in phase 3.
    expect(windowKind(179, labels, 0)).toBe('hard:speech');
    expect(windowKind(179, labels, 0.075)).toBe('background');
  });
});

describe('time axes', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'cochlea-beep-axes-'));
  });
  afterAll(() => rm(root, { recursive: true }));

  const spec = pipelineSpec({ normalize: { kind: 'none' }, toneThreshold: 0.5, threshold: 0.5, chosenBy: 'test' });

  test('spectra lie where the data set of spectra says they do', async () => {
    const width = frameWidth(spec.features);
    const features = { data: new Float32Array(9 * width), shape: [9, width] };
    const spectra = await FeatureDataset.from([{ id: 'a', features }], { spec: spectraSpec() });
    expect(spectra.size).toBe(9);
    for (let i = 0; i < spectra.size; i++) {
      const { startSec, endSec } = spectra.locate(i);
      expect((startSec! + endSec!) / 2).toBeCloseTo(spectrumSec(i), 9);
      expect(endSec! - startSec!).toBeCloseTo(0.15, 9);
    }
  });

  test("the detector's tone values are the spectra of phase 0, its windows the targets'", async () => {
    const width = frameWidth(spec.features);
    // Models that average: nobody looks at their values, only at the times.
    const models = {
      [TONE_MODEL]: meanModel({ input: [width, 1], spec: specOfModel(spec, TONE_MODEL), bundle: spec }),
      [SEQUENCE_MODEL]: meanModel({ input: [WINDOW_VALUES, 1], spec, bundle: spec }),
    };
    await writeBundle(join(root, 'bundle'), { spec, models, card: {} });
    await using detector = await Detector.load(join(root, 'bundle'));
    const seconds = 6;
    const samples = Float32Array.from({ length: seconds * RATE }, (_, i) => Math.sin(i * i));
    const scored = await detector.scores({ samples, sampleRate: RATE });
    const [values] = scored.sequences;
    const nSpectra = 1 + Math.floor((samples.length - SPAN) / STEP);
    expect(values!.n).toBe(Math.ceil(nSpectra / 4));
    for (let i = 0; i < values!.n; i++) expect(centreSec(values!, i)).toBeCloseTo(spectrumSec(4 * i), 9);

    const targets = sequenceTargets(values!.n, [], 0);
    expect(targets).toHaveLength(scored.scores.length);
    // What a window of the detector covers, less the 25 ms at either end that its first and last value share with others.
    for (let window = 0; window < targets.length; window++) {
      const startSec = scored.startSec + window * scored.stepSec + 0.025 + 1e-6;
      const endSec = scored.startSec + window * scored.stepSec + scored.spanSec - 0.025 - 1e-6;
      expect(sequenceTargets(values!.n, [sequence(startSec, endSec)], 0)[window]).toBe(1);
      expect(sequenceTargets(values!.n, [sequence(startSec - 1e-5, endSec)], 0)[window]).toBeNaN();
      expect(sequenceTargets(values!.n, [sequence(startSec, endSec + 1e-5)], 0)[window]).toBeNaN();
    }
  });
});

describe('tone values at 100 ms', () => {
  /** Lengths of the runs of ones, and of the zeros between them. */
  function runLengths(values: readonly number[]): { ones: number[]; zeros: number[] } {
    const inner = values.join('').replace(/^0+|0+$/g, '');
    const lengths = (pattern: RegExp) => [...inner.matchAll(pattern)].map(([run]) => run.length);
    return { ones: lengths(/1+/g), zeros: lengths(/0+/g) };
  }

  test("show runs of 4 to 6 ones and 4 to 5 zeros, as the seed's own windows do", () => {
    const ones = new Set<number>();
    const zeros = new Set<number>();
    for (let seed = 0; seed < 200; seed++) {
      const random = randomFor(seed, 'run-lengths');
      const startSec = 1 + random.uniform(0, 1);
      const labels = runsOf(completeSequence(random).beeps).map((run) => ({
        startSec: startSec + run.startSec,
        endSec: startSec + run.endSec,
        label: 'tone',
      }));
      const coverage = toneCoverage(4 * 80, labels);
      const found = runLengths([...coverage].filter((_, i) => i % 4 === 0).map((part) => (part >= HEARD ? 1 : 0)));
      expect(found.ones).toHaveLength(4);
      for (const length of found.ones) ones.add(length);
      for (const length of found.zeros) zeros.add(length);
    }
    expect([...ones].sort()).toEqual([5, 6]);
    expect([...zeros].sort()).toEqual([4, 5]);
  });
});
