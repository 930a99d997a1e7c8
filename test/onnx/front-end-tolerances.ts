/**
 * How far features inside a model may be from native ones: both are float32, summed in other orders. Power within 1e-4
 * of the frame's peak; within 60 dB of it, log-mel to 1e-3 dB and bins of a spectrum to 3e-3 dB.
 */
import { nativeConfig } from '../../src/native/index.js';
import type { FeatureConfig } from '../../src/spec/index.js';

const LARGEST = {
  /** Of the frame's peak. */
  power: 1e-4,
  melDb: 1e-3,
  binDb: 3e-3,
} as const;

/** How far below its frame's peak a value's level is still asked for. */
const RANGE_DB = 60;

export interface Difference {
  readonly what: string;
  readonly largest: number;
  readonly allowed: number;
}

/** One row found and native, and the largest magnitude of the frame's whole spectrum (or level, of levels). */
type OfRow = (found: Float32Array, native: Float32Array, peak: number) => number;
type Rows = (of: OfRow) => number;

/**
 * @param found `[frame, width]`
 * @param whole native features of all bins, where `native` has some of them
 */
export function differences(
  found: Float32Array,
  native: Float32Array,
  width: number,
  config: FeatureConfig,
  whole: Float32Array = native,
): Difference[] {
  const wholeWidth = (whole.length / native.length) * width;
  const isLevel = config.kind === 'logMel' || (config.kind === 'stft' && config.scale !== 'linear');
  const worst: Rows = (of) => {
    let largest = 0;
    for (let t = 0; t < native.length / width; t++) {
      const row = (x: Float32Array, n: number) => x.subarray(t * n, (t + 1) * n);
      const peak = row(whole, wholeWidth).reduce((top, x) => Math.max(top, isLevel ? x : Math.abs(x)), -Infinity);
      // Math.max keeps NaN.
      largest = Math.max(largest, of(row(found, width), row(native, width), peak));
    }
    return largest;
  };
  if (config.kind === 'mfcc') return [cepstra(worst, config)];
  if (config.kind === 'stft' && config.power === null && config.layout === undefined) return [complexBins(worst)];
  if (config.kind === 'stft' && config.layout !== undefined) {
    return config.scale === 'db' ? [levels(worst, config)] : [ofPeak(worst, 'packed', LARGEST.power)];
  }
  if (config.kind === 'melSpectrogram' || (config.kind === 'stft' && config.scale === 'linear')) {
    const perPower = config.power === 1 ? 20 : 10;
    return [ofPeak(worst, 'power', LARGEST.power), linearLevels(worst, perPower, allowedDb(config))];
  }
  return [levels(worst, config)];
}

function allowedDb({ kind }: FeatureConfig): number {
  return kind === 'stft' ? LARGEST.binDb : LARGEST.melDb;
}

function largestDifference(found: Float32Array, native: Float32Array, counts: (i: number) => boolean): number {
  let largest = 0;
  found.forEach((value, i) => {
    if (counts(i)) largest = Math.max(largest, Math.abs(value - native[i]!));
  });
  return largest;
}

function ofPeak(worst: Rows, what: string, allowed: number): Difference {
  const largest = worst(
    (found, native, peak) => largestDifference(found, native, () => true) / (peak === 0 ? 1 : peak),
  );
  return { what: `${what} over the frame's peak`, largest, allowed };
}

/** Decibels of values within range of the peak. */
function linearLevels(worst: Rows, perPower: number, allowed: number): Difference {
  const largest = worst((found, native, peak) => {
    const least = peak * 10 ** (-RANGE_DB / perPower);
    const db = (row: Float32Array) => row.map((value) => perPower * Math.log10(value));
    return largestDifference(db(found), db(native), (i) => native[i]! > least);
  });
  return { what: 'decibels of values', largest, allowed };
}

/** |X − Y| of bins, as decibels of the bin. The larger part of a bin is its magnitude within 3 dB. */
function complexBins(worst: Rows): Difference {
  const largest = worst((found, native, peak) => {
    const magnitude = (row: Float32Array, i: number) => Math.hypot(row[2 * i]!, row[2 * i + 1]!);
    const errors = found.map((value, i) => value - native[i]!);
    const relative = Array.from({ length: native.length / 2 }, (_, i) => i)
      .filter((i) => magnitude(native, i) > peak * 10 ** (-RANGE_DB / 20))
      .map((i) => magnitude(errors, i) / magnitude(native, i));
    return Math.max(0, ...relative);
  });
  return { what: 'complex bins, relative', largest, allowed: 10 ** (LARGEST.binDb / 20) - 1 };
}

/** Decibels in one unit of a config's logarithm. */
function decibelsPerUnit(config: FeatureConfig): number {
  const { logBase, logMultiplier } = nativeConfig(config);
  if (logBase === 'db') return 1;
  return (logBase === 'ln' ? 10 / Math.LN10 : 10) / logMultiplier;
}

function levels(worst: Rows, config: FeatureConfig): Difference {
  const unit = decibelsPerUnit(config);
  const largest = worst(
    (found, native, top) => unit * largestDifference(found, native, (i) => unit * (top - native[i]!) < RANGE_DB),
  );
  return { what: 'decibels', largest, allowed: allowedDb(config) };
}

/**
 * Sums of log-mel levels times cosines. Orthonormal rows make no more of errors than √nMels times the largest; others
 * and lifters stretch them.
 */
function cepstra(worst: Rows, config: Extract<FeatureConfig, { kind: 'mfcc' }>): Difference {
  const { dctNorm, nMels, lifter } = config;
  const stretch = (dctNorm === null ? 2 * Math.sqrt(nMels) : Math.SQRT2) * (1 + lifter / 2);
  const largest = worst((found, native) => largestDifference(found, native, () => true));
  return {
    what: 'coefficients',
    largest: largest * decibelsPerUnit(config),
    allowed: LARGEST.melDb * Math.sqrt(nMels) * stretch,
  };
}
