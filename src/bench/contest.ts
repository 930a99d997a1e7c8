import Benchmark from 'benchmark';

/** One way to do a workload. */
export interface Contestant {
  readonly name: string;
  readonly run: () => void;
}

/** The same work for several contestants; the first is the one others are compared with. */
export interface Workload {
  readonly name: string;
  /** Seconds of audio one run handles. */
  readonly audioSec: number;
  readonly contestants: readonly Contestant[];
  /** Throws unless all contestants give the same result; called before any clock starts. */
  readonly check: () => void;
}

/** Times of one contestant, in milliseconds per run. */
export interface Timing {
  readonly workload: string;
  readonly contestant: string;
  readonly medianMs: number;
  readonly p10Ms: number;
  readonly p90Ms: number;
  readonly samples: number;
  /** Seconds of audio per second, at the median. */
  readonly timesRealTime: number;
  /** How many times this contestant's median is the first one's: 10 means the first is ten times faster. */
  readonly ratio: number;
}

export interface ContestOptions {
  /** Contestants take turns this often, so that a drifting clock hits all of them. Default 3. */
  readonly rounds?: number;
  /** Seconds per contestant and round. Default 0.5. */
  readonly secondsPerRound?: number;
}

/** Runs a workload's contestants in turn and returns their times. */
export function contest(workload: Workload, o: ContestOptions = {}): Timing[] {
  const { rounds = 3, secondsPerRound = 0.5 } = o;
  workload.check();
  const seconds = workload.contestants.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    workload.contestants.forEach((contestant, i) => {
      seconds[i]!.push(...sample(contestant, secondsPerRound));
    });
  }
  const timings = workload.contestants.map((contestant, i) => timingOf(workload, contestant, seconds[i]!));
  const first = timings[0]!.medianMs;
  return timings.map((timing) => ({ ...timing, ratio: timing.medianMs / first }));
}

/** Seconds per run, one number per sample that benchmark.js took after its own warm-up. */
function sample(contestant: Contestant, maxTime: number): number[] {
  let failure: unknown;
  const bench = new Benchmark(contestant.name, contestant.run, {
    maxTime,
    minSamples: 5,
    onError: (event: Benchmark.Event) => {
      failure = Reflect.get(event.target, 'error');
    },
  });
  bench.run();
  if (failure !== undefined) throw failure;
  return bench.stats.sample;
}

function timingOf(workload: Workload, contestant: Contestant, seconds: readonly number[]): Timing {
  const sorted = seconds.toSorted((a, b) => a - b);
  const medianMs = quantile(sorted, 0.5) * 1e3;
  return {
    workload: workload.name,
    contestant: contestant.name,
    medianMs,
    p10Ms: quantile(sorted, 0.1) * 1e3,
    p90Ms: quantile(sorted, 0.9) * 1e3,
    samples: sorted.length,
    timesRealTime: (workload.audioSec * 1e3) / medianMs,
    ratio: 1,
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
