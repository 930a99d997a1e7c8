/** The bench harness: contestants of one or several processes in turn, checked, pooled, compared; the cases live in `bench/`. */
export { assertAlike, assertClose, type Tolerance } from './agreement.js';
export { BENCH_REPORT, type BenchReport, readReport, saveReport } from './bench-report.js';
export {
  type Absent,
  type Check,
  type Contest,
  type Contestant,
  type ContestantResult,
  type ContestOptions,
  type ContestResult,
  type Figure,
  type Goal,
  type GoalResult,
  runContest,
  timesAsFast,
  timesTheBest,
} from './contest.js';
export {
  allowedProcessors,
  commitOf,
  type Machine,
  machine,
  pinToProcessor,
  pinToProcessors,
  processorsIn,
} from './machine.js';
export { type PeerCommand, type PeerContestant, PeerProcess } from './peer-process.js';
export { type Clock, type Round, timeRound } from './round.js';
export { type Pooled, pool, quantile } from './statistics.js';
export { contestTable, type Earlier, reportMarkdown, reportTable, short, valuesOf } from './table.js';
