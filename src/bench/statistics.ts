import type { Round } from './round.js';

/** A round counts as quiet where this process had the processor for nearly all of it. */
const QUIET_SHARE = 0.97;

/**
 * What a second is. `wall`: of the clock, what a user waits. `cpu`: of the processor, which leaves out what other
 * programs took of it; the one to use on a machine that is not ours alone.
 */
export type Clock = 'wall' | 'cpu';

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
 * @param clock with `cpu`, the samples of a round are multiplied by the share of the processor that it had
 * @throws RangeError where there is no sample
 */
export function pool(rounds: readonly Round[], clock: Clock): Pooled {
  const seconds = rounds.flatMap((round) => {
    const factor = clock === 'cpu' ? shareOf(round) : 1;
    return round.samples.map((sample) => sample * factor);
  });
  const sorted = seconds.toSorted((a, b) => a - b);
  return {
    medianSec: quantile(sorted, 0.5),
    p10Sec: quantile(sorted, 0.1),
    p90Sec: quantile(sorted, 0.9),
    samples: sorted.length,
    rounds: rounds.length,
    quietRounds: rounds.filter((round) => shareOf(round) >= QUIET_SHARE).length,
  };
}

/** Part of the round's time that its process had a processor; helpers of the runtime on other cores make it no more than 1. */
function shareOf(round: Round): number {
  return Math.min(1, round.cpuSec / round.wallSec);
}

/** Linear interpolation between the two nearest values of a sorted list. */
export function quantile(sorted: readonly number[], q: number): number {
  if (sorted.length === 0) throw new RangeError('quantile of no values');
  const place = q * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}
