import { loadAddon, type NativeAddon } from '../native/index.js';
import { OptionReader } from '../spec/index.js';
import type { FeatureMatrix, Matrix } from '../types.js';
import { rowsOf, sameFrames } from './matrix.js';

export interface DecibelOptions {
  /** Sets the defaults of `amin` and `topDb`. */
  readonly preset?: 'librosa' | 'torchaudio';
  /** The 0 dB point; default 1. `'max'` is the largest value of x. */
  readonly ref?: number | 'max';
  /** Smaller values count as this; default 1e-10, of amplitudes with preset `librosa` 1e-5. */
  readonly amin?: number;
  /** Nothing is more than this below the largest value; default 80, of `torchaudio` null. */
  readonly topDb?: number | null;
}

/** Defaults of `power_to_db`, `amplitude_to_db` and of torchaudio's `AmplitudeToDB`. */
const DEFAULTS = {
  librosa: { power: 1e-10, amplitude: 1e-5, topDb: 80 },
  torchaudio: { power: 1e-10, amplitude: 1e-10, topDb: null },
} as const;

/** The smallest normal float32, which the native logarithm goes down to. */
const SMALLEST = 2 ** -126;

type Convert = (addon: NativeAddon, x: Float32Array, ref: number, amin: number, topDb: number) => void;

function convert(x: Matrix, options: DecibelOptions, of: 'power' | 'amplitude', native: Convert): Matrix {
  const read = new OptionReader(options, '');
  const defaults = DEFAULTS[read.choice('preset', 'librosa', ['librosa', 'torchaudio'])];
  const ref = read.numberOr('ref', 1, 'max', {
    expected: 'a positive number or "max"',
    accepts: (value) => value > 0,
  });
  const amin = read.number('amin', defaults[of], {
    expected: 'a number from 2^-126 to 3.4e38',
    accepts: (value) => value >= SMALLEST && value <= 3.4e38,
  });
  const topDb = read.numberOr('topDb', defaults.topDb, null, {
    expected: 'a number of decibels >= 0, or null',
    accepts: (value) => value >= 0,
  });
  read.finish(`${of}ToDb`);
  const { data, inner } = rowsOf(x);
  const out = data.slice();
  const largest = 0;
  const noClamp = -1;
  native(loadAddon(), out, ref === 'max' ? largest : ref, amin, topDb ?? noClamp);
  return sameFrames(x, out, inner);
}

/**
 * Powers in decibels: 10·log10(max(x, amin)) − 10·log10(max(ref, amin)), then not below the largest value − `topDb`, as
 * librosa's `power_to_db`. Both `ref: 'max'` and `topDb` look at the whole of x.
 *
 * @param x `[frame, …]` of one recording
 * @returns the same shape
 * @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION`, `ERR_SHAPE`
 */
export function powerToDb(x: FeatureMatrix, options?: DecibelOptions): FeatureMatrix;
export function powerToDb(x: Matrix, options?: DecibelOptions): Matrix;
export function powerToDb(x: Matrix, options: DecibelOptions = {}): Matrix {
  return convert(x, options, 'power', (addon, ...rest) => addon.powerToDb(...rest));
}

/**
 * Amplitudes in decibels: 20·log10(max(|x|, amin)) − 20·log10(max(ref, amin)), clamped likewise, as librosa's
 * `amplitude_to_db`.
 *
 * @throws as `powerToDb`
 */
export function amplitudeToDb(x: FeatureMatrix, options?: DecibelOptions): FeatureMatrix;
export function amplitudeToDb(x: Matrix, options?: DecibelOptions): Matrix;
export function amplitudeToDb(x: Matrix, options: DecibelOptions = {}): Matrix {
  return convert(x, options, 'amplitude', (addon, ...rest) => addon.amplitudeToDb(...rest));
}
