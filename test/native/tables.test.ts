import { describe, expect, it } from 'vitest';
import { loadAddon } from '../../src/native/index.js';
import { configOf, maxDifference, noise } from './config.js';

const addon = loadAddon();

describe('windows equal their closed forms', () => {
  const cosine = (a0: number, a1: number, a2: number) => (phase: number) =>
    a0 - a1 * Math.cos(2 * Math.PI * phase) + a2 * Math.cos(4 * Math.PI * phase);
  const forms = {
    hann: cosine(0.5, 0.5, 0),
    hamming: cosine(0.54, 0.46, 0),
    blackman: cosine(0.42, 0.5, 0.08),
    bartlett: (phase: number) => 1 - Math.abs(2 * phase - 1),
    rectangular: () => 1,
    povey: (phase: number) => cosine(0.5, 0.5, 0)(phase) ** 0.85,
  };
  const cases = Object.entries(forms).flatMap(([window, form]) =>
    (['periodic', 'symmetric'] as const).map((symmetry) => ({ window: window as keyof typeof forms, symmetry, form })),
  );
  it.each(cases)('$window, $symmetry', ({ window, symmetry, form }) => {
    for (const length of [2, 3, 400, 401]) {
      const period = symmetry === 'periodic' ? length : length - 1;
      const expected = Array.from({ length }, (_, i) => form(i / period));
      const got = addon.window(configOf({ window, windowSymmetry: symmetry, winLength: length }));
      expect(maxDifference(got, expected)).toBeLessThan(1e-7);
    }
    expect([...addon.window(configOf({ window, windowSymmetry: symmetry, winLength: 1 }))]).toEqual([1]);
  });
});

describe('mel filterbank', () => {
  const matrixOf = (options: Parameters<typeof configOf>[0]) => {
    const config = configOf({ kind: 'melSpectrogram', ...options });
    const matrix = addon.melFilterbank(config);
    const nBins = 1 + (config.nFft >> 1);
    expect(matrix).toHaveLength(config.nMels * nBins);
    return { matrix, nBins, row: (m: number) => matrix.subarray(m * nBins, (m + 1) * nBins) };
  };

  it('without a norm, neighbouring triangles sum to one between the first and the last peak', () => {
    for (const melScale of ['slaney', 'htk'] as const) {
      const { row, nBins } = matrixOf({ nFft: 2048, nMels: 40, melScale, melNorm: 'none' });
      const first = row(0).indexOf(Math.max(...row(0))) + 1;
      const last = row(39).indexOf(Math.max(...row(39))) - 1;
      expect(last - first).toBeGreaterThan(nBins / 2);
      for (let k = first; k <= last; k += 1) {
        const sum = Array.from({ length: 40 }, (_, m) => row(m)[k] ?? Number.NaN).reduce((a, b) => a + b);
        expect(Math.abs(sum - 1)).toBeLessThan(1e-6);
      }
    }
  });

  it("with Slaney's norm, each triangle has about area one over Hz", () => {
    const { row } = matrixOf({ nFft: 8192, nMels: 20 });
    for (let m = 0; m < 20; m += 1) {
      const area = row(m).reduce((a, b) => a + b, 0) * (16_000 / 8192);
      expect(Math.abs(area - 1)).toBeLessThan(0.01);
    }
  });

  it('each band is one run of positive weights that rises, then falls', () => {
    const { row } = matrixOf({ nFft: 1024, nMels: 64, fMin: 50, fMax: 7600 });
    for (let m = 0; m < 64; m += 1) {
      const run = [...row(m)].map((w, k) => ({ w, k })).filter(({ w }) => w > 0);
      expect(run.length).toBeGreaterThan(0);
      expect((run.at(-1)?.k ?? 0) - (run[0]?.k ?? 0) + 1).toBe(run.length);
      const peak = run.findIndex(({ w }) => w === Math.max(...run.map((item) => item.w)));
      for (let i = 1; i < run.length; i += 1) {
        const rises = (run[i]?.w ?? Number.NaN) >= (run[i - 1]?.w ?? Number.NaN);
        expect(rises).toBe(i <= peak);
      }
    }
  });

  it('has the values of librosa.filters.mel(sr=16000, n_fft=512, n_mels=10)', () => {
    // librosa 0.11: the largest weight of each band and its bin.
    const peaks: [number, number][] = [
      [9, 0.0035532161127775908],
      [18, 0.0034596717450767756],
      [26, 0.0034601357765495777],
      [35, 0.0029832811560481787],
      [47, 0.0023673330433666706],
      [62, 0.001764029497280717],
      [83, 0.0013318135170266032],
      [110, 0.0010073650628328323],
      [145, 0.0007589919841848314],
      [193, 0.000578200095333159],
    ];
    const { row } = matrixOf({ nFft: 512, nMels: 10 });
    const got = peaks.map((_, m) => [row(m).indexOf(Math.max(...row(m))), Math.max(...row(m))]);
    expect(got).toEqual(peaks.map(([bin, weight]) => [bin, Math.fround(weight)]));
  });

  it('leaves bands below the first bin empty and refuses reversed edges', () => {
    expect(matrixOf({ nFft: 64, nMels: 64 }).matrix.some((w) => w > 0)).toBe(true);
    const reversed = configOf({ kind: 'logMel', fMin: 4000, fMax: 4000 });
    expect(() => addon.melFilterbank(reversed)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }));
  });
});

