import type { LabelSource, Recording } from '../corpus/index.js';
import { hashOf } from '../spec/index.js';

/** Enough for all cores of a machine to have some until the end. */
const MANY_SHARDS = 32;
const SMALL_SHARD_BYTES = 8 * 2 ** 20;
const LARGE_SHARD_BYTES = 64 * 2 ** 20;

/**
 * Audio per shard where nobody says: a 32nd of the corpus, from 8 to 64 MiB. A power of two, so that it stays while a corpus
 * grows to twice its size.
 */
export function usualShardBytes(corpusBytes: number): number {
  const share = 2 ** Math.floor(Math.log2(Math.max(1, corpusBytes / MANY_SHARDS)));
  return Math.min(LARGE_SHARD_BYTES, Math.max(SMALL_SHARD_BYTES, share));
}

export type ShardInput = Omit<Recording, 'columns' | 'labels'> & LabelSource;

/** Who computes what: a pure function of the recordings, their labels and the features asked for. */
export interface PlannedShard {
  /** Place in the corpus, from 0. */
  readonly index: number;
  /** What its files' names begin with, e.g. `shard-00000`. */
  readonly name: string;
  /** Which element of an array job computes it. */
  readonly part: number;
  /** Of its recordings. */
  readonly bytes: number;
  /** Changes when anything does that the shard's bytes depend on: its fingerprint. */
  readonly task: string;
  readonly inputs: readonly ShardInput[];
}

/** What goes into a shard. */
export interface ShardSize {
  readonly recordings: number;
  readonly bytes: number;
}

/** Where a corpus is cut: recordings `[from, to)` are a shard. */
export interface ShardCut {
  readonly from: number;
  readonly to: number;
  /** Of its recordings. */
  readonly bytes: number;
  readonly part: number;
}

export interface CutOptions {
  /** Of audio; a longer recording is a shard of its own. */
  readonly shardBytes: number;
  /** Elements of an array job. */
  readonly parts: number;
}

/**
 * Cuts a corpus, in order, into shards of `shardBytes` of audio, and deals them out to parts of about equal size in one
 * piece each. The cuts do not depend on the number of parts.
 */
export function cutShards(recordings: readonly Pick<Recording, 'bytes'>[], o: CutOptions): ShardCut[] {
  const runs = runsOf(recordings, o.shardBytes);
  const total = runs.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  return runs.map((run, index) => {
    const middle = total === 0 ? (index + 0.5) / runs.length : (before + run.bytes / 2) / total;
    before += run.bytes;
    return { ...run, part: Math.min(o.parts - 1, Math.floor(middle * o.parts)) };
  });
}

function runsOf(recordings: readonly Pick<Recording, 'bytes'>[], shardBytes: number): Omit<ShardCut, 'part'>[] {
  const runs: { from: number; to: number; bytes: number }[] = [];
  for (const [i, { bytes }] of recordings.entries()) {
    const open = runs.at(-1);
    if (open === undefined || open.bytes + bytes > shardBytes) {
      runs.push({ from: i, to: i + 1, bytes });
      continue;
    }
    open.to = i + 1;
    open.bytes += bytes;
  }
  return runs;
}

/** @param meaning what the bytes of a shard depend on beside its recordings */
export function plannedShard(
  index: number,
  { part, bytes }: ShardCut,
  inputs: readonly ShardInput[],
  meaning: unknown,
): PlannedShard {
  // Of millions of inputs, sorting keys would be most of the work; they are made in one place, in one order.
  const task = hashOf({ meaning, inputs: JSON.stringify(inputs) });
  return { index, name: shardName(index), part, bytes, task, inputs };
}

/** Every file of a shard, finished or not, and the number of the shard. */
const SHARD_FILE = /^shard-(\d{5,})\./;

/** The shard that a file belongs to; `null` for a file of something else. */
export function shardIndexOf(file: string): number | null {
  const digits = SHARD_FILE.exec(file)?.[1];
  return digits === undefined ? null : Number(digits);
}

function shardName(index: number): string {
  return `shard-${String(index).padStart(5, '0')}`;
}
