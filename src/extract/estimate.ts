import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClipReader, openAudio } from '../audio/index.js';
import type { ListedCorpus, Recording, RecordingError } from '../corpus/index.js';
import { CochleaError, errorFromCode } from '../errors.js';
import { createPlan, type FeaturePlan } from '../features/index.js';
import { isReadableName } from '../files/index.js';
import { loadAddon, runtimeInfo } from '../native/index.js';
import { effectiveFeatures, frameWidth, type Spec } from '../spec/index.js';
import type { LongWork } from '../types.js';
import { audioOf } from './audio-of.js';
import { throwIfAborted } from './plan-corpus.js';
import { type FrameTarget, RecordingFeatures } from './recording-features.js';

export interface Estimate {
  readonly recordings: number;
  readonly frames: number;
  readonly audioSec: number;
  /** Of features; the rest of a shard is small beside them. */
  readonly bytes: number;
  /** Recordings whose header cannot be read. More may fail when their samples are. */
  readonly errors: readonly RecordingError[];
  /** What the work would take, as recordings at the front say that were computed for a second. */
  readonly elapsedSec: number;
  readonly timesRealTime: number;
}

interface EstimateOptions extends LongWork {
  readonly strict?: boolean | undefined;
  readonly workers?: number | undefined;
}

/** Headers read between two turns of the event loop. */
const HEADERS_PER_TURN = 64;
const PROBE_SEC = 1;
const MS_PER_SEC = 1000;

/**
 * What an extraction would read and write, from the recordings' headers alone, and how long it would take.
 *
 * @throws CochleaError with `strict`, of the first header that cannot be read; PoolError `ERR_TASK_ABORTED`
 */
export async function estimate({ root, recordings }: ListedCorpus, spec: Spec, o: EstimateOptions): Promise<Estimate> {
  const plan = createPlan(effectiveFeatures(spec).features);
  const errors: RecordingError[] = [];
  const readable: Recording[] = [];
  let [frames, audioSec] = [0, 0];
  for (const [done, recording] of recordings.entries()) {
    if (done % HEADERS_PER_TURN === 0) {
      await nextTurn();
      throwIfAborted(o.signal);
      o.onProgress?.({ stage: 'dry run', done, total: recordings.length });
    }
    const { path } = audioOf(recording, root);
    try {
      const sec = await lengthSec(recording, root);
      audioSec += sec;
      frames += plan.nFrames(Math.ceil(sec * spec.audio.sampleRate));
      readable.push(recording);
    } catch (error) {
      if (!(error instanceof CochleaError) && !(error instanceof Error && 'code' in error)) throw error;
      if (o.strict) throw named(error, path);
      errors.push({ id: recording.id, path, code: String(error.code), message: error.message });
    }
  }
  const bytes = frames * frameWidth(plan.config) * Float32Array.BYTES_PER_ELEMENT;
  const speed = (await probe(readable, root, spec, plan)) * (o.workers ?? runtimeInfo().threads);
  const pace = { timesRealTime: speed, elapsedSec: speed > 0 ? audioSec / speed : 0 };
  return { recordings: readable.length, frames, audioSec, bytes, errors, ...pace };
}

async function lengthSec(recording: Recording, root: string): Promise<number> {
  const { input, path } = audioOf(recording, root);
  const { startSec = 0, durationSec = Number.POSITIVE_INFINITY } = recording;
  const whole = typeof input === 'string' && isReadableName(path) ? headerSec(path) : await openedSec(recording, root);
  return Math.min(durationSec, Math.max(0, whole - startSec));
}

function headerSec(path: string): number {
  const { expectedSamples, sampleRate } = loadAddon().codecInfo(path);
  return expectedSamples / sampleRate;
}

async function openedSec(recording: Recording, root: string): Promise<number> {
  const reader = await openAudio(audioOf(recording, root).input);
  try {
    // Where only decoding tells, the reader's guess has to do.
    return reader.expectedSamples / reader.sampleRate;
  } finally {
    await reader.close();
  }
}

/** Seconds of audio per second and thread; 0 where no recording can be computed. */
async function probe(recordings: readonly Recording[], root: string, spec: Spec, plan: FeaturePlan): Promise<number> {
  const features = new RecordingFeatures(plan, spec.audio, new ClipReader(spec.audio.sampleRate));
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / MS_PER_SEC;
  let audioSec = 0;
  for (const recording of recordings) {
    if (elapsed() > PROBE_SEC) break;
    const { startSec, durationSec } = recording;
    const channel = recording.channel ?? (spec.audio.channel === 'all' ? 'mean' : spec.audio.channel);
    const cut = { input: audioOf(recording, root).input, channel, startSec, durationSec };
    try {
      audioSec += (await features.compute(cut, NOWHERE)).durationSec;
    } catch (error) {
      // It will be told when it is extracted; here it only says nothing about speed.
      if (!(error instanceof CochleaError)) throw error;
    }
  }
  return audioSec === 0 ? 0 : audioSec / elapsed();
}

const NOWHERE: FrameTarget = {
  whole: (numbers) => new Float32Array(numbers),
  block: () => {},
  scratch: () => {
    const kept: Float32Array[] = [];
    return {
      write: (frames) => void kept.push(frames),
      read: () => kept,
      remove: () => {},
    };
  },
};

/** The same error, saying of which recording. */
function named(error: Error, path: string): Error {
  const { message } = error;
  if (!(error instanceof CochleaError) || message.includes(path)) return error;
  return errorFromCode(error.code, `${path}: ${message}`, { ...error.details, path });
}
