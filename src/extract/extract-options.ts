import type { LabelRule, RecordingError } from '../corpus/index.js';
import type { OptionKeys } from '../errors.js';
import type { Spec } from '../spec/index.js';
import type { LongWork } from '../types.js';

export interface ExtractOptions extends LongWork {
  readonly spec: Spec;
  /** Folder for the shards, their manifest and `errors.jsonl`; made if need be. */
  readonly out: string;
  /** Where labels come from; without it, a manifest's `label` column. */
  readonly labels?: LabelRule | undefined;
  /** Threads; default: the cores this process may use. Shards have the same bytes for any number. */
  readonly workers?: number | undefined;
  /** Default true: shards that are finished and whole are kept. False makes all of them again. */
  readonly resume?: boolean | undefined;
  /** The first unreadable recording ends the run, so not together with `maxErrors`. Default false: it goes to `errors.jsonl`. */
  readonly strict?: boolean | undefined;
  /** More unreadable recordings than this end the run. Default: any number may be. */
  readonly maxErrors?: number | undefined;
  /** Only the first so many recordings. */
  readonly limit?: number | undefined;
  /**
   * Says what the same call without it would read and write, from the headers, and writes nothing. One thread does that,
   * whatever `workers` says.
   */
  readonly dryRun?: boolean | undefined;
  /** Bytes of audio per shard; default 64 MiB. */
  readonly shardBytes?: number | undefined;
}

export const EXTRACT_KEYS: OptionKeys<ExtractOptions> = {
  spec: true,
  out: true,
  labels: true,
  workers: true,
  resume: true,
  strict: true,
  maxErrors: true,
  limit: true,
  dryRun: true,
  shardBytes: true,
  signal: true,
  onProgress: true,
};

export interface ExtractReport {
  /** The folder, absolute. */
  readonly out: string;
  readonly specHash: string;
  readonly featureHash: string;
  readonly dryRun: boolean;
  /** Recordings with features. */
  readonly recordings: number;
  readonly frames: number;
  readonly audioSec: number;
  /** Of all shards; in a dry run, of the features. */
  readonly bytes: number;
  readonly shards: { readonly total: number; readonly reused: number };
  /** The lines of `errors.jsonl`. */
  readonly errors: readonly RecordingError[];
  readonly elapsedSec: number;
  /** Seconds of audio computed by this run per second. */
  readonly timesRealTime: number;
}
