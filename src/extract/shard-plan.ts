import type { LabelSource, Recording } from '../corpus/index.js';
import { hashOf } from '../spec/index.js';

/** Recordings of one shard: about this many bytes of audio, or one recording where that is larger. */
export const SHARD_BYTES = 64 * 2 ** 20;

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

export interface PlanOptions {
  /** What the bytes of a shard depend on beside its recordings. */
  readonly meaning: unknown;
  readonly shardBytes: number;
  /** Elements of an array job. */
  readonly parts: number;
}

/**
 * Cuts a corpus, in order, into shards of `shardBytes` of audio, and deals them out to parts of about equal size in one
 * piece each. The shards do not depend on the number of parts.
 */
export function planShards(inputs: readonly ShardInput[], o: PlanOptions): PlannedShard[] {
  const groups = groupsOf(inputs, o.shardBytes);
  const total = groups.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  return groups.map(({ inputs: members, bytes }, index) => {
    const middle = total === 0 ? (index + 0.5) / groups.length : (before + bytes / 2) / total;
    before += bytes;
    return {
      index,
      name: shardName(index),
      part: Math.min(o.parts - 1, Math.floor(middle * o.parts)),
      bytes,
      task: hashOf({ meaning: o.meaning, inputs: members }),
      inputs: members,
    };
  });
}

interface Group {
  readonly inputs: ShardInput[];
  bytes: number;
}

function groupsOf(inputs: readonly ShardInput[], shardBytes: number): Group[] {
  const groups: Group[] = [];
  for (const input of inputs) {
    const open = groups.at(-1);
    if (open === undefined || open.bytes + input.bytes > shardBytes) {
      groups.push({ inputs: [input], bytes: input.bytes });
      continue;
    }
    open.inputs.push(input);
    open.bytes += input.bytes;
  }
  return groups;
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
