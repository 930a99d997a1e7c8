import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createPlan, type Signal } from '../../src/features/index.js';
import { type FeatureKind, resolveFeatures } from '../../src/spec/index.js';

/** Written by test/golden/make_librosa.py. */
interface Golden {
  readonly versions: Readonly<Record<string, string>>;
  readonly sampleRate: number;
  readonly signals: Readonly<Record<string, string>>;
  readonly cases: readonly {
    readonly signal: string;
    readonly kind: FeatureKind | 'fftpack';
    readonly options: object;
    readonly shape: readonly number[];
    readonly data: string;
  }[];
}

const golden: Golden = JSON.parse(readFileSync(new URL('../golden/data/librosa.json', import.meta.url), 'utf8'));

/** Bytes at the start of a buffer of their own, so that they can be looked at as numbers. */
function bufferOf(base64: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(base64, 'base64')).buffer;
}

function signalOf(name: string): Signal {
  const samples = new Int16Array(bufferOf(golden.signals[name]!));
  expect(samples.length).toBeGreaterThan(0);
  return { samples, sampleRate: golden.sampleRate };
}

function configOf(kind: FeatureKind | 'fftpack', options: object) {
  const { sampleRate } = golden;
  // The seed's 20·log10|X| has no floor; ours at the smallest normal float32 never bites either.
  if (kind === 'fftpack')
    return resolveFeatures({ ...options, kind: 'stft', power: 2, scale: 'db', amin: 1e-37 }, { sampleRate });
  return resolveFeatures(options, { kind, sampleRate });
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
function tolerances(config: ReturnType<typeof configOf>, expected: Float32Array): Float32Array {
  const loudest = expected.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  // A cepstral coefficient adds up 40 to 128 bands with weights up to 2, and their errors with random signs.
  if (config.kind === 'mfcc') return expected.map((value) => 2e-3 + 1e-5 * Math.abs(value));
  if (config.kind === 'logMel' || (config.kind === 'stft' && config.scale === 'db')) {
    return expected.map((value) => decibelTolerance(value, loudest));
  }
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return expected.map((value) => 10 * FLOAT32_FFT * largest + 1e-5 * Math.abs(value));
}

describe(`librosa ${golden.versions.librosa}, scipy ${golden.versions.scipy}`, () => {
  it('has cases of every kind', () => {
    expect(golden.cases.length).toBeGreaterThan(30);
    expect(new Set(golden.cases.map((each) => each.kind)).size).toBe(5);
  });

  it.each(golden.cases)('$kind of $signal, $options', ({ signal, kind, options, shape, data }) => {
    const expected = new Float32Array(bufferOf(data));
    const config = configOf(kind, options);
    const found = createPlan(config).process(signalOf(signal));
    expect(found.shape).toEqual(shape);
    expect(found.data.length).toBe(expected.length);
    expect(expected.length).toBeGreaterThan(0);
    const allowed = tolerances(config, expected);
    const wrong = found.data.findIndex((value, i) => !(Math.abs(value - expected[i]!) <= allowed[i]!));
    const place = `value ${wrong}: ${found.data[wrong]} instead of ${expected[wrong]} ± ${allowed[wrong]}`;
    expect(wrong, place).toBe(-1);
  });
});
