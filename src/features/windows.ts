import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { loadAddon, type NativeAddon } from '../native/index.js';
import type { Normalize, Windowing } from '../spec/index.js';
import type { FeatureMatrix, Windows } from '../types.js';

/** Numbers gathered per native call: 64 MiB, some 20 ms. */
const BLOCK_NUMBERS = 1 << 24;
const TAILS: readonly string[] = ['drop', 'pad', 'partial'];

export interface WindowsOptions extends Partial<Windowing> {
  /** Rows per window. */
  readonly size: number;
  /** Rows from one window to the next; default 1. */
  readonly stride?: number;
  /**
   * What happens to rows after the last whole window. `drop` (default): nothing. `pad`: one more window holds them,
   * filled up with `padValue`. `partial`: every start that has a row gives a window, filled up likewise.
   */
  readonly tail?: Windowing['tail'];
  /** Default 0; not normalised. */
  readonly padValue?: number;
  /** One id per row; no window crosses a change of id. */
  readonly group?: ArrayLike<number | string>;
  /** `(x − mean) / std` per column, applied while gathering. */
  readonly normalize?: Normalize;
}

const KEYS: OptionKeys<WindowsOptions> = {
  size: true,
  stride: true,
  tail: true,
  padValue: true,
  group: true,
  normalize: true,
};

type NormalizeKeys = { readonly [N in Normalize as N['kind']]: OptionKeys<N> };

const NORMALIZE_KEYS: NormalizeKeys = { none: { kind: true }, standard: { kind: true, mean: true, std: true } };

/** Where windows lie, without the windows. */
export interface WindowPlan {
  /** First row of each window. */
  readonly starts: Int32Array;
  /** Real rows in each window. */
  readonly lengths: Int32Array;
}

interface Run {
  readonly from: number;
  readonly to: number;
}

/**
 * Where windows over `nRows` rows start and how many real rows each holds.
 *
 * @throws ParameterError `ERR_OPTION`, `ERR_SHAPE` (`group`)
 */
export function planWindows(nRows: number, o: WindowsOptions): WindowPlan {
  const { size, stride = 1, tail = 'drop' } = o;
  requireCount('size', size);
  requireCount('stride', stride);
  if (!TAILS.includes(tail)) throw new ParameterError('ERR_OPTION', mustBe('tail', '"drop", "pad" or "partial"', tail));
  const starts: number[] = [];
  const lengths: number[] = [];
  for (const { from, to } of runsOf(nRows, o.group)) {
    const count = windowCount(to - from, { size, stride, tail });
    for (let w = 0; w < count; w += 1) {
      starts.push(from + w * stride);
      lengths.push(Math.min(size, to - from - w * stride));
    }
  }
  return { starts: Int32Array.from(starts), lengths: Int32Array.from(lengths) };
}

/** How many windows `nRows` rows of one group give. */
export function windowCount(
  nRows: number,
  { size, stride, tail }: Pick<Windowing, 'size' | 'stride' | 'tail'>,
): number {
  if (tail === 'partial') return Math.ceil(nRows / stride);
  const whole = nRows < size ? 0 : 1 + Math.floor((nRows - size) / stride);
  if (tail === 'drop') return whole;
  const covered = whole === 0 ? 0 : (whole - 1) * stride + size;
  // With a stride above the size the next start may lie past the end: rows between windows belong to none.
  return covered < nRows && whole * stride < nRows ? whole + 1 : whole;
}

/**
 * Cuts rows into windows of equal size, natively.
 *
 * @param x frames `[frame, …]`, or a series of single values
 * @returns `[window, size, …]` with the first row and the number of real rows of each window; no window is an empty result
 * @throws ParameterError `ERR_OPTION` (size, stride, tail, normalize), `ERR_UNKNOWN_OPTION`, `ERR_SHAPE` (group, several channels at once)
 */
