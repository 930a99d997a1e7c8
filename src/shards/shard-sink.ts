/** What an extraction writes its recordings into, whatever the format of the files. */
import type { ParameterError } from '../errors.js';
import type { Interval } from '../types.js';
import type { UnpublishedFile } from './publish-files.js';

/** Everything a shard says of one recording, beside its frames. */
export interface ShardRow {
  readonly id: string;
  readonly path: string;
  readonly group: string | null;
  readonly label: string | null;
  /** Of a recording whose channels are rows of their own; else `null`. */
  readonly channel: number | null;
  /** The recording's own, Hz. */
  readonly sampleRate: number;
  /** Where in its file the recording begins. */
  readonly startSec: number;
  readonly durationSec: number;
  readonly labels: readonly Interval[];
  /** 16 hex digits over the frames' bytes: what is equal may be a duplicate. */
  readonly contentHash: string;
}

/** One file that was written whole. */
export interface WrittenFile {
  /** Name in the folder. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface SinkOptions {
  readonly folder: string;
  /** What the files' names begin with. */
  readonly name: string;
  /** Numbers per frame. */
  readonly width: number;
  readonly frameShape: readonly number[];
  /** Goes into the files, see `META`. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Writes one shard. All calls are synchronous: a sink belongs to a worker, which has nothing else to do. The bytes depend
 * on the rows and their frames alone.
 */
export interface ShardSink {
  /**
   * Room for `numbers` or more in the sink's own memory, not cleared: to be filled by recordings, one behind the other, and
   * then told by `commit`, one after the other. What was not committed is given up by the next `reserve`.
   */
  reserve(numbers: number): Float32Array;
  /** Why the format cannot hold a row; `null` where it can. */
  refusal(row: Pick<ShardRow, 'id'>): ParameterError | null;
  /** The recording whose frames are the next `numbers` in what `reserve` gave last. */
  commit(row: ShardRow, numbers: number): void;
  /** A recording too long for memory: its frames, `numbers` floats, lie in a file of their own. */
  addFile(row: ShardRow, path: string, numbers: number): void;
  /** Ends the files: for `publishFiles`. */
  finish(): readonly UnpublishedFile[];
  /** Gives the work up and removes what it wrote. */
  abandon(): void;
}
