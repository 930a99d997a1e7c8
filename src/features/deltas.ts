import { loadAddon, type NativeDeltaConfig } from '../native/index.js';
import { OptionReader } from '../spec/index.js';
import type { FeatureMatrix, Matrix } from '../types.js';
import { rowsOf, sameFrames } from './matrix.js';

export interface DeltasOptions {
  /**
   * Whose derivative: `librosa` (default) fits a polynomial (Savitzky–Golay), the others are regressions, which differ in
   * the second order: `kaldi` convolves the weights, `htk` takes the regression of the first order. `torchaudio` and
   * `python_speech_features` have the first only.
   */
  readonly preset?: 'librosa' | 'torchaudio' | 'kaldi' | 'python_speech_features' | 'htk';
  /** `librosa` (9), `torchaudio` (5): frames of the window, odd. */
  readonly deltaWidth?: number;
  /** The other presets (2): frames on each side. */
  readonly deltaWindow?: number;
  /** 1 is the slope. Default 1, of `kaldi` 2. */
  readonly deltaOrder?: number;
  /**
   * What stands for frames outside. `librosa`: `interp` (default; the derivative of the first and last whole window),
   * `nearest`, `mirror`, `constant`, `wrap`; `torchaudio`: `nearest` (default), `mirror`, `constant`; others: `nearest`.
   */
  readonly deltaMode?: NativeDeltaConfig['deltaMode'];
  /** Rows are `[x, Δ, …, Δ^order]` instead of `Δ^order`. Default of `kaldi` and `htk`. */
  readonly append?: boolean;
}

const PRESETS = ['librosa', 'torchaudio', 'kaldi', 'python_speech_features', 'htk'] as const;
/** Defaults of `librosa.feature.delta`, `torchaudio.functional.compute_deltas`, `add-deltas`, `delta`, HParm's DELTAWINDOW. */
const DEFAULTS = {
  librosa: { size: 9, order: 1, method: 'fit', append: false },
  torchaudio: { size: 5, order: 1, method: 'fit', append: false },
  kaldi: { size: 2, order: 2, method: 'kernel', append: true },
  python_speech_features: { size: 2, order: 1, method: 'fit', append: false },
  htk: { size: 2, order: 1, method: 'repeat', append: true },
} as const;
const MODES = {
  librosa: ['interp', 'nearest', 'mirror', 'constant', 'wrap'],
  torchaudio: ['nearest', 'mirror', 'constant'],
  kaldi: ['nearest'],
  python_speech_features: ['nearest'],
  htk: ['nearest'],
} as const satisfies Record<string, readonly NativeDeltaConfig['deltaMode'][]>;
/** The native limits: of a window's half, and of an order. */
const MAX_HALF_WIDTH = 4096;
const MAX_ORDER = 16;

function configOf(options: DeltasOptions): NativeDeltaConfig {
  const read = new OptionReader(options, '');
  const preset = read.choice('preset', 'librosa', PRESETS);
  const { size, order, method, append } = DEFAULTS[preset];
  const halfWidth = preset === 'librosa' || preset === 'torchaudio' ? readWidth(read, size) : readHalf(read, size);
  const first = preset === 'torchaudio' || preset === 'python_speech_features';
  const most = first ? 1 : Math.min(MAX_ORDER, method === 'fit' ? 2 * halfWidth : MAX_ORDER);
  const config = {
    halfWidth,
    deltaOrder: read.number('deltaOrder', order, {
      expected: most === 1 ? `1 with preset "${preset}"` : `a whole number from 1 to ${most}`,
      accepts: (value) => Number.isInteger(value) && value >= 1 && value <= most,
    }),
    deltaMode: read.choice<NativeDeltaConfig['deltaMode']>('deltaMode', MODES[preset][0], MODES[preset]),
    method,
    append: read.choice('append', append, [true, false]),
  };
  read.finish('deltas');
  return config;
}

function readWidth(read: OptionReader, fallback: number): number {
  const width = read.number('deltaWidth', fallback, {
    expected: `an odd number of frames from 3 to ${2 * MAX_HALF_WIDTH + 1}`,
    accepts: (value) => value % 2 === 1 && value >= 3 && value <= 2 * MAX_HALF_WIDTH + 1,
  });
  return (width - 1) / 2;
}

function readHalf(read: OptionReader, fallback: number): number {
  return read.number('deltaWindow', fallback, {
    expected: `a whole number of frames from 1 to ${MAX_HALF_WIDTH}`,
    accepts: (value) => Number.isInteger(value) && value >= 1 && value <= MAX_HALF_WIDTH,
  });
}

/**
 * Derivatives of features over time, in units per frame. The first order of every preset is, away from the edges,
 * Δ[t] = Σ j·x[t + j] / Σ j², j = −n … n; presets differ at the edges and in higher orders (docs/presets.md).
 *
 * @param x `[frame, …]` of one recording
 * @returns `[frame, …]` as x, or with `append` `[frame, (deltaOrder + 1)·width]`
 * @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION`, `ERR_SHAPE`; `ERR_TOO_SHORT` where `interp` has no whole window
 * @example deltas(mfcc(recording), { preset: 'htk', deltaOrder: 2 }).shape
 */
export function deltas(x: FeatureMatrix, options?: DeltasOptions): FeatureMatrix;
export function deltas(x: Matrix, options?: DeltasOptions): Matrix;
export function deltas(x: Matrix, options: DeltasOptions = {}): Matrix {
  const config = configOf(options);
  const { data, width, inner } = rowsOf(x);
  const blocks = config.append ? config.deltaOrder + 1 : 1;
  const out = new Float32Array(blocks * data.length);
  loadAddon().deltas(data, width, config, out);
  return sameFrames(x, out, blocks === 1 ? inner : [blocks * width]);
}
