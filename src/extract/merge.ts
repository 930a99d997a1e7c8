/** Puts the shards of a plan together: one manifest, one list of what failed. */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RecordingError } from '../corpus/index.js';
import { DatasetError, mustBe } from '../errors.js';
import { replaceLines } from '../files/index.js';
import {
  type ColumnStats,
  type Manifest,
  type ManifestShard,
  mergeStats,
  type ShardResult,
  standardOf,
  writeManifest,
} from '../shards/index.js';
import { parseSpec, type Spec } from '../spec/index.js';
import { clearUnfinished } from './folder.js';
import { openPlan, PLAN, type Plan, type PlanHeader } from './plan-file.js';
import { clearQuarantine } from './quarantine.js';
import { finishedShard } from './receipts.js';
import type { PlannedShard } from './shard-plan.js';

const ERRORS_FILE = 'errors.jsonl';
/** Missing parts that a message lists. */
const PARTS_TOLD = 20;

/** What shards hold, in the order of the plan, so that sums of seconds come out the same every time. */
export interface Merged {
  readonly recordings: number;
  readonly frames: number;
  readonly audioSec: number;
  readonly bytes: number;
  readonly nShards: number;
  readonly errors: readonly RecordingError[];
  readonly stats: ColumnStats | null;
  /** Parts of the plan with shards that are not finished. */
  readonly missing: ReadonlySet<number>;
}

export interface MergeReport extends Omit<Merged, 'nShards' | 'stats' | 'missing'> {
  /** The folder, absolute. */
  readonly out: string;
  readonly specHash: string;
  readonly featureHash: string;
  readonly shards: number;
}

/**
 * Checks that all parts of a plan are there and writes the folder's manifest and `errors.jsonl`.
 *
 * @param folder of the plan
 * @throws DatasetError `ERR_SHARD` naming the parts that are missing; `ERR_PLAN`
 */
export async function mergeShards(folder: string): Promise<MergeReport> {
  const out = resolve(folder);
  const { nShards, stats: _stats, missing: _missing, ...counts } = await mergeFolder(out);
  const { featureHash } = (await openPlan(join(out, PLAN))).header;
  return { out, featureHash, shards: nShards, ...counts };
}

/** What a folder holds once it is complete. */
export interface MergedFolder extends Merged {
  /** Of the spec in the manifest. */
  readonly specHash: string;
}

export async function mergeFolder(folder: string): Promise<MergedFolder> {
  const plan = await openPlan(join(folder, PLAN));
  const shards: ManifestShard[] = [];
  const merged = await gather(plan, null, folder, (shard, result) => {
    shards.push(manifestShard(shard, result));
  });
  if (merged.missing.size > 0) throw notThere(folder, merged.missing);
  await writeErrors(folder, merged.errors);
  const { recordings, frames, audioSec, errors, stats } = merged;
  const counts = { recordings, frames, audioSec, failed: errors.length, stats };
  const spec = withStatistics(plan.header, stats);
  const head = { ...manifestHead(plan.header), spec: spec.toJSON(), specHash: spec.hash };
  await writeManifest(folder, { ...head, complete: true, ...counts, shards });
  await clearUnfinished(folder);
  await clearQuarantine(folder);
  return { ...merged, specHash: spec.hash };
}

/** The plan's spec, whose first windows are normalised by the corpus where the plan says so. */
function withStatistics({ spec, standardize }: PlanHeader, stats: ColumnStats | null): Spec {
  if (standardize === null || stats === null || stats.n === 0) return parseSpec(spec);
  const first = spec.stages.findIndex((stage) => 'windowing' in stage);
  const normalize = standardOf(stats, standardize);
  return parseSpec({
    ...spec,
    stages: spec.stages.map((stage, i) => (i === first ? { ...stage, normalize } : stage)),
  });
}

/** A manifest that says that the folder is being worked on. */
export async function writeUnfinished(folder: string, header: PlanHeader): Promise<void> {
  const nothing = { recordings: 0, frames: 0, audioSec: 0, failed: 0, stats: null, shards: [] };
  await writeManifest(folder, { ...manifestHead(header), complete: false, ...nothing });
}

/** What the finished shards of a part, or of all, hold together. */
export async function gather(
  plan: Plan,
  part: number | null,
  folder: string,
  see: (shard: PlannedShard, result: ShardResult) => void = () => {},
): Promise<Merged> {
  const missing = new Set<number>();
  const errors: RecordingError[] = [];
  let [recordings, frames, audioSec, bytes, nShards] = [0, 0, 0, 0, 0];
  let stats: ColumnStats | null = null;
  for await (const shard of plan.shards(part)) {
    const result = await finishedShard(folder, shard);
    if (result === null) {
      missing.add(shard.part);
      continue;
    }
    see(shard, result);
    nShards += 1;
    recordings += result.items;
    frames += result.frames;
    audioSec += result.audioSec;
    bytes += result.files.reduce((sum, file) => sum + file.bytes, 0);
    errors.push(...result.errors);
    stats = stats === null ? result.stats : mergeStats(stats, result.stats);
  }
  return { recordings, frames, audioSec, bytes, nShards, errors, stats, missing };
}

/** One JSON line for each recording without features; no file where there is none. */
export async function writeErrors(folder: string, errors: readonly RecordingError[]): Promise<void> {
  const path = join(folder, ERRORS_FILE);
  if (errors.length === 0) return rm(path, { force: true });
  await replaceLines(
    path,
    errors.map((error) => JSON.stringify(error)),
  );
}

function notThere(folder: string, missing: ReadonlySet<number>): DatasetError {
  const parts = [...missing].slice(0, PARTS_TOLD).join(', ');
  const got = `none of part${missing.size === 1 ? '' : 's'} ${parts}${missing.size > PARTS_TOLD ? ', …' : ''}`;
  return new DatasetError('ERR_SHARD', mustBe(`shards of ${folder}`, 'there, all of them', got), {
    folder,
    parts: [...missing],
  });
}

function manifestHead(
  header: PlanHeader,
): Pick<Manifest, 'cochlea' | 'version' | 'spec' | 'specHash' | 'featureHash' | 'root' | 'format' | 'compression'> {
  const { version, spec, specHash, featureHash, root, format, compression } = header;
  return { cochlea: 2, version, spec, specHash, featureHash, root, format, compression };
}

function manifestShard({ name, inputs, task }: PlannedShard, result: ShardResult): ManifestShard {
  const { errors, stats: _, ...counts } = result;
  return { name, inputs: inputs.length, task, ...counts, failed: errors.length };
}
