/** Mean and spread of columns, in parts that can be put together: of a recording, of a shard, of a folder. */
import { mustBe, ParameterError } from '../errors.js';

/** What is known of `n` rows, column by column, as it stands in a manifest. */
export interface ColumnStats {
  /** Rows, e.g. frames. */
  readonly n: number;
  readonly mean: readonly number[];
  /** Sum of squared distances from the mean: `n` times the variance. */
  readonly m2: readonly number[];
}

/** The same, in arrays of any kind. */
interface Columns {
  readonly n: number;
  readonly mean: ArrayLike<number>;
  readonly m2: ArrayLike<number>;
}

type Rows = Float32Array | Float64Array;

/**
 * Statistics of rows seen one block after another, in doubles.
 *
 * A block takes two passes, the second over distances from the block's own mean; blocks are merged as Chan, Golub and
 * LeVeque do (1979). A large mean with a small spread loses nothing.
 */
export class RunningStats {
  n = 0;
  readonly mean: Float64Array;
  readonly m2: Float64Array;

  /** @param width columns */
  constructor(width: number) {
    this.mean = new Float64Array(width);
    this.m2 = new Float64Array(width);
  }

  /** @param rows `[n, width]`, row-major */
  add(rows: Rows): this {
    return rows.length === 0 ? this : this.merge(statsOf(rows, this.mean.length));
  }

  /** @throws ParameterError `ERR_SHAPE` for statistics of another number of columns */
  merge({ n, mean, m2 }: Columns): this {
    if (n === 0) return this;
    const width = this.mean.length;
    if (mean.length !== width || m2.length !== width) {
      throw new ParameterError('ERR_SHAPE', mustBe('statistics to merge', `of ${width} columns`, mean.length));
    }
    const total = this.n + n;
    for (let column = 0; column < width; column++) {
      const apart = mean[column]! - this.mean[column]!;
      this.mean[column]! += apart * (n / total);
      this.m2[column]! += m2[column]! + apart * apart * ((this.n * n) / total);
    }
    this.n = total;
    return this;
  }

  /** As plain numbers. */
  toJSON(): ColumnStats {
    return { n: this.n, mean: [...this.mean], m2: [...this.m2] };
  }
}

/**
 * Statistics of the rows of both.
 * @throws ParameterError `ERR_SHAPE` for different numbers of columns
 */
export function mergeStats(a: ColumnStats, b: ColumnStats): ColumnStats {
  if (a.n === 0) return b;
  return new RunningStats(a.mean.length).merge(a).merge(b).toJSON();
}

/** Standard deviation of each column, over n (not n − 1); 0 without rows. */
export function deviations({ n, m2 }: Pick<Columns, 'n' | 'm2'>): Float64Array {
  return Float64Array.from(m2, (sum) => (n === 0 ? 0 : Math.sqrt(sum / n)));
}

/**
 * Mean and standard deviation (over n), of each column or of all numbers together. What never changes gets a deviation of
 * 1: there is nothing to scale.
 */
export function standardOf(stats: Columns, per: 'column' | 'all'): { kind: 'standard'; mean: number[]; std: number[] } {
  const one = per === 'column' ? stats : overAll(stats);
  return { kind: 'standard', mean: Array.from(one.mean), std: Array.from(deviations(one), (std) => std || 1) };
}

/** Every column is a part of one long one. */
function overAll({ n, mean, m2 }: Columns): RunningStats {
  const all = new RunningStats(1);
  for (let column = 0; column < mean.length; column++) {
    all.merge({ n, mean: [mean[column]!], m2: [m2[column]!] });
  }
  return all;
}

/** Differences to the first row keep the sum of the first pass small; what it still rounds, the second takes out. */
function statsOf(rows: Rows, width: number): Columns {
  const n = rows.length / width;
  if (!Number.isInteger(n)) throw new ParameterError('ERR_SHAPE', mustBe('rows', `of ${width} numbers`, rows.length));
  const mean = new Float64Array(width);
  const m2 = new Float64Array(width);
  const rest = new Float64Array(width);
  for (let row = 0; row < rows.length; row += width) {
    for (let column = 0; column < width; column++) mean[column]! += rows[row + column]! - rows[column]!;
  }
  for (let column = 0; column < width; column++) mean[column] = rows[column]! + mean[column]! / n;
  for (let row = 0; row < rows.length; row += width) {
    for (let column = 0; column < width; column++) {
      const apart = rows[row + column]! - mean[column]!;
      rest[column]! += apart;
      m2[column]! += apart * apart;
    }
  }
  for (let column = 0; column < width; column++) {
    mean[column]! += rest[column]! / n;
    m2[column]! -= (rest[column]! * rest[column]!) / n;
  }
  return { n, mean, m2 };
}
