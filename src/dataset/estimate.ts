import { resolve } from 'node:path';
import { CochleaError } from '../errors.js';
import { createPlan } from '../features/index.js';
import { loadAddon } from '../native/index.js';
import { effectiveFeatures, frameWidth, type Spec } from '../spec/index.js';
import type { Recording, RecordingError } from './recording.js';

export interface Estimate {
  readonly recordings: number;
  readonly frames: number;
  readonly audioSec: number;
  /** Of features; the rest of a shard is small beside them. */
  readonly bytes: number;
  /** Recordings whose header cannot be read. More may fail when their samples are. */
  readonly errors: readonly RecordingError[];
}

/** What an extraction would read and write, from the recordings' headers alone. */
export function estimate(recordings: readonly Recording[], root: string, spec: Spec): Estimate {
  const addon = loadAddon();
  const plan = createPlan(effectiveFeatures(spec).features);
  const errors: RecordingError[] = [];
  let [frames, audioSec] = [0, 0];
  for (const recording of recordings) {
    const path = resolve(root, recording.path);
    try {
      const { expectedSamples, sampleRate } = addon.codecInfo(path);
      audioSec += expectedSamples / sampleRate;
      frames += plan.nFrames(Math.ceil((expectedSamples * spec.audio.sampleRate) / sampleRate));
    } catch (error) {
      if (!(error instanceof CochleaError) && !(error instanceof Error && 'code' in error)) throw error;
      errors.push({ path, code: String(error.code), message: error.message });
    }
  }
  const bytes = frames * frameWidth(plan.config) * Float32Array.BYTES_PER_ELEMENT;
  return { recordings: recordings.length - errors.length, frames, audioSec, bytes, errors };
}
