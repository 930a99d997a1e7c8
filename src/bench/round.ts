import Benchmark from 'benchmark';

/**
 * What a second is. `wall`: of the clock, what a user waits. `cpu`: of the process's processor time, which leaves out
 * what other programs took of it; the one to use on a machine that is not ours alone.
 */
export type Clock = 'wall' | 'cpu';

/** What one round of one contestant gave. Other processes answer with the same, as JSON. */
export interface Round {
  /** Seconds per run on the asked clock, one number per sample. */
  readonly samples: readonly number[];
  readonly wallSec: number;
  /** Processor time of the contestant's process during the round. */
  readonly cpuSec: number;
}

/** A sample is as many runs as take this long: short against the turns that a busy machine gives, long against the clock. */
const SAMPLE_SEC = 0.01;
const FEWEST_SAMPLES = 3;

/** Processor time of this process in the form of `process.hrtime`. */
function cpuTime(since: readonly [number, number] = [0, 0]): [number, number] {
  const { user, system } = process.cpuUsage();
  const nanoseconds = (user + system) * 1e3 - (since[0] * 1e9 + since[1]);
  return [Math.floor(nanoseconds / 1e9), nanoseconds % 1e9];
}

/** benchmark.js reads `process.hrtime` of the context it is made in, so another clock is another context. */
const BENCHMARKS = { wall: Benchmark, cpu: Benchmark.runInContext({ process: { ...process, hrtime: cpuTime } }) };

/**
 * Times `run` for about `seconds` in this process with benchmark.js, which warms up and finds how many runs make a
 * sample. What `run` throws is thrown.
 */
export function timeRound(name: string, run: () => void, seconds: number, clock: Clock = 'wall'): Round {
  let failure: unknown;
  const bench: Benchmark = Reflect.construct(BENCHMARKS[clock], [
    name,
    run,
    {
      maxTime: seconds,
      minTime: SAMPLE_SEC,
      minSamples: FEWEST_SAMPLES,
      onError: (event: Benchmark.Event) => {
        failure = Reflect.get(event.target, 'error');
      },
    },
  ]);
  const cpu = process.cpuUsage();
  const start = performance.now();
  bench.run();
  const wallSec = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  if (failure !== undefined) throw failure;
  return { samples: bench.stats.sample, wallSec, cpuSec: (user + system) / 1e6 };
}
