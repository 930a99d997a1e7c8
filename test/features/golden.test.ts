import { describe, expect, it } from 'vitest';
import { createPlan, type Signal } from '../../src/features/index.js';
import { loadAddon, nativeConfig } from '../../src/native/index.js';
import { FEATURE_KINDS, type FeatureConfig, type MfccConfig, PRESETS, resolveFeatures } from '../../src/spec/index.js';
import { computed, isFeatureCase, signalOf } from '../golden/computed.js';
import { type GoldenCase, goldenOriginals, loadGolden } from '../golden/golden-data.js';
import { isWholeGrid, selectedCases } from '../golden/selection.js';

/** SciPy's packed layout is a helper's. */
function isCovered(each: GoldenCase): boolean {
  return isFeatureCase(each) && !('layout' in each.options);
}

const originals = goldenOriginals().map(loadGolden);
const cases = originals.flatMap(({ original, cases: all }) =>
  selectedCases(all)
    .filter(isCovered)
    .map((each) => ({ original, ...each })),
);

/**
 * Expected values are float64, so what is tolerated is float32 rounding: an FFT of float32 is wrong by some 1e-7 of its
 * largest bin in every bin, however small that bin is.
 */
const FLOAT32_FFT = 1e-7;

/** Decibels of such bins: the error grows with the distance from the maximum; 1e-3 dB more for the logarithm. */
function decibelTolerance(value: number, loudest: number): number {
  return 1e-3 + (20 / Math.LN10) * FLOAT32_FFT * 10 ** ((loudest - value) / 20);
}

const SPEECH: readonly string[] = ['kaldi', 'python_speech_features', 'htk', 'whisper'];

/** Largest |X|² of any frame, and the largest sum of weights of any band or bin: what rounding in it depends on. */
function scaleOf(config: FeatureConfig, signal: Signal): { loudest: number; weights: number } {
  const { preset, sampleRate, nFft, winLength, hopLength, window, preemphasis, removeDcOffset, snipEdges } = config;
  const { sampleScale, padSec, trimOrPadToSec } = config;
  const frames = { preset, sampleRate, nFft, winLength, hopLength, window, preemphasis, removeDcOffset, snipEdges };
  const options = { ...frames, sampleScale, padSec, trimOrPadToSec, kind: 'stft', power: 2 };
  const { data } = createPlan(resolveFeatures(options)).process(signal);
  const loudest = data.reduce((largest, value) => Math.max(largest, value), 0);
  if (config.kind === 'stft') return { loudest, weights: 1 };
  const native = nativeConfig(config);
  const matrix = loadAddon().melFilterbank(native);
  const nBins = matrix.length / native.nMels;
  const sums = Array.from({ length: native.nMels }, (_, m) =>
    matrix.subarray(m * nBins, (m + 1) * nBins).reduce((sum, weight) => sum + weight, 0),
  );
  return { loudest, weights: Math.max(...sums) };
}

/**
 * Of logarithms of bands: with δ = 1e-7 of the largest bin a band E = Σw|X|² is wrong by 2δ√(E·Σw) at most, Σw|X| by
 * δΣw. Another 2e-5 for sums of float32 and the logarithm.
 */
function logTolerance(config: FeatureConfig, signal: Signal): (value: number) => number {
  const { logBase, logMultiplier, logOffset, power } = nativeConfig(config);
  const unit = logMultiplier * { db: 10 / Math.LN10, ln: 1, log10: 1 / Math.LN10 }[logBase];
  const { loudest, weights } = scaleOf(config, signal);
  const delta = FLOAT32_FFT * Math.sqrt(loudest);
  return (value) => {
    const energy = Math.exp((value - logOffset) / unit);
    const relative = power === 1 ? (delta * weights) / energy : 2 * delta * Math.sqrt(weights / energy);
    return 2e-5 + unit * relative;
  };
}

