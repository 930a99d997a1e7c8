import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Recording, RecordingError } from '../corpus/index.js';
import { CochleaError, errorFromCode } from '../errors.js';
import { createPlan } from '../features/index.js';
import { loadAddon } from '../native/index.js';
import { effectiveFeatures, frameWidth, type Spec } from '../spec/index.js';
import type { LongWork } from '../types.js';
import { throwIfAborted } from './extract-run.js';

export interface Estimate {
  readonly recordings: number;
  readonly frames: number;
  readonly audioSec: number;
  /** Of features; the rest of a shard is small beside them. */
  readonly bytes: number;
  /** Recordings whose header cannot be read. More may fail when their samples are. */
  readonly errors: readonly RecordingError[];
}

interface EstimateOptions extends LongWork {
  readonly strict?: boolean | undefined;
}

/** Headers read between two turns of the event loop. */
const HEADERS_PER_TURN = 64;

/**
 * What an extraction would read and write, from the recordings' headers alone.
 *
 * @throws CochleaError with `strict`, of the first header that cannot be read; PoolError `ERR_TASK_ABORTED`
 */
export async function estimate(
  recordings: readonly Recording[],
  root: string,
  spec: Spec,
  o: EstimateOptions,
): Promise<Estimate> {
  const addon = loadAddon();
  const plan = createPlan(effectiveFeatures(spec).features);
  const errors: RecordingError[] = [];
  let [frames, audioSec] = [0, 0];
  for (const [done, recording] of recordings.entries()) {
    if (done % HEADERS_PER_TURN === 0) {
      await nextTurn();
      throwIfAborted(o.signal);
      o.onProgress?.({ stage: 'dry run', done, total: recordings.length });
    }
    const path = resolve(root, recording.path);
    try {
      const { expectedSamples, sampleRate } = addon.codecInfo(path);
      audioSec += expectedSamples / sampleRate;
      frames += plan.nFrames(Math.ceil((expectedSamples * spec.audio.sampleRate) / sampleRate));
    } catch (error) {
      if (!(error instanceof CochleaError) && !(error instanceof Error && 'code' in error)) throw error;
      if (o.strict) throw named(error, path);
      errors.push({ path, code: String(error.code), message: error.message });
    }
  }
  const bytes = frames * frameWidth(plan.config) * Float32Array.BYTES_PER_ELEMENT;
  return { recordings: recordings.length - errors.length, frames, audioSec, bytes, errors };
}

/** The same error, saying of which recording. */
function named(error: Error, path: string): Error {
  const { message } = error;
  if (!(error instanceof CochleaError) || message.includes(path)) return error;
  return errorFromCode(error.code, `${path}: ${message}`, { ...error.details, path });
}
