/** Matrices as the helpers take and return them. */
import { mustBe, ParameterError } from '../errors.js';
import type { FeatureMatrix, Matrix } from '../types.js';

/** A matrix as rows of equal width. */
export interface Rows {
  readonly data: Float32Array;
  readonly nRows: number;
  /** Numbers per row. */
  readonly width: number;
  /** Shape of a row. */
  readonly inner: readonly number[];
}

/**
 * Looks at features of one recording and one channel as rows.
 *
 * @throws ParameterError `ERR_SHAPE`
 */
export function rowsOf(x: Matrix): Rows {
  if (typeof x !== 'object' || x === null || !(x.data instanceof Float32Array) || !Array.isArray(x.shape)) {
    throw new ParameterError('ERR_SHAPE', mustBe('x', '{ data: Float32Array, shape: [frame, …] }', x));
  }
  const [nRows, ...inner] = x.shape;
  const width = inner.reduce((product: number, n: number) => product * n, 1);
  const ofOne = !isFeatureMatrix(x) || x.nFrames === nRows;
  if (ofOne && Number.isSafeInteger(nRows) && width > 0 && nRows * width === x.data.length) {
    return { data: x.data, nRows, width, inner };
  }
  const expected = `[frame, …] of one recording and one channel, ${x.data.length} numbers`;
  throw new ParameterError('ERR_SHAPE', mustBe('shape', expected, x.shape));
}

/** The same frames with other numbers. */
export function sameFrames(x: Matrix, data: Float32Array, inner: readonly number[]): Matrix {
  const shape = Object.freeze([x.shape[0]!, ...inner]);
  if (!isFeatureMatrix(x)) return Object.freeze({ data, shape });
  return Object.freeze({ data, shape, nFrames: x.nFrames, frameTimeSec: (t: number) => x.frameTimeSec(t) });
}

function isFeatureMatrix(x: Matrix): x is FeatureMatrix {
  return 'nFrames' in x && 'frameTimeSec' in x;
}
