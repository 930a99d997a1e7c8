import { loadAddon } from '../native/index.js';
import { OptionReader } from '../spec/index.js';
import type { FeatureMatrix, Matrix } from '../types.js';
import { rowsOf, sameFrames } from './matrix.js';

export interface CmvnOptions {
  readonly preset?: 'kaldi';
  /** Divides by the standard deviation as well; default false, as Kaldi's. */
  readonly normVars?: boolean;
}

export interface SlidingCmvnOptions extends CmvnOptions {
  /** Frames of the window; default 600. */
  readonly cmnWindow?: number;
  /** Frames that a window at the start has where there are as many; default 100, without `center` only. */
  readonly minCmnWindow?: number;
  /** The window lies around the frame instead of before it; default false. */
  readonly center?: boolean;
}

/** Kaldi's defaults (`apply-cmvn-sliding`). */
const KALDI = { cmnWindow: 600, minCmnWindow: 100 } as const;

function readNormVars(read: OptionReader): boolean {
  read.choice('preset', 'kaldi', ['kaldi']);
  return read.choice('normVars', false, [true, false]);
}

/**
 * Cepstral mean (and variance) normalisation over the whole recording: each column minus its mean, with `normVars`
 * divided by its standard deviation (that of a column that never changes counts as 1e-10). Sums are in double.
 *
 * @param x `[frame, …]` of one recording
 * @returns the same shape
 * @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION`, `ERR_SHAPE`
 */
export function cmvn(x: FeatureMatrix, options?: CmvnOptions): FeatureMatrix;
export function cmvn(x: Matrix, options?: CmvnOptions): Matrix;
export function cmvn(x: Matrix, options: CmvnOptions = {}): Matrix {
  const read = new OptionReader(options, '');
  const normVars = readNormVars(read);
  read.finish('cmvn');
  const { data, width, inner } = rowsOf(x);
  const out = data.slice();
  loadAddon().cmvn(out, width, normVars);
  return sameFrames(x, out, inner);
}

/**
 * The same by the mean and variance of a window before each frame (or around it with `center`), as Kaldi's
 * `apply-cmvn-sliding`: near the ends the window moves inside the recording. A window of one frame gives 0 with
 * `normVars`. Without `center` a window that has moved holds `cmnWindow + 1` frames, as in the original.
 *
 * @throws as `cmvn`
 */
export function slidingCmvn(x: FeatureMatrix, options?: SlidingCmvnOptions): FeatureMatrix;
export function slidingCmvn(x: Matrix, options?: SlidingCmvnOptions): Matrix;
export function slidingCmvn(x: Matrix, options: SlidingCmvnOptions = {}): Matrix {
  const read = new OptionReader(options, '');
  const config = {
    normVars: readNormVars(read),
    cmnWindow: read.wholeNumber('cmnWindow', KALDI.cmnWindow, 1),
    minCmnWindow: read.wholeNumber('minCmnWindow', KALDI.minCmnWindow, 1),
    center: read.choice('center', false, [true, false]),
  };
  if (config.center && read.has('minCmnWindow')) read.fail('minCmnWindow', 'left out with center');
  read.finish('slidingCmvn');
  const { data, width, inner } = rowsOf(x);
  const out = new Float32Array(data.length);
  loadAddon().slidingCmvn(data, width, config, out);
  return sameFrames(x, out, inner);
}
