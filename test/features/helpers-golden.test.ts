/** The stand-alone functions against what the originals gave (docs/presets.md, Golden data). */
import { describe, expect, it } from 'vitest';
import { matrixOnGrid } from '../../src/features/feature-matrix.js';
import {
  amplitudeToDb,
  boundaryRegions,
  cmvn,
  deltas,
  frames,
  goertzel,
  istft,
  logMel,
  powerToDb,
  preemphasis,
  rms,
  slidingCmvn,
  spectralCentroid,
  spectralFlatness,
  spectralFlux,
  spectralRolloff,
  stft,
  windows,
  zeroCrossingRate,
} from '../../src/features/index.js';
import type { Matrix } from '../../src/types.js';
import { type GoldenCase, goldenInput, goldenOriginals, loadGolden } from '../golden/golden-data.js';
import { deltasOfSeed } from './seed-deltas.js';

/** Only where frames lie in time, which is not looked at. */
const GRID = { sampleRate: 16_000, nFft: 1024, hopLength: 512, center: true };

const FLOAT32_EPS = 2 ** -24;

interface Found {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

function recording(name: string | null) {
  const { data: samples, sampleRate } = goldenInput(name ?? '');
  if (sampleRate === null) throw new Error(`input must be a recording, got ${name}`);
  return { samples, sampleRate };
}

function matrix(name: string | null): Matrix {
  const { data, shape } = goldenInput(name ?? '');
  if (!(data instanceof Float32Array)) throw new Error(`input must be a matrix, got ${name}`);
  return { data, shape };
}

function asLine({ samples }: { readonly samples: Float32Array | Int16Array }): Found {
  if (!(samples instanceof Float32Array)) throw new Error('samples must be floats');
  return { data: samples, shape: [samples.length] };
}

/** Spectra with bin k times 1 − k / nBins, so that a round trip is not enough, and back. */
function inverse(name: string | null, options: object): Found {
  const signal = recording(name);
  const { preset, ...framing } = options as { preset: string };
  const given = preset === 'torchaudio' ? { padMode: 'reflect' as const, ...framing } : framing;
  const spectra = stft(signal, given);
  const nBins = spectra.shape[1]!;
  const data = spectra.data.map((value, i) => value * (1 - (Math.floor(i / 2) % nBins) / nBins));
  const { padMode: _padMode, ...inverseOptions } = given as { padMode?: unknown };
  const nFft = Number(Reflect.get(framing, 'nFft'));
  const o = { ...inverseOptions, nFft, sampleRate: signal.sampleRate, length: signal.samples.length };
  return asLine(istft({ data, shape: spectra.shape }, o));
}

/** torchaudio's framing in words of the engine, where the preset itself is not what is tested. */
function framingOf({ preset, ...rest }: Readonly<Record<string, unknown>>): object {
  return preset === 'torchaudio' ? { padMode: 'reflect', ...rest } : rest;
}

const RUN: Readonly<Record<string, (each: GoldenCase) => Found>> = {
  deltas: ({ input, options }) => deltas(matrix(input), options),
  cmvn: ({ input, options }) => cmvn(matrix(input), options),
  slidingCmvn: ({ input, options }) => slidingCmvn(matrix(input), withoutMin(options)),
  powerToDb: ({ input, options }) => powerToDb(matrix(input), options),
  amplitudeToDb: ({ input, options }) => amplitudeToDb(matrix(input), options),
  preemphasis: ({ input, options }) => asLine(preemphasis(recording(input), options)),
  frames: ({ input, options }) => frames(recording(input), { winLength: 0, hopLength: 0, ...options }),
  rms: ({ input, options }) => rms(recording(input), options),
  zeroCrossingRate: ({ input, options }) => zeroCrossingRate(recording(input), options),
  goertzel: ({ input, options }) => goertzel(recording(input), { frequencyHz: -1, winLength: 0, ...options }),
  spectralCentroid: ({ input, options }) => spectralCentroid(recording(input), framingOf(options)),
  spectralRolloff: ({ input, options }) => spectralRolloff(recording(input), framingOf(options)),
  spectralFlatness: ({ input, options }) => spectralFlatness(recording(input), framingOf(options)),
  spectralFlux: ({ input, options }) => spectralFlux(recording(input), framingOf(options)),
  istft: ({ input, options }) => inverse(input, options),
};

/** With `center` the least window has no meaning, and is refused. */
function withoutMin({ minCmnWindow, ...options }: Readonly<Record<string, unknown>>): object {
  return options.center === true ? options : { ...options, minCmnWindow };
}

const CASES = goldenOriginals()
  .filter((original) => original !== 'sklearn')
  .flatMap((original) => loadGolden(original).cases.map((each) => ({ original, ...each })))
  .filter(({ kind }) => Object.hasOwn(RUN, kind));

/**
 * What a value may be missed by. Results are float32: half a unit in the last place of the value, and of what sums of
 * products of values of the size of the largest lose on the way to it, which differs by kind.
 */
function tolerances({ kind, options, originalError = 0 }: GoldenCase, expected: readonly number[]): number[] {
  const largest = Math.max(...expected.map(Math.abs));
  const relative = (ofValue: number, ofLargest: number) =>
    expected.map((value) => ofValue * Math.abs(value) + ofLargest * largest);
  switch (kind) {
    case 'deltas':
      // In double, rounded once; where the exact value is 0 the originals' double sums are not. kaldi is float32 itself.
      return relative(2 * FLOAT32_EPS, options.preset === 'kaldi' ? 4 * FLOAT32_EPS : 0).map((value) => value + 1e-14);
    case 'rms':
    case 'zeroCrossingRate':
    case 'preemphasis':
    case 'frames':
      return relative(2 * FLOAT32_EPS, 1e-15);
    case 'cmvn':
    case 'slidingCmvn':
      // float32 inputs lose nothing; kaldi-native-fbank's statistics are float32.
      return relative(2 * FLOAT32_EPS, 8 * FLOAT32_EPS);
    case 'powerToDb':
    case 'amplitudeToDb':
      // The logarithm is good to 1e-7 of its own size, and decibels of ±100 cancel near 0.
      return relative(2 * FLOAT32_EPS, 4 * FLOAT32_EPS);
    case 'goertzel':
      // The window is float32: one tone's leakage is a sum of cancelling products.
      return relative(1e-6, 1e-12);
    case 'istft':
      return expected.map((_, i) => 1e-6 + lossAt(options, i, expected.length));
    case 'spectralRolloff':
      // Bins are whole: a frequency may only be rounded.
      return relative(2 * FLOAT32_EPS, 0);
    case 'spectralFlatness':
      // Relative, but of silent bins, whose power is the transform's rounding.
      return expected.map((value) => 1e-5 * value + 4 * originalError);
    case 'spectralCentroid':
    case 'spectralFlux':
      return relative(1e-5, 1e-6).map((value) => value + 4 * originalError);
    default:
      throw new Error(`kind must be one of ${Object.keys(RUN).join(', ')}, got ${kind}`);
  }
}

/**
 * Two float32 transforms lose some 1e-7 of signals below 1; at the ends without `center` that is divided by a window of
 * nearly nothing.
 */
function lossAt({ center, nFft, hopLength }: Readonly<Record<string, unknown>>, sample: number, n: number): number {
  if (center !== false) return 0;
  const [size, hop] = [Number(nFft), Number(hopLength)];
  let [sum, squares] = [0, 0];
  for (let start = 0; start + size <= n && start <= sample; start += hop) {
    const at = sample - start;
    const factor = at < size ? 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / size) : 0;
    sum += factor;
    squares += factor * factor;
  }
  return squares === 0 ? 0 : (1e-7 * sum) / squares;
}

