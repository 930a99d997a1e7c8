import { describe, expect, it } from 'vitest';
import { createPlan, type Signal } from '../../src/features/index.js';
import { FEATURE_KINDS, type FeatureKind, resolveFeatures } from '../../src/spec/index.js';
import { type GoldenCase, goldenInput, loadGolden } from '../golden/golden-data.js';
import { isWholeGrid, selectedCases } from '../golden/selection.js';

const librosa = loadGolden('librosa');
const scipy = loadGolden('scipy');

function isFeatureKind(kind: string): kind is FeatureKind {
  return FEATURE_KINDS.some((each) => each === kind);
}

/** What the engine transforms so far: 2^a·3^b·5^c samples, at least 2. */
function isTransformSize(nFft: unknown): boolean {
  let rest = Number(nFft);
  for (const prime of [2, 3, 5]) while (rest > 1 && rest % prime === 0) rest /= prime;
  return Number(nFft) > 1 && rest === 1;
}

function isCovered({ kind, options }: GoldenCase): boolean {
  return isFeatureKind(kind) && isTransformSize(options.nFft) && !('layout' in options);
}

const cases = selectedCases([...librosa.cases, ...scipy.cases]).filter(isCovered);

function signalOf(name: string | null): Signal & { readonly sampleRate: number } {
  const { data: samples, sampleRate } = goldenInput(name ?? '');
  if (sampleRate === null) throw new Error(`input must be a recording, got ${name}`);
  return { samples, sampleRate };
}

function configOf({ kind, options }: GoldenCase, sampleRate: number) {
  if (!isFeatureKind(kind)) throw new Error(`kind must be a feature's, got ${kind}`);
  // 20·log10|X| of scipy has no floor; ours at the smallest normal float32 never bites either.
  const floor = 'preset' in options ? {} : { amin: 1e-37 };
  return resolveFeatures({ ...options, ...floor }, { kind, sampleRate });
}

/**
 * Expected values are float64, so what is tolerated is float32 rounding: an FFT of float32 is wrong by some 1e-7 of its
 * largest bin in every bin, however small that bin is.
 */
const FLOAT32_FFT = 1e-7;

/** Decibels of such bins: the error grows with the distance from the maximum; 1e-3 dB more for the logarithm. */
function decibelTolerance(value: number, loudest: number): number {
  return 1e-3 + (20 / Math.LN10) * FLOAT32_FFT * 10 ** ((loudest - value) / 20);
}

/** What each expected value may be missed by. */
function tolerances(config: ReturnType<typeof configOf>, expected: GoldenCase['expected']): number[] {
  const values = Array.from(expected);
  const loudest = Math.max(...values);
  // A cepstral coefficient adds up 40 to 128 bands with weights up to 2, and their errors with random signs.
  if (config.kind === 'mfcc') return values.map((value) => 2e-3 + 1e-5 * Math.abs(value));
  if (config.kind === 'logMel' || (config.kind === 'stft' && config.scale === 'db')) {
    return values.map((value) => decibelTolerance(value, loudest));
  }
  const largest = Math.max(...values.map(Math.abs));
  return values.map((value) => 10 * FLOAT32_FFT * largest + 1e-5 * Math.abs(value));
}

describe(`librosa ${librosa.versions.librosa}, scipy ${scipy.versions.scipy}`, () => {
  it('has cases of every kind', () => {
    expect(cases.length).toBeGreaterThan(isWholeGrid() ? 100 : 40);
    expect(new Set(cases.map((each) => each.kind))).toEqual(new Set(FEATURE_KINDS));
    // The one case of scipy's that the engine computes is not in the sample.
    expect(cases.some((each) => scipy.cases.includes(each))).toBe(isWholeGrid());
  });

  it.each(cases)('$kind of $input, $options', (each) => {
    const { input, shape, expected } = each;
    const signal = signalOf(input);
    const config = configOf(each, signal.sampleRate);
    const found = createPlan(config).process(signal);
    expect(found.shape).toEqual(shape);
    expect(found.data.length).toBe(expected.length);
    expect(expected.length).toBeGreaterThan(0);
    const allowed = tolerances(config, expected);
    const wrong = found.data.findIndex((value, i) => !(Math.abs(value - expected[i]!) <= allowed[i]!));
    const place = `value ${wrong}: ${found.data[wrong]} instead of ${expected[wrong]} ± ${allowed[wrong]}`;
    expect(wrong, place).toBe(-1);
  });
});