describe('DCT-II', () => {
  const naive = (x: ArrayLike<number>, c: number) => {
    let sum = 0;
    for (let i = 0; i < x.length; i += 1) sum += (x[i] ?? 0) * Math.cos((Math.PI * c * (2 * i + 1)) / (2 * x.length));
    return 2 * sum;
  };

  it('equals its definition, row by row', () => {
    const x = noise(3 * 40, 9);
    const out = new Float32Array(3 * 13);
    addon.dct(x, 40, out, 13, 'none', 0);
    const expected = [0, 1, 2].flatMap((row) =>
      Array.from({ length: 13 }, (_, c) => naive(x.subarray(row * 40, row * 40 + 40), c)),
    );
    expect(maxDifference(out, expected)).toBeLessThan(1e-5);
  });

  it('is orthonormal with its norm, and lifters as librosa does', () => {
    const n = 26;
    const identity = Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
    const out = new Float32Array(n * n);
    addon.dct(identity, n, out, n, 'ortho', 0);
    for (let a = 0; a < n; a += 1) {
      for (let b = 0; b < n; b += 1) {
        let dot = 0;
        for (let c = 0; c < n; c += 1) dot += (out[a * n + c] ?? Number.NaN) * (out[b * n + c] ?? Number.NaN);
        expect(Math.abs(dot - (a === b ? 1 : 0))).toBeLessThan(1e-6);
      }
    }
    const liftered = new Float32Array(n * n);
    addon.dct(identity, n, liftered, n, 'ortho', 22);
    const expected = out.map((value, i) => value * (1 + 11 * Math.sin((Math.PI * ((i % n) + 1)) / 22)));
    expect(maxDifference(liftered, expected)).toBeLessThan(1e-6);
  });

  it('refuses shapes that do not fit', () => {
    const x = new Float32Array(10);
    for (const [nIn, nOut, outLength] of [
      [3, 2, 10],
      [5, 6, 20],
      [5, 4, 7],
    ] as const) {
      expect(() => addon.dct(x, nIn, new Float32Array(outLength), nOut, 'ortho', 0)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/ERR_SHAPE|ERR_OPTION/) }),
      );
    }
  });
});

describe('powerToDb', () => {
  const db = (values: number[], ref: number, amin: number, topDb: number) => {
    const x = Float32Array.from(values);
    addon.powerToDb(x, ref, amin, topDb);
    return [...x];
  };
  it('has floor, reference and clamp', () => {
    expect(maxDifference(db([1, 10, 100, 0, 1e-20], 1, 1e-10, -1), [0, 10, 20, -100, -100])).toBeLessThan(1e-5);
    expect(maxDifference(db([1, 10, 100, 0], 10, 1e-10, 15), [-5, 0, 10, -5])).toBeLessThan(1e-5);
    expect(
      maxDifference(db([1, 10, 100, 0, 3], 0, 1e-10, 80), [-20, -10, 0, -80, 10 * Math.log10(3) - 20]),
    ).toBeLessThan(1e-5);
    expect(maxDifference(db([0, 0], 0, 1e-10, 80), [0, 0])).toBeLessThan(1e-5);
  });
  it('keeps NaN, and takes an empty array', () => {
    const [first, second] = db([Number.NaN, 1], 0, 1e-10, 80);
    expect(first).toBeNaN();
    expect(second).toBe(0);
    expect(db([], 0, 1e-10, 80)).toEqual([]);
  });
});
