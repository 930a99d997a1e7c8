/** The bench harness; the cases live in `bench/`. */
export { type BenchReport, benchReport, benchTable, saveReport } from './bench-report.js';
export { type Contestant, type ContestOptions, contest, quantile, type Timing, type Workload } from './contest.js';