export function windows(x: FeatureMatrix | Float32Array, o: WindowsOptions): Windows {
  refuseUnknown(o, KEYS, 'windows');
  if (o.normalize !== undefined) checkNormalize(o.normalize);
  const series = x instanceof Float32Array;
  const data = series ? x : x.data;
  const nRows = series ? x.length : x.nFrames;
  if (!series && x.shape[0] !== x.nFrames) {
    throw new ParameterError('ERR_SHAPE', mustBe('shape', '[frame, …], one recording and one channel', x.shape));
  }
  const inner = series ? [] : x.shape.slice(1);
  const rowWidth = inner.reduce((product, n) => product * n, 1);
  const { starts, lengths } = planWindows(nRows, o);
  const out = new Float32Array(starts.length * o.size * rowWidth);
  gather(loadAddon(), { data, rowWidth, nRows, starts }, o, out);
  return { data: out, shape: [starts.length, o.size, ...inner], starts, lengths };
}

/** In a spec its schema has done this. */
function checkNormalize(normalize: Normalize): void {
  const { kind } = normalize;
  if (!Object.hasOwn(NORMALIZE_KEYS, kind)) {
    throw new ParameterError('ERR_OPTION', mustBe('normalize.kind', '"none" or "standard"', kind));
  }
  refuseUnknown(normalize, NORMALIZE_KEYS[kind], `normalize of kind "${kind}"`);
  if (kind === 'none') return;
  for (const [name, values] of Object.entries({ mean: normalize.mean, std: normalize.std })) {
    if (Array.isArray(values) && values.every((value) => Number.isFinite(value))) continue;
    throw new ParameterError('ERR_OPTION', mustBe(`normalize.${name}`, 'an array of numbers', values));
  }
}

interface Rows {
  readonly data: Float32Array;
  readonly rowWidth: number;
  readonly nRows: number;
  readonly starts: Int32Array;
}

function gather(addon: NativeAddon, rows: Rows, o: WindowsOptions, out: Float32Array): void {
  const { data, rowWidth, starts } = rows;
  const { size, padValue = 0 } = o;
  const numbers = normalizeNumbers(o.normalize, rowWidth);
  const perWindow = size * rowWidth;
  const perCall = Math.max(1, Math.floor(BLOCK_NUMBERS / Math.max(1, perWindow)));
  let next = 0;
  for (const { from, to } of runsOf(rows.nRows, o.group)) {
    // The source ends with the run, so that what a window lacks is padding and not the next run's rows.
    const source = data.subarray(from * rowWidth, to * rowWidth);
    while (next < starts.length && starts[next]! < to) {
      let end = next;
      while (end < starts.length && end - next < perCall && starts[end]! < to) end += 1;
      const local = starts.slice(next, end).map((start) => start - from);
      const target = out.subarray(next * perWindow, end * perWindow);
      addon.gatherWindows({ source, rowWidth, size, starts: local, padValue, ...numbers }, target);
      next = end;
    }
  }
}

/** Means and scales as the binding takes them: one per column, or none. */
export function normalizeNumbers(
  normalize: Normalize | undefined,
  rowWidth: number,
): { mean: Float32Array; scale: Float32Array } {
  if (normalize === undefined || normalize.kind === 'none')
    return { mean: new Float32Array(0), scale: new Float32Array(0) };
  const { mean, std } = normalize;
  for (const [name, values] of Object.entries({ mean, std })) {
    if (values.length === 1 || values.length === rowWidth) continue;
    const expected = `1 number or as many as a row has (${rowWidth})`;
    throw new ParameterError('ERR_OPTION', mustBe(`normalize.${name}`, expected, values.length));
  }
  const column = (values: readonly number[], i: number): number => values[values.length === 1 ? 0 : i]!;
  return {
    mean: Float32Array.from({ length: rowWidth }, (_, i) => column(mean, i)),
    scale: Float32Array.from({ length: rowWidth }, (_, i) => 1 / column(std, i)),
  };
}

/** Stretches of rows with the same id. */
function* runsOf(nRows: number, group: ArrayLike<number | string> | undefined): Generator<Run> {
  if (group === undefined) {
    if (nRows > 0) yield { from: 0, to: nRows };
    return;
  }
  if (group.length !== nRows) {
    throw new ParameterError('ERR_SHAPE', mustBe('group', `one id per row (${nRows})`, group.length));
  }
  let from = 0;
  for (let row = 1; row <= nRows; row += 1) {
    if (row < nRows && group[row] === group[from]) continue;
    yield { from, to: row };
    from = row;
  }
}

function requireCount(name: string, value: unknown): void {
  if (Number.isSafeInteger(value) && Number(value) >= 1) return;
  throw new ParameterError('ERR_OPTION', mustBe(name, 'a positive whole number', value));
}
