/** Lets all workers compute one long recording. */
import { randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CochleaError } from '../errors.js';
import { createPlan } from '../features/index.js';
import { UNFINISHED, writingSync } from '../files/index.js';
import type { WorkerPool } from '../pool/index.js';
import { effectiveFeatures, frameWidth, parseSpec } from '../spec/index.js';
import type { FramesReady, MadeShard, RangeTask, RunFacts, ShardTask } from './extract-task.js';
import { rangesOf, samplesForRanges } from './ranges.js';
import type { PlannedShard, ShardInput } from './shard-plan.js';

interface InRanges {
  readonly pool: WorkerPool<ShardTask | RangeTask, MadeShard | null>;
  readonly facts: RunFacts;
  readonly shard: PlannedShard;
  readonly input: ShardInput;
  /** Of ranges. */
  readonly count: number;
}

/**
 * The recording's frames in a file; `null` for a recording that has to be computed in one go, and for one that fails: then
 * whoever computes it so says what is wrong.
 */
export async function computeInRanges({ pool, facts, shard, input, count }: InRanges): Promise<FramesReady | null> {
  const spec = parseSpec(facts.spec);
  const plan = createPlan(effectiveFeatures(spec).features);
  const path = join(facts.folder, `${shard.name}.frames.${randomUUID()}${UNFINISHED}`);
  try {
    const nSamples = await samplesForRanges(input, facts.root, plan, spec.audio);
    if (nSamples === null) return null;
    const nFrames = plan.nFrames(nSamples);
    makeRoom(path, nFrames * frameWidth(plan.config) * Float32Array.BYTES_PER_ELEMENT);
    const ranges = rangesOf(nFrames, count).map((range) => ({
      facts,
      of: shard.index,
      range: { ...range, input, nSamples, path },
    }));
    await pool.each(ranges, () => {});
    return { path, nFrames, nSamples };
  } catch (error) {
    rmSync(path, { force: true });
    const isRecording =
      error instanceof CochleaError && error.code !== 'ERR_WRITE' && error.code !== 'ERR_TASK_ABORTED';
    if (isRecording && error.code !== 'ERR_WORKER_DIED') return null;
    throw error;
  }
}

function makeRoom(path: string, bytes: number): void {
  writingSync(path, () => {
    const file = openSync(path, 'w');
    try {
      ftruncateSync(file, bytes);
    } finally {
      closeSync(file);
    }
  });
}