function expectClose(found: Found, shape: readonly number[], expected: ArrayLike<number>, allowed: readonly number[]) {
  expect(found.shape).toEqual(shape);
  expect(found.data.length).toBe(expected.length);
  const wrong = found.data.findIndex((value, i) => !(Math.abs(value - expected[i]!) <= allowed[i]!));
  const place = `value ${wrong}: ${found.data[wrong]} instead of ${expected[wrong]} ± ${allowed[wrong]}`;
  expect(wrong, place).toBe(-1);
}

describe('helpers', () => {
  it('have cases of every kind', () => {
    expect(new Set(CASES.map((each) => each.kind))).toEqual(new Set(Object.keys(RUN)));
    expect(CASES.length).toBeGreaterThan(120);
  });

  it.each(CASES)('$original: $kind of $input, $options', (each) => {
    const expected = Array.from(each.expected);
    expect(expected.length).toBeGreaterThan(0);
    expectClose(RUN[each.kind]!(each), each.shape, expected, tolerances(each, expected));
  });
});

describe('vectors of five frames', () => {
  const cases = loadGolden('baselines').cases.filter(({ options }) => options.preset === 'librosa');

  it.each(cases)('are windows of the mel matrix: $input, $options', ({ input, options, shape, expected }) => {
    const { frames: size, ...features } = options;
    const mel = logMel(recording(input), features);
    const found = windows(mel, { size: Number(size) });
    expect([found.shape[0], found.shape[1]! * found.shape[2]!]).toEqual(shape);
    // topDb 80 keeps every value within 80 dB of the loudest, where float32 holds 1e-3 dB.
    expectClose({ data: found.data, shape }, shape, expected, new Array(expected.length).fill(2e-3));
    found.starts.forEach((start, v) => {
      const rows = mel.data.subarray(start * 64, (start + Number(size)) * 64);
      expect(found.data.subarray(v * rows.length, (v + 1) * rows.length)).toEqual(rows);
    });
    expect(found.starts.length).toBeGreaterThan(0);
  });

  it.each(loadGolden('baselines').cases)(
    'are exactly those of the baselines, given the frames: $input, $options',
    (each) => {
      const [nVectors, width] = [each.shape[0]!, each.shape[1]!];
      const size = Number(each.options.frames);
      const vectors = Float32Array.from(each.expected);
      // Frame v begins vector v; the last vector holds the frames after it. Without a vector there are too few frames.
      const nFrames = nVectors === 0 ? size - 1 : nVectors + size - 1;
      const nMels = width / size;
      const data = new Float32Array(nFrames * nMels);
      for (let v = 0; v < nVectors; v += 1) data.set(vectors.subarray(v * width, (v + 1) * width), v * nMels);
      const found = windows(matrixOnGrid(data, [nFrames, nMels], GRID), { size });
      expect(found.shape).toEqual([nVectors, size, nMels]);
      expect(found.data).toEqual(vectors);
    },
  );

  it('have cases', () => {
    expect(cases.length).toBeGreaterThan(1);
  });
});

