import type { Round } from './round.js';

/** A round counts as quiet where this process had the processor for nearly all of it. */
const QUIET_SHARE = 0.97;

/** All rounds of one contestant, pooled. */
export interface Pooled {
  /** Seconds per run. */
  readonly medianSec: number;
  readonly p10Sec: number;
  readonly p90Sec: number;
  readonly samples: number;
  readonly rounds: number;
  /** Rounds in which nobody else had the processor for more than 3 % of the time. */
  readonly quietRounds: number;
}

/**
 * Pools the samples of all rounds.
 *
 * @throws RangeError where there is no sample
 */
export function pool(rounds: readonly Round[]): Pooled {
  const sorted = rounds.flatMap((round) => round.samples).toSorted((a, b) => a - b);
  return {
    medianSec: quantile(sorted, 0.5),
    p10Sec: quantile(sorted, 0.1),
    p90Sec: quantile(sorted, 0.9),
    samples: sorted.length,
    rounds: rounds.length,
    quietRounds: rounds.filter(({ cpuSec, wallSec }) => cpuSec >= QUIET_SHARE * wallSec).length,
  };
}

/** Linear interpolation between the two nearest values of a sorted list. */
export function quantile(sorted: readonly number[], q: number): number {
  if (sorted.length === 0) throw new RangeError('quantile of no values');
  const place = q * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}
