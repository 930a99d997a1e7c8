/** Computes one shard: every recording's features, written as the worker goes. */
import { resolve } from 'node:path';
import type { RecordingError } from '../corpus/index.js';
import { intervalsOf } from '../corpus/index.js';
import { AudioFormatError, CochleaError, type ErrorCode, errorFromCode } from '../errors.js';
import { createPlan, type FeaturePlan } from '../features/index.js';
import { loadAddon } from '../native/index.js';
import { answer } from '../pool/index.js';
import type { ShardResult } from '../shards/index.js';
import { META, type ShardItem, ShardWriter } from '../shards/index.js';
import { effectiveFeatures, frameShape, frameWidth, parseSpec, type Spec } from '../spec/index.js';
import type { RecordingNote, ShardTask } from './extract-task.js';
import { recordingFeatures } from './recording-features.js';
import type { ShardInput } from './shard-plan.js';

/** Codes that blame a recording or its label file; any other error ends the run. */
const RECORDING_CODES: ReadonlySet<ErrorCode> = new Set(['ERR_TOO_SHORT', 'ERR_SAMPLE_RATE', 'ERR_LABELS']);

export default answer<ShardTask, ShardResult, RecordingNote>(async (task, note) => {
  const spec = parseSpec(task.spec);
  const plan = createPlan(effectiveFeatures(spec).features);
  const width = frameWidth(plan.config);
  const shard = await ShardWriter.create(task.path, width, shardMetadata(task, spec, plan));
  const errors: RecordingError[] = [];
  let [items, frames, audioSec] = [0, 0, 0];
  try {
    for (const input of task.inputs) {
      const made = await attempt(input, task, spec, plan);
      if ('code' in made) {
        errors.push(made);
        note({ audioSec: 0, error: made });
        continue;
      }
      shard.add(made);
      items += 1;
      frames += made.features.length / width;
      audioSec += made.durationSec;
      note({ audioSec: made.durationSec });
    }
  } catch (error) {
    await shard.abandon();
    throw error;
  }
  return { ...(await shard.finish()), items, frames, audioSec, errors };
});

async function attempt(
  input: ShardInput,
  task: ShardTask,
  spec: Spec,
  plan: FeaturePlan,
): Promise<ShardItem | RecordingError> {
  const path = resolve(task.root, input.path);
  try {
    const labels = await intervalsOf(input, task.root);
    const { features, sampleRate, durationSec } = await recordingFeatures(path, spec.audio, plan);
    const { id, group, label } = input;
    return { id, path: input.path, group, label, sampleRate, durationSec, labels, features };
  } catch (error) {
    if (!blamesRecording(error)) throw error;
    if (task.strict) throw errorFromCode(error.code, error.message, { ...error.details, path });
    return recordingError(path, error);
  }
}

function blamesRecording(error: unknown): error is CochleaError {
  return error instanceof AudioFormatError || (error instanceof CochleaError && RECORDING_CODES.has(error.code));
}

function recordingError(path: string, { code, message, details }: CochleaError): RecordingError {
  const { byteOffset } = details;
  return { path, code, message, ...(typeof byteOffset === 'number' && { byteOffset }) };
}

function shardMetadata(task: ShardTask, spec: Spec, plan: FeaturePlan): Map<string, string> {
  return new Map([
    [META.spec, task.spec],
    [META.specHash, spec.hash],
    [META.featureHash, task.featureHash],
    [META.version, loadAddon().version],
    [META.frameShape, JSON.stringify(frameShape(plan.config))],
  ]);
}
