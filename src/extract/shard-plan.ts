import type { LabelSource, Recording } from '../corpus/index.js';
import type { ManifestShard, ShardResult } from '../shards/index.js';
import { hashOf } from '../spec/index.js';

/** Recordings of one shard: about this many bytes of audio, or one recording where that is larger. */
export const SHARD_BYTES = 64 * 2 ** 20;

export type ShardInput = Omit<Recording, 'columns' | 'labels'> & LabelSource;

/** Who computes what: a pure function of the recordings, their labels and the features asked for. */
export interface PlannedShard {
  /** File name in the folder, e.g. `shard-00000.arrow`. */
  readonly file: string;
  readonly inputs: readonly ShardInput[];
  /** Changes when anything does that the shard's bytes depend on. */
  readonly task: string;
}

/** Cuts a corpus, in order, into shards of `shardBytes` of audio. */
export function planShards(inputs: readonly ShardInput[], featureHash: string, shardBytes: number): PlannedShard[] {
  const shards: PlannedShard[] = [];
  let open: ShardInput[] = [];
  let bytes = 0;
  const close = (): void => {
    shards.push({ file: shardName(shards.length), inputs: open, task: hashOf({ featureHash, inputs: open }) });
    open = [];
    bytes = 0;
  };
  for (const input of inputs) {
    if (open.length > 0 && bytes + input.bytes > shardBytes) close();
    open.push(input);
    bytes += input.bytes;
  }
  if (open.length > 0) close();
  return shards;
}

/** Every file a run may leave in its folder, so that resume can tell its own from a stranger's. */
export const SHARD_FILE = /^shard-\d{5,}\.(arrow|json)(\.tmp)?$/;

function shardName(index: number): string {
  return `shard-${String(index).padStart(5, '0')}.arrow`;
}

export function manifestShard({ file, inputs }: PlannedShard, result?: ShardResult): ManifestShard {
  const prints = inputs.map(({ id, path, bytes, mtimeMs }) => ({ id, path, bytes, mtimeMs }));
  if (result === undefined) return { file, inputs: prints };
  const { errors, ...counts } = result;
  return { file, ...counts, failed: errors.length, inputs: prints };
}
