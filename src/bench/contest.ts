import { assertAlike, assertClose, type Tolerance } from './agreement.js';
import type { Clock, Round } from './round.js';
import { type Pooled, pool } from './statistics.js';

/** One way to do the work of a contest. */
export interface Contestant {
  readonly name: string;
  /** Units of work in one run, e.g. seconds of audio. */
  readonly work: number;
  /** Its library's window or mel scale is its own: its result must be alike, not equal. */
  readonly ownConventions?: boolean;
  /** It does other work than the reference, e.g. only reads and writes: `result` throws where that went wrong. */
  readonly checksItself?: boolean;
  /** What it computes from the check clip. Called before any clock starts. */
  readonly result: () => Float32Array | Promise<Float32Array>;
  /** Times itself for about so many seconds. */
  readonly round: (seconds: number, clock: Clock) => Round | Promise<Round>;
}

/** Who is not here, and why. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
}

export interface Goal {
  readonly what: string;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** From the contestants' figures; undefined where one that it needs is absent. */
  readonly of: (figures: (name: string) => Figure | undefined) => number | undefined;
}

export interface Figure {
  readonly medianSec: number;
  /** Work per second at the median. */
  readonly value: number;
}

/** Several ways to do the same, timed in turns. */
export interface Contest {
  /** What `--only` names, e.g. `W1`. */
  readonly id: string;
  readonly title: string;
  /** Of `work / seconds`, e.g. `× real time`. */
  readonly unit: string;
  readonly contestants: readonly Contestant[];
  readonly absent: readonly Absent[];
  /** Ratios are over the first of these that is here. */
  readonly baselines: readonly string[];
  /** Whose result is the truth; none where each contestant checks itself. */
  readonly check?: Check;
  /** What this machine could reach at most, in `unit`. */
  readonly limit?: { readonly value: number; readonly what: string };
  readonly goals: readonly Goal[];
}

export interface Check {
  /** A contestant's name. */
  readonly reference: string;
  readonly tolerance: Tolerance;
  /** Values per frame. */
  readonly width: number;
  /** What the reference would be under other usual conventions, for contestants that follow those. */
  readonly otherwise?: () => readonly Float32Array[];
}

export interface ContestantResult extends Pooled, Figure {
  readonly contestant: string;
  /** How many times as fast as the baseline. */
  readonly ratio: number;
  /** Part of the limit that was reached; null where the contest has none. */
  readonly ofLimit: number | null;
}

export interface GoalResult {
  readonly what: string;
  readonly unit: string;
  /** null where it could not be measured. */
  readonly value: number | null;
  readonly wanted: string;
  readonly met: boolean | null;
}

export interface ContestResult {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly baseline: string;
  readonly limit: { readonly value: number; readonly what: string } | null;
  readonly results: readonly ContestantResult[];
  readonly goals: readonly GoalResult[];
  readonly absent: readonly Absent[];
}

export interface ContestOptions {
  /** Contestants take turns this often, so that a drifting clock hits all of them. Default 5. */
  readonly rounds?: number;
  /** Seconds per contestant and round. Default 0.4. */
  readonly secondsPerRound?: number;
  /** Default `wall`. */
  readonly clock?: Clock;
}

/**
 * Checks every contestant's result, then times them in turns: A B C A B C …
 *
 * @throws Error naming the contestant whose result differs; nothing is then timed. RangeError for no contestants
 */
export async function runContest(contest: Contest, o: ContestOptions = {}): Promise<ContestResult> {
  const { rounds = 5, secondsPerRound = 0.4, clock = 'wall' } = o;
  const { contestants } = contest;
  if (contestants.length === 0) throw new RangeError(`${contest.title}: nobody is here to be timed`);
  await checkResults(contest);
  const timed = contestants.map((): Round[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, contestant] of contestants.entries()) timed[i]!.push(await contestant.round(secondsPerRound, clock));
  }
  return resultOf(
    contest,
    timed.map((each) => pool(each)),
  );
}

async function checkResults({ title, contestants, check }: Contest): Promise<void> {
  const found = new Map<string, Float32Array>();
  for (const contestant of contestants) found.set(contestant.name, await contestant.result());
  if (check === undefined) return;
  const expected = found.get(check.reference);
  if (expected === undefined) throw new Error(`${title}: the reference ${check.reference} is not here`);
  const references = [expected, ...(check.otherwise?.() ?? [])];
  for (const { name, ownConventions, checksItself } of contestants) {
    if (checksItself) continue;
    const what = `${title}, ${name}`;
    if (ownConventions) assertAlike(what, found.get(name)!, references, check.width);
    else assertClose(what, found.get(name)!, expected, check.tolerance);
  }
}

function resultOf(contest: Contest, pooled: readonly Pooled[]): ContestResult {
  const { id, title, unit, contestants, absent, limit = null } = contest;
  const values = contestants.map(({ work }, i) => work / pooled[i]!.medianSec);
  const present = contest.baselines.find((name) => contestants.some((each) => each.name === name));
  const baseline = present ?? contestants[0]!.name;
  const baselineValue = values[contestants.findIndex((each) => each.name === baseline)]!;
  const results = contestants.map((contestant, i) => ({
    ...pooled[i]!,
    contestant: contestant.name,
    value: values[i]!,
    ratio: values[i]! / baselineValue,
    ofLimit: limit === null ? null : values[i]! / limit.value,
  }));
  const goals = contest.goals.map((goal) => goalResult(goal, results));
  return { id, title, unit, baseline, limit, results, goals, absent };
}

function goalResult(goal: Goal, results: readonly ContestantResult[]): GoalResult {
  const { what, unit, atLeast, atMost } = goal;
  const wanted = atLeast !== undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  const value = goal.of((name) => results.find((each) => each.contestant === name));
  if (value === undefined) return { what, unit, value: null, wanted, met: null };
  const met = value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY);
  return { what, unit, value, wanted, met };
}

/** A goal on how many times as fast as another a contestant is. */
export function timesAsFast(contestant: string, other: string, atLeast: number): Goal {
  return {
    what: `${contestant} / ${other}`,
    unit: '×',
    atLeast,
    of: (figures) => {
      const a = figures(contestant);
      const b = figures(other);
      return a && b && a.value / b.value;
    },
  };
}

/** The same against the best of several, whichever are here. */
export function timesTheBest(contestant: string, others: readonly string[], atLeast: number, what: string): Goal {
  return {
    what: `${contestant} / ${what}`,
    unit: '×',
    atLeast,
    of: (figures) => {
      const found = others.flatMap((name) => figures(name)?.value ?? []);
      const ours = figures(contestant);
      return found.length === 0 || ours === undefined ? undefined : ours.value / Math.max(...found);
    },
  };
}
