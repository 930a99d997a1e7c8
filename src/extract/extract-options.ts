import type { LabelRule, RecordingError } from '../corpus/index.js';
import { mustBe, type OptionKeys, ParameterError } from '../errors.js';
import type { ShardCompression, ShardFormat } from '../shards/index.js';
import type { Spec } from '../spec/index.js';
import type { LongWork } from '../types.js';

/** What a plan fixes: who computes what, and how it is written. */
export interface PlanCorpusOptions extends LongWork {
  readonly spec: Spec;
  /** Folder for the shards, their manifest and `errors.jsonl`; made if need be. */
  readonly out: string;
  /** Where labels come from; without it, a manifest's `label` column. */
  readonly labels?: LabelRule | undefined;
  /** Only the first so many recordings. */
  readonly limit?: number | undefined;
  /** Bytes of audio per shard. Default: as before in this folder, else a 32nd of the corpus, from 8 to 64 MiB. */
  readonly shardBytes?: number | undefined;
  /** Of the shards' files. Default `'arrow'`. */
  readonly format?: ShardFormat | undefined;
  /**
   * Puts mean and standard deviation of the whole corpus into the folder's spec, as `normalize` of its first windows: of
   * each column, or one of each. Where a part is held out, take `stats()` of the training part instead.
   */
  readonly standardize?: 'column' | 'all' | undefined;
  /** Of features in Arrow files. Default `'none'`. */
  readonly compression?: ShardCompression | undefined;
}

/** How the computing is done; the shards' bytes do not depend on it. */
export interface ComputeOptions extends LongWork {
  /** Threads; default: the cores this process may use. */
  readonly workers?: number | undefined;
  /** Default true: shards that are finished and whole are kept. False makes all of them again. */
  readonly resume?: boolean | undefined;
  /** The first unreadable recording ends the run, so not together with `maxErrors`. Default false: it goes to `errors.jsonl`. */
  readonly strict?: boolean | undefined;
  /** More unreadable recordings than this end the run. Default: any number may be. */
  readonly maxErrors?: number | undefined;
  /** What one recording may take before it counts as unreadable. Default: any time. */
  readonly timeoutSec?: number | undefined;
}

export interface ExtractOptions extends PlanCorpusOptions, ComputeOptions {
  /** Says what the same call without it would read and write, from the headers, and writes nothing. */
  readonly dryRun?: boolean | undefined;
}

export const STANDARDIZE: readonly string[] = ['column', 'all'];

const WORK_KEYS: OptionKeys<LongWork> = { signal: true, onProgress: true };

export const COMPUTE_KEYS: OptionKeys<ComputeOptions> = {
  ...WORK_KEYS,
  workers: true,
  resume: true,
  strict: true,
  maxErrors: true,
  timeoutSec: true,
};

export const PLAN_KEYS: OptionKeys<PlanCorpusOptions> = {
  ...WORK_KEYS,
  spec: true,
  out: true,
  labels: true,
  limit: true,
  shardBytes: true,
  format: true,
  compression: true,
  standardize: true,
};

export const EXTRACT_KEYS: OptionKeys<ExtractOptions> = { ...PLAN_KEYS, ...COMPUTE_KEYS, dryRun: true };

/** @throws ParameterError `ERR_OPTION` */
export function checkComputeOptions(o: ComputeOptions): void {
  requireCount('workers', o.workers, 1);
  requireCount('maxErrors', o.maxErrors, 0);
  if (o.timeoutSec !== undefined && !(Number.isFinite(o.timeoutSec) && o.timeoutSec > 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('timeoutSec', 'a positive number of seconds', o.timeoutSec));
  }
  if (o.strict && o.maxErrors !== undefined) {
    const expected = 'left out with strict, which ends at the first error';
    throw new ParameterError('ERR_OPTION', mustBe('maxErrors', expected, o.maxErrors));
  }
}

/** @throws ParameterError `ERR_OPTION` */
export function checkPlanOptions(o: PlanCorpusOptions): void {
  requireCount('limit', o.limit, 1);
  requireCount('shardBytes', o.shardBytes, 1);
  if (o.standardize === undefined) return;
  if (!STANDARDIZE.includes(o.standardize)) {
    throw new ParameterError('ERR_OPTION', mustBe('standardize', STANDARDIZE.join(' or '), o.standardize));
  }
  if (!o.spec.stages.some((stage) => 'windowing' in stage)) {
    const expected = 'left out with a spec that cuts no windows';
    throw new ParameterError('ERR_OPTION', mustBe('standardize', expected, o.standardize));
  }
}

/** @throws ParameterError `ERR_OPTION` */
export function requireCount(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new ParameterError('ERR_OPTION', mustBe(name, `a whole number from ${least}`, value));
}

export interface ExtractReport {
  /** The folder, absolute. */
  readonly out: string;
  readonly specHash: string;
  readonly featureHash: string;
  readonly dryRun: boolean;
  /** Rows with features: recordings, or their channels where the spec keeps all. */
  readonly recordings: number;
  readonly frames: number;
  readonly audioSec: number;
  /** Of all shards; in a dry run, of the features. */
  readonly bytes: number;
  readonly shards: { readonly total: number; readonly reused: number };
  /** The lines of `errors.jsonl`. */
  readonly errors: readonly RecordingError[];
  readonly elapsedSec: number;
  /** Seconds of audio computed by this run per second; in a dry run, what some recordings at the front promise. */
  readonly timesRealTime: number;
}
