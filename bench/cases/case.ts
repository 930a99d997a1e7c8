/** How a case is declared: everything but the contestants of other processes, which join by its key. */
import { type Contest, type Contestant, type Goal, timeRound } from '../../src/bench/index.js';
import type { Limit, Roofline } from '../limits.js';
import type { CaseId } from '../options.js';

export interface Case extends Omit<Contest, 'id' | 'limit' | 'goals' | 'absent'> {
  readonly id: CaseId;
  /** What peers call it, e.g. `W4 1024 in L2`. */
  readonly key: string;
  readonly goals: (roofline: Roofline) => readonly Goal[];
  readonly limit?: (roofline: Roofline) => Limit;
  /** Why it cannot be run; it is then reported by name. */
  readonly skip?: string;
}

/** A contestant of this process, timed by benchmark.js. */
export function inProcess(
  name: string,
  work: number,
  run: () => void,
  result: () => Float32Array | Promise<Float32Array>,
): Contestant {
  return { name, work, result, round: (seconds, clock) => timeRound(name, run, seconds, clock) };
}

export const REAL_TIME = '× real time';
