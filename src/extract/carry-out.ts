/** Carries a plan out, or a part of it, in a supervised process. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UNFINISHED } from '../files/index.js';
import type { ComputeOptions, ExtractReport } from './extract-options.js';
import { ExtractProgress } from './extract-progress.js';
import type { RunState } from './extract-run.js';
import { clearUnfinished } from './folder.js';
import { gather, type Merged, writeErrors } from './merge.js';
import type { Plan } from './plan-file.js';
import { addToQuarantine, readQuarantine } from './quarantine.js';
import type { ShardSize } from './shard-plan.js';
import { supervise } from './supervise.js';
import type { WorkProcess } from './work-process.js';

/** Size by number. */
export type OwnShards = ReadonlyMap<number, ShardSize>;

/** Times the size of most. */
const LARGE = 2;

export interface CarriedOut {
  readonly state: RunState;
  readonly elapsedSec: number;
}

export interface Assignment {
  readonly plan: Plan;
  /** `null` for all of the plan: then nobody else is at work in the folder. */
  readonly part: number | null;
  /** Of the part. */
  readonly shards: OwnShards;
  /** That will do the work. */
  readonly workProcess: WorkProcess;
}

export async function carryOut(
  { plan, part, shards, workProcess }: Assignment,
  o: ComputeOptions,
): Promise<CarriedOut> {
  const folder = dirname(plan.path);
  // Of a part, somebody else may be at work on the same one: what is left is cleared by the merge.
  if (part === null) await clearUnfinished(folder);
  const journal = join(folder, `in-flight.${randomUUID()}${UNFINISHED}`);
  const totals = { recordings: 0, bytes: 0 };
  for (const { recordings, bytes } of shards.values()) {
    totals.recordings += recordings;
    totals.bytes += bytes;
  }
  const progress = new ExtractProgress(totals, o.onProgress);
  const order = {
    plan: plan.path,
    part,
    ahead: largeOnes(shards, totals.bytes),
    resume: o.resume ?? true,
    strict: o.strict ?? false,
    maxErrors: o.maxErrors ?? null,
    timeoutSec: o.timeoutSec ?? null,
    journal,
    quarantined: await readQuarantine(plan, part),
    trial: null,
  };
  try {
    const state = await supervise(order, workProcess, {
      signal: o.signal,
      onState: (now) => progress.show(now),
      onQuarantine: (found) => addToQuarantine(plan, part, found),
    });
    return { state, elapsedSec: progress.elapsedSec };
  } catch (error) {
    // What is known so far; the manifest says that it is not all.
    if (part === null) await writeErrors(folder, (await gather(plan, null, folder)).errors);
    throw error;
  } finally {
    await rm(journal, { force: true });
    if (part === null) await clearUnfinished(folder);
  }
}

/** Those several times as large as most: begun last, one of them would run alone while other workers wait. */
function largeOnes(shards: OwnShards, bytes: number): number[] {
  const usual = bytes / shards.size;
  return [...shards]
    .filter(([, shard]) => shard.recordings === 1 && shard.bytes > LARGE * usual)
    .map(([index]) => index);
}

/** Those of one part. */
export async function shardsOfPart(plan: Plan, part: number): Promise<OwnShards> {
  const found = new Map<number, ShardSize>();
  for await (const { index, inputs, bytes } of plan.shards(part)) {
    found.set(index, { recordings: inputs.length, bytes });
  }
  return found;
}

export function reportOf(plan: Plan, merged: Merged, { state, elapsedSec }: CarriedOut): ExtractReport {
  const { specHash, featureHash } = plan.header;
  const { nShards, stats: _stats, missing: _missing, ...counts } = merged;
  return {
    out: dirname(plan.path),
    specHash,
    featureHash,
    dryRun: false,
    ...counts,
    shards: { total: nShards, reused: state.reusedShards },
    elapsedSec,
    timesRealTime: ExtractProgress.audioSec(state) / elapsedSec,
  };
}
