/** What the extracting process and its workers say to each other. */
import type { ShardCompression, ShardFormat, ShardResult, UnpublishedFile } from '../shards/index.js';
import type { FrameRange } from './ranges.js';
import type { PlannedShard } from './shard-plan.js';

/** The same for all shards of a run. */
export interface RunFacts {
  /** Tells one run of the process from another. */
  readonly run: number;
  /** Where the shards go, absolute. */
  readonly folder: string;
  /** What recordings' paths are relative to. */
  readonly root: string;
  /** The spec as JSON text: it goes into the shards as it is. */
  readonly spec: string;
  readonly featureHash: string;
  readonly format: ShardFormat;
  readonly compression: ShardCompression;
  /** The first unreadable recording ends the run. */
  readonly strict: boolean;
  /** What a recording may take. */
  readonly timeoutSec: number | null;
  readonly counters: SharedArrayBuffer;
  readonly journal: string;
}

/** Frames of a long recording, computed before the shard that it is alone in. */
export interface FramesReady {
  readonly path: string;
  readonly nFrames: number;
  readonly nSamples: number;
}

export interface RangeTask {
  readonly facts: RunFacts;
  readonly range: FrameRange;
  /** The shard that the recording is alone in. */
  readonly of: number;
}

/** What a worker has made of a shard; whoever gave it the task publishes the files. */
export interface MadeShard extends Omit<ShardResult, 'files'> {
  readonly files: readonly UnpublishedFile[];
}

export interface ShardTask {
  readonly facts: RunFacts;
  readonly shard: PlannedShard;
  /** Recordings that brought the process down before, by their place in the shard, and how. */
  readonly quarantined: ReadonlyMap<number, string>;
  /** Compute this one recording and write nothing: does it bring the process down? */
  readonly trial?: number;
  readonly ready?: FramesReady;
}
