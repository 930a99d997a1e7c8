/** What the extracting thread and its workers say to each other. */
import type { RecordingError } from '../corpus/index.js';
import type { ShardInput } from './shard-plan.js';

export interface ShardTask {
  /** Where the shard goes, absolute. */
  readonly path: string;
  /** What recordings' paths are relative to. */
  readonly root: string;
  /** The spec as JSON text: it goes into the shard as it is. */
  readonly spec: string;
  readonly featureHash: string;
  readonly inputs: readonly ShardInput[];
  /** The first unreadable recording ends the run. */
  readonly strict: boolean;
}

/** Said once for each recording. */
export interface RecordingNote {
  readonly audioSec: number;
  readonly error?: RecordingError;
}
