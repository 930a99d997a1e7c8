import { describe, expect, it } from 'vitest';
import { createPlan, type Signal, windows } from '../../src/features/index.js';
import { FEATURE_KINDS, type FeatureConfig, type FeatureKind, PRESETS, resolveFeatures } from '../../src/spec/index.js';
import { type GoldenCase, goldenInput, goldenOriginals, loadGolden } from '../golden/golden-data.js';

/** All cases with `npm run test:parity`, otherwise the fixed sample. */
const WHOLE_GRID = process.env.COCHLEA_PARITY === 'full';

function isFeatureKind(kind: string): kind is FeatureKind {
  return FEATURE_KINDS.some((each) => each === kind);
}

/** A feature, or windows of one (`frameVectors`); SciPy's packed layout is a helper's. */
function isCovered({ kind, options }: GoldenCase): boolean {
  return (isFeatureKind(kind) || kind === 'frameVectors') && !('layout' in options);
}

const originals = goldenOriginals().map(loadGolden);
const cases = originals.flatMap(({ original, cases: all }) =>
  all.filter((each) => isCovered(each) && (WHOLE_GRID || each.sample)).map((each) => ({ original, ...each })),
);

function signalOf(name: string | null): Signal & { readonly sampleRate: number } {
  const { data: samples, sampleRate } = goldenInput(name ?? '');
  if (sampleRate === null) throw new Error(`input must be a recording, got ${name}`);
  return { samples, sampleRate };
}

function configOf({ kind, options }: GoldenCase, sampleRate: number) {
  const { frames: _frames, ...own } = options;
  // 20·log10|X| of scipy has no floor; ours at the smallest normal float32 never bites either.
  const floor = 'preset' in options ? {} : { amin: 1e-37 };
  return resolveFeatures({ ...own, ...floor }, { kind: isFeatureKind(kind) ? kind : 'logMel', sampleRate });
}

/** The case's rows as the engine computes them. */
function computed(each: GoldenCase): { config: FeatureConfig; shape: readonly number[]; data: Float32Array } {
  const signal = signalOf(each.input);
  const config = configOf(each, signal.sampleRate);
  const matrix = createPlan(config).process(signal);
  if (each.kind !== 'frameVectors') return { config, shape: matrix.shape, data: matrix.data };
  const size = Number(each.options.frames);
  const { data, shape } = windows(matrix, { size, stride: 1, tail: 'drop' });
  return { config, shape: [shape[0]!, size * shape[2]!], data };
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
function tolerances(config: FeatureConfig, expected: GoldenCase['expected']): number[] {
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

describe(originals.map(({ versions }) => Object.entries(versions).flat().join(' ')).join(', '), () => {
  it('has cases of every kind and of every preset', () => {
    expect(cases.length).toBeGreaterThan(WHOLE_GRID ? 600 : 150);
    expect(new Set(cases.map(({ kind }) => kind))).toEqual(new Set([...FEATURE_KINDS, 'frameVectors']));
    const presets = new Set(cases.map(({ options }) => options.preset));
    expect(PRESETS.filter((preset) => !presets.has(preset))).toEqual([]);
  });

  it.each(cases)('$original: $kind of $input, $options', (each) => {
    const { shape, expected, rows } = each;
    const { config, shape: foundShape, data } = computed(each);
    expect(foundShape).toEqual(rows ? [rows.of, ...shape.slice(1)] : shape);
    const found = data.subarray(0, expected.length);
    expect(found.length).toBe(expected.length);
    const allowed = tolerances(config, expected);
    const wrong = found.findIndex((value, i) => !(Math.abs(value - expected[i]!) <= allowed[i]!));
    const place = `value ${wrong}: ${found[wrong]} instead of ${expected[wrong]} ± ${allowed[wrong]}`;
    expect(wrong, place).toBe(-1);
  });
});