describe('boundaries', () => {
  const { cases } = loadGolden('python_speech_features');

  it.each([
    ['boundaryRegions', 'region'],
    ['boundaryDifferences', 'difference'],
  ] as const)('%s of the deltas of the seed', (kind, values) => {
    const { shape, expected, options } = cases.find((each) => each.kind === kind)!;
    const x = deltasOfSeed(cases);
    const pairs = options.boundaries as readonly (readonly [number, number])[];
    // Half a frame further, so that no rounding of the seconds decides.
    const at = pairs.map(([left, right]) => ({ endSec: (left + 0.5) / 1000, startSec: (right + 0.5) / 1000 }));
    const found = boundaryRegions(x, at, { values });
    const rows = found.shape[0]!;
    const largest = Math.max(...Array.from(expected, Math.abs));
    const allowed = Array.from(expected, () => 4 * FLOAT32_EPS * largest);
    expectClose({ data: found.data, shape: [rows, found.data.length / rows] }, shape, expected, allowed);
    expect(Array.from(found.labels)).toEqual(pairs.flatMap(() => [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]));
    expect(Array.from(found.offsets)).toEqual(pairs.flatMap(() => [-1, -2, -3, -4, -5, 0, 1, 2, 3, 4, 5]));
    expect(Array.from(found.boundaries)).toEqual(pairs.flatMap((_, i) => new Array(11).fill(i)));
  });
});
