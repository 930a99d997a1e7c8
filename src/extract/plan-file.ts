/** `plan.jsonl`: who computes what, fixed before anything is computed. A header, then a line for each shard. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatasetError, mustBe } from '../errors.js';
import { replaceLines, statOrNull } from '../files/index.js';
import type { ShardCompression, ShardFormat } from '../shards/index.js';
import type { SpecJson } from '../spec/index.js';
import type { PlannedShard } from './shard-plan.js';

export const PLAN = 'plan.jsonl';

export interface PlanHeader {
  /** Of this layout. */
  readonly cochleaPlan: 1;
  /** Of the library that wrote it. */
  readonly version: string;
  readonly spec: SpecJson;
  readonly specHash: string;
  readonly featureHash: string;
  /** Absolute folder that the recordings' paths are relative to. */
  readonly root: string;
  readonly format: ShardFormat;
  readonly compression: ShardCompression;
  /** Statistics that the folder's spec gets. */
  readonly standardize: 'column' | 'all' | null;
  /** Of audio, at which the corpus was cut. */
  readonly shardBytes: number;
  /** Lines that follow. */
  readonly shards: number;
  /** Elements of an array job, numbered from 0. */
  readonly parts: number;
  readonly recordings: number;
  /** Of the recordings. */
  readonly bytes: number;
}

export async function writePlan(
  folder: string,
  header: PlanHeader,
  shards: AsyncIterable<PlannedShard>,
): Promise<void> {
  await replaceLines(join(folder, PLAN), linesOf(header, shards));
}

async function* linesOf(header: PlanHeader, shards: AsyncIterable<PlannedShard>): AsyncGenerator<string> {
  yield JSON.stringify(header);
  for await (const shard of shards) yield JSON.stringify(shard);
}

/** A plan that is read a line at a time: only the shards in hand are in memory. */
export interface Plan {
  readonly path: string;
  readonly header: PlanHeader;
  /** In order; of one part, or of all. */
  shards(part: number | null): AsyncGenerator<PlannedShard>;
}

/** @throws DatasetError `ERR_PLAN` for a file that is no plan, or not whole */
export async function openPlan(path: string): Promise<Plan> {
  if ((await statOrNull(path)) === null) throw noPlan(path, 'no such file');
  for await (const line of lines(path)) {
    const header = parsed<PlanHeader>(path, line, 1);
    if (header.cochleaPlan !== 1) throw noPlan(path, 'another file');
    return { path, header, shards: (part) => shardsOf(path, header, part) };
  }
  throw noPlan(path, 'an empty file');
}

/** Of the plan that a folder has already; `null` without one that can be read. */
export async function earlierHeader(folder: string): Promise<PlanHeader | null> {
  try {
    return (await openPlan(join(folder, PLAN))).header;
  } catch (error) {
    if (error instanceof DatasetError && error.code === 'ERR_PLAN') return null;
    throw error;
  }
}

async function* shardsOf(path: string, header: PlanHeader, part: number | null): AsyncGenerator<PlannedShard> {
  let found = -1;
  for await (const line of lines(path)) {
    found += 1;
    if (found === 0) continue;
    const shard = parsed<PlannedShard>(path, line, found + 1);
    if (part === null || shard.part === part) yield shard;
  }
  if (found !== header.shards) throw noPlan(path, `${found} shards where its header says ${header.shards}`);
}

function lines(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
}

function parsed<T>(path: string, line: string, number: number): T {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw noPlan(path, `line ${number}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function noPlan(path: string, got: string): DatasetError {
  return new DatasetError('ERR_PLAN', mustBe(path, 'a plan of `cochlea plan`', got), { path });
}