/** Of a cepstral coefficient: three deviations of its bands' errors with random signs, times its lifter. */
function cepstralTolerance(config: MfccConfig, signal: Signal): number {
  const { nMfcc, dctNorm: _norm, lifter, useEnergy: _energy, appendC0: _c0, htkCompat: _compat, ...bands } = config;
  const logMel = resolveFeatures({
    ...bands,
    useEnergy: config.preset === 'python_speech_features' ? undefined : false,
    kind: 'logMel',
  });
  const { data } = createPlan(logMel).process(signal);
  const tolerance = logTolerance(logMel, signal);
  const perFrame = Array.from({ length: data.length / bands.nMels }, (_, t) =>
    data.subarray(t * bands.nMels, (t + 1) * bands.nMels).reduce((sum, value) => sum + tolerance(value) ** 2, 0),
  );
  const worst = Math.sqrt((2 / bands.nMels) * Math.max(0, ...perFrame));
  return 3 * (1 + lifter / 2) * worst;
}

/** What each expected value may be missed by. */
function tolerances(config: FeatureConfig, { expected, input, referenceError }: GoldenCase): number[] {
  const values = Array.from(expected);
  const loudest = Math.max(...values);
  // Of an original in float32 the error is known as well.
  const own = expected instanceof Float32Array ? (referenceError ?? 0) : 0;
  const isLog = config.kind === 'logMel' || (config.kind === 'stft' && config.scale === 'ln');
  if (SPEECH.includes(config.preset) && isLog) {
    const tolerance = logTolerance(config, signalOf(input));
    return values.map((value) => tolerance(value) + own);
  }
  if (SPEECH.includes(config.preset) && config.kind === 'mfcc') {
    const tolerance = cepstralTolerance(config, signalOf(input));
    return values.map((value) => tolerance + 1e-6 * Math.abs(value) + own);
  }
  // A cepstral coefficient adds up 40 to 128 bands with weights up to 2, and their errors with random signs.
  if (config.kind === 'mfcc') return values.map((value) => 2e-3 + 1e-5 * Math.abs(value));
  if (config.kind === 'logMel' || (config.kind === 'stft' && config.scale === 'db')) {
    return values.map((value) => decibelTolerance(value, loudest));
  }
  const largest = Math.max(...values.map(Math.abs));
  return values.map((value) => 10 * FLOAT32_FFT * largest + 1e-5 * Math.abs(value) + own);
}

describe(originals.map(({ versions }) => Object.entries(versions).flat().join(' ')).join(', '), () => {
  it('has cases of every kind and of every preset', () => {
    expect(cases.length).toBeGreaterThan(isWholeGrid() ? 480 : 150);
    expect(new Set(cases.map(({ kind }) => kind))).toEqual(new Set([...FEATURE_KINDS, 'frameVectors', 'logSpectrum']));
    const presets = new Set(cases.map(({ options }) => options.preset));
    expect(PRESETS.filter((preset) => !presets.has(preset))).toEqual([]);
  });

  it.each(cases)('$original: $kind of $input, $options', (each) => {
    const { shape, expected, rows } = each;
    if (expected.length === 0) {
      // NumPy turns a mirror longer than the signal once more; cochlea refuses it, and no vector came of it.
      expect(() => computed(each)).toThrow(expect.objectContaining({ code: 'ERR_TOO_SHORT' }));
      return;
    }
    const { config, shape: foundShape, data } = computed(each);
    expect(foundShape).toEqual(rows ? [rows.of, ...shape.slice(1)] : shape);
    const found = data.subarray(0, expected.length);
    expect(found.length).toBe(expected.length);
    const allowed = tolerances(config, each);
    const wrong = found.findIndex((value, i) => !(Math.abs(value - expected[i]!) <= allowed[i]!));
    const place = `value ${wrong}: ${found[wrong]} instead of ${expected[wrong]} ± ${allowed[wrong]}`;
    expect(wrong, place).toBe(-1);
  });
});
