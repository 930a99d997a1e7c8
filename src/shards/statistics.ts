/** Mean and spread of each column of frames, in a form that parts can be put together from. */
export interface ColumnStats {
  /** Frames. */
  readonly n: number;
  readonly mean: readonly number[];
  /** Sums of squared differences to the mean. */
  readonly m2: readonly number[];
}

/** Chan, Golub, LeVeque: Updating formulae and a pairwise algorithm for computing sample variances (1979). */
export function mergeStats(a: ColumnStats, b: ColumnStats): ColumnStats {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const apart = a.mean.map((mean, i) => b.mean[i]! - mean);
  return {
    n,
    mean: a.mean.map((mean, i) => mean + apart[i]! * (b.n / n)),
    m2: a.m2.map((m2, i) => m2 + b.m2[i]! + apart[i]! ** 2 * ((a.n * b.n) / n)),
  };
}
