/** The stand-alone functions against what the originals gave (docs/presets.md, Golden data). */
import { describe, expect, it } from 'vitest';
import { matrixOnGrid } from '../../src/features/feature-matrix.js';
import { logMel, windows } from '../../src/features/index.js';
import type { Matrix } from '../../src/types.js';
import { signalOf } from '../golden/computed.js';
import { asRows, computedHelper, HELPER_KINDS, isHelperCase, regionsOf } from '../golden/computed-helpers.js';
import { type GoldenCase, goldenOriginals, loadGolden } from '../golden/golden-data.js';
import { deltasOfSeed } from './seed-deltas.js';

/** Only where frames lie in time, which is not looked at. */
const GRID = { sampleRate: 16_000, nFft: 1024, hopLength: 512, center: true };

const FLOAT32_EPS = 2 ** -24;

const CASES = goldenOriginals()
  .flatMap((original) => loadGolden(original).cases.map((each) => ({ original, ...each })))
  .filter(isHelperCase);

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
    case 'window':
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
    case 'dct':
      // Sums of float32 products.
      return relative(2 * FLOAT32_EPS, 4 * FLOAT32_EPS);
    case 'mfccDeltas':
    case 'boundaryRegions':
    case 'boundaryDifferences':
      // Of the engine's own MFCC, whose errors of up to 8e-5 a delta mixes with weights of at most a fifth.
      return expected.map(() => 3e-5);
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
      throw new Error(`kind must be one of ${HELPER_KINDS.join(', ')}, got ${kind}`);
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

function expectClose(found: Matrix, shape: readonly number[], expected: ArrayLike<number>, allowed: readonly number[]) {
  expect(found.shape).toEqual(shape);
  expect(found.data.length).toBe(expected.length);
  const wrong = found.data.findIndex((value, i) => !(Math.abs(value - expected[i]!) <= allowed[i]!));
  const place = `value ${wrong}: ${found.data[wrong]} instead of ${expected[wrong]} ± ${allowed[wrong]}`;
  expect(wrong, place).toBe(-1);
}

describe('helpers', () => {
  it('have cases of every kind', () => {
    expect(new Set(CASES.map((each) => each.kind))).toEqual(new Set(HELPER_KINDS));
    expect(CASES.length).toBeGreaterThan(200);
  });

  it.each(CASES)('$original: $kind of $input, $options', (each) => {
    const expected = Array.from(each.expected);
    expect(expected.length).toBeGreaterThan(0);
    expectClose(computedHelper(each), each.shape, expected, tolerances(each, expected));
  });
});

describe('vectors of five frames', () => {
  const cases = loadGolden('baselines').cases.filter(({ options }) => options.preset === 'librosa');

  it.each(cases)('are windows of the mel matrix: $input, $options', ({ input, options, shape, expected }) => {
    const { frames: size, ...features } = options;
    const mel = logMel(signalOf(input), features);
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

  it.each(['boundaryRegions', 'boundaryDifferences'])('%s of the deltas of the seed', (kind) => {
    const each = cases.find((one) => one.kind === kind)!;
    const pairs = each.options.boundaries as readonly unknown[];
    const found = regionsOf(each, deltasOfSeed(cases));
    const largest = Math.max(...Array.from(each.expected, Math.abs));
    const allowed = Array.from(each.expected, () => 4 * FLOAT32_EPS * largest);
    expectClose(asRows(found), each.shape, each.expected, allowed);
    expect(Array.from(found.labels)).toEqual(pairs.flatMap(() => [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]));
    expect(Array.from(found.offsets)).toEqual(pairs.flatMap(() => [-1, -2, -3, -4, -5, 0, 1, 2, 3, 4, 5]));
    expect(Array.from(found.boundaries)).toEqual(pairs.flatMap((_, i) => new Array(11).fill(i)));
  });
});
