import Benchmark from 'benchmark';

/** What one round of one contestant gave. Other processes answer with the same, as JSON. */
export interface Round {
  /** Seconds per run, one number per sample. */
  readonly samples: readonly number[];
  readonly wallSec: number;
  /** Processor time of the contestant's process during the round. */
  readonly cpuSec: number;
}

/** A sample is as many runs as take this long: short against the turns that a busy machine gives, long against the clock. */
const SAMPLE_SEC = 0.01;
const FEWEST_SAMPLES = 3;

/**
 * Times `run` for about `seconds` in this process with benchmark.js, which warms up and finds how many runs make a
 * sample. What `run` throws is thrown.
 */
export function timeRound(name: string, run: () => void, seconds: number): Round {
  let failure: unknown;
  const bench = new Benchmark(name, run, {
    maxTime: seconds,
    minTime: SAMPLE_SEC,
    minSamples: FEWEST_SAMPLES,
    onError: (event: Benchmark.Event) => {
      failure = Reflect.get(event.target, 'error');
    },
  });
  const cpu = process.cpuUsage();
  const start = performance.now();
  bench.run();
  const wallSec = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  if (failure !== undefined) throw failure;
  return { samples: bench.stats.sample, wallSec, cpuSec: (user + system) / 1e6 };
}
