import { decode } from 'fast-png';
import { describe, expect, it, vi } from 'vitest';
import { prCurve, rocCurve } from '../../src/evaluation/index.js';
import {
  bandChart,
  barChart,
  confusionChart,
  histogramChart,
  lineChart,
  prChart,
  rocChart,
  spectrogram,
  timeline,
} from '../../src/report/index.js';
import { spectrogramPng } from '../../src/report/spectrogram-image.js';

/** Coordinates of each drawn line of a chart. */
function lines(markup: string): number[][][] {
  return [...markup.matchAll(/mark-line[^>]*>\s*<path[^>]* d="([^"]*)"/g)].map(([, path]) =>
    path!
      .split(/[ML]/)
      .filter(Boolean)
      .map((pair) => pair.split(',').map(Number)),
  );
}

/** How many marks of a kind were drawn. */
function countMarks(markup: string, mark: string): number {
  return [...markup.matchAll(new RegExp(`aria-roledescription="${mark}"`, 'g'))].length;
}

describe('lineChart', () => {
  const chart = () =>
    lineChart({
      title: 'Loss',
      x: { title: 'epoch' },
      y: { title: 'loss', domain: [0, 1] },
      series: [
        {
          name: 'train',
          points: [
            [1, 1],
            [2, 0.5],
            [3, 0],
            [4, Number.NaN],
          ],
        },
        {
          name: 'validation',
          points: [
            [1, 0.8],
            [2, 0.6],
            [3, 0.4],
          ],
          dashed: true,
        },
      ],
      marker: { x: 2, label: 'kept' },
      width: 200,
      height: 100,
    });

  it('draws one line per series where the points are, without those that are not finite', async () => {
    const [train, validation] = lines((await chart()).markup);
    expect(train!.map(([, y]) => y)).toEqual([0, 50, 100]);
    expect(validation!.map(([, y]) => y)).toEqual([20, 40, 60].map((y) => expect.closeTo(y, 6)));
    expect(train![0]![0]).toBe(0);
    expect(train![2]![0]).toBe(200);
  });

  it('names series, axes and marker', async () => {
    const { markup } = await chart();
    for (const text of ['>train<', '>validation<', '>epoch<', '>loss<', '>kept<']) expect(markup).toContain(text);
    expect(markup).toContain('<figcaption>Loss</figcaption>');
  });

  it('marks whole numbers only where x has nothing else', async () => {
    const { markup } = await chart();
    const ticks = [...markup.matchAll(/role-axis-label[\s\S]*?<\/g>/g)][0]![0];
    expect([...ticks.matchAll(/>([\d.]+)</g)].map(([, tick]) => tick)).toEqual(['1', '2', '3']);
  });

  it('draws with a logarithmic axis', async () => {
    const { markup } = await lineChart({
      title: 'Log',
      x: { title: 'x' },
      y: { title: 'y', scale: 'log', domain: [0.01, 1] },
      series: [
        {
          name: 'a',
          points: [
            [0, 1],
            [1, 0.1],
            [2, 0.01],
          ],
        },
      ],
      height: 100,
    });
    expect(lines(markup)[0]!.map(([, y]) => Math.round(y!))).toEqual([0, 50, 100]);
  });

  it('prints nothing', async () => {
    const spies = (['log', 'warn', 'error', 'info'] as const).map((name) => vi.spyOn(console, name));
    await chart();
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
});

describe('curves', () => {
  const n = 5000;
  const scores = Float32Array.from({ length: n }, (_, i) => i / n);
  const truth = Uint8Array.from({ length: n }, (_, i) => Number(i >= n / 2));

  it('a perfect detector goes through the upper left corner', async () => {
    const { markup } = await rocChart('ROC', { perfect: rocCurve(scores, truth) });
    const [perfect, chance] = lines(markup);
    expect(perfect!.some(([x, y]) => Math.abs(x!) < 1 && Math.abs(y!) < 1)).toBe(true);
    expect(perfect!.at(-1)).toEqual([300, 0]);
    expect(chance).toEqual([
      [0, 300],
      [300, 0],
    ]);
  });

  it('keeps few of many points', async () => {
    const { markup } = await prChart('PR', { perfect: prCurve(scores, truth) }, { prevalence: 0.5 });
    const [perfect, always] = lines(markup);
    expect(perfect!.length).toBeLessThan(2000);
    expect(perfect!.length).toBeGreaterThan(100);
    expect(always!.map(([, y]) => y)).toEqual([150, 150]);
  });
});

describe('confusionChart', () => {
  it('shows counts and their part of the true class', async () => {
    const matrix = { tp: 292, fn: 32, fp: 0, tn: 0 };
    const { markup } = await confusionChart({ title: 'C', positive: 'sequence', negative: 'other', matrix });
    for (const text of ['>292<', '>90.1 %<', '>32<', '>9.88 %<', '>sequence<', '>other<'])
      expect(markup).toContain(text);
  });
});

describe('timeline', () => {
  it('draws every interval, and the score with its peaks', async () => {
    const values = new Float32Array(50_000);
    values[33_333] = 1;
    const { markup } = await timeline({
      title: 'T',
      durationSec: 100,
      rows: [
        {
          name: 'alert',
          intervals: [
            { startSec: 1, endSec: 2, label: '' },
            { startSec: 50, endSec: 50.001, label: '' },
          ],
        },
        { name: 'true', intervals: [{ startSec: 1, endSec: 2, label: '' }] },
      ],
      score: { values, startSec: 0, stepSec: 0.002, threshold: 0.5 },
    });
    expect(countMarks(markup, 'bar')).toBe(3);
    const score = lines(markup)[0]!;
    expect(score.length).toBeLessThan(2 * 1040 + 1);
    const top = score.reduce((a, b) => (b[1]! < a[1]! ? b : a));
    expect(top[0]).toBeCloseTo((66.666 / 100) * 1040, 0);
  });
});

describe('spectrogram', () => {
  const nFrames = 40;
  const nBins = 16;
  /** Loud in frame 30, bin 2. */
  const db = Float32Array.from({ length: nFrames * nBins }, (_, i) => (i === 30 * nBins + 2 ? 0 : -90));
  const limits = { maxWidth: 100, maxHeight: 100, rangeDb: 80 };

  it('puts time to the right and frequency upwards', () => {
    const image = decode(spectrogramPng({ db, nFrames, nBins }, limits));
    expect([image.width, image.height]).toEqual([nFrames, nBins]);
    const bright = [...image.data].flatMap((level, i) => (level > 0 ? [i] : []));
    expect(bright).toEqual([(nBins - 1 - 2) * nFrames + 30]);
    const colours = image.palette!;
    expect(colours[image.data[bright[0]!]!]!.reduce((a, b) => a + b)).toBeGreaterThan(500);
    expect(colours[0]!.reduce((a, b) => a + b)).toBeLessThan(30);
  });

  it('keeps the loudest when it shrinks', () => {
    const image = decode(spectrogramPng({ db, nFrames, nBins }, { ...limits, maxWidth: 4, maxHeight: 4 }));
    expect([image.width, image.height]).toEqual([4, 4]);
    expect([...image.data].flatMap((level, i) => (level > 0 ? [i] : []))).toEqual([3 * 4 + 3]);
  });

  it('survives silence and refuses another shape', () => {
    const silent = new Float32Array(nFrames * nBins).fill(Number.NEGATIVE_INFINITY);
    const image = decode(spectrogramPng({ db: silent, nFrames, nBins }, limits));
    expect(image.data.every((level) => level === 0)).toBe(true);
    expect(() => spectrogramPng({ db, nFrames, nBins: 15 }, limits)).toThrow(/db must be 40 × 15 values/);
  });

  it('lays labelled boxes over the picture, which is in the file once', async () => {
    const { markup } = await spectrogram({
      title: 'S',
      db,
      nFrames,
      nBins,
      startSec: 0,
      endSec: 10,
      lowHz: 0,
      highHz: 8000,
      boxes: [
        { startSec: 2, endSec: 4, label: '0.98', group: 'alert', lowHz: 3000, highHz: 5000 },
        { startSec: 6, endSec: 7, label: 'slow', group: 'hard negative' },
      ],
    });
    expect(markup.match(/data:image\/png;base64,/g)).toHaveLength(1);
    expect(countMarks(markup, 'rect mark')).toBe(2);
    for (const text of ['>0.98<', '>slow<', '>alert<', '>hard negative<', '>time (s)<']) expect(markup).toContain(text);
  });

  it('draws curves below on its own time axis, with their thresholds', async () => {
    const { markup } = await spectrogram({
      title: 'S',
      db,
      nFrames,
      nBins,
      startSec: 100,
      endSec: 110,
      lowHz: 0,
      highHz: 8000,
      boxes: [{ startSec: 105, endSec: 107, label: 'a', group: 'alert' }],
      tracks: [
        { name: 'tone', values: Float32Array.of(0, 1, 0), startSec: 100, stepSec: 5, threshold: 0.5, domain: [0, 1] },
        { name: 'sequence', values: Float32Array.of(0.2, 0.4), startSec: 102.5, stepSec: 5, domain: [0, 1] },
      ],
      width: 200,
    });
    expect(lines(markup).map((line) => line.map(([x]) => x))).toEqual([
      [0, 100, 200],
      [50, 150],
    ]);
    expect(countMarks(markup, 'rule mark')).toBe(1);
    for (const text of ['>tone<', '>sequence<']) expect(markup).toContain(text);
    expect(markup.match(/>time \(s\)</g)).toHaveLength(1);
  });
});

describe('bars and bands', () => {
  it('has a bar a name, as long as its value', async () => {
    const { markup } = await barChart({
      axis: 'recordings',
      bars: [4, 1].map((value) => ({ name: `n${value}`, value })),
    });
    const lengths = [...markup.matchAll(/aria-roledescription="bar" d="M0,0h([\d.]+)/g)].map(([, n]) => Number(n));
    expect(lengths).toHaveLength(2);
    expect(lengths[0]! / lengths[1]!).toBeCloseTo(4, 6);
    expect(markup.indexOf('>n4<')).toBeLessThan(markup.indexOf('>n1<'));
    expect(markup).toMatch(/recordings/);
  });

  it('has a bar a bin from its edge to the next', async () => {
    const { markup } = await histogramChart({ x: 's', y: 'n', edges: [1, 2, 3, 4], counts: [2, 1, 3] });
    expect(countMarks(markup, 'bar')).toBe(3);
  });

  it('draws the mean as a line through the stripe of the deviation', async () => {
    const { markup } = await bandChart({ x: 'band', y: 'dB', mean: [0, 10, 20], std: [1, 2, 3] });
    const [[line] = []] = [lines(markup)];
    expect(line).toHaveLength(3);
    // Bands lie evenly apart and means rise evenly.
    const [a, b, c] = line as [number[], number[], number[]];
    expect(b[0]! - a[0]!).toBeCloseTo(c[0]! - b[0]!, 2);
    expect(a[1]! - b[1]!).toBeCloseTo(b[1]! - c[1]!, 2);
    expect(markup).toMatch(/mark-area/);
    await expect(bandChart({ x: '', y: '', mean: [1], std: [] })).rejects.toThrow('std must be 1 numbers, got 0');
  });
});
