/** Every recording's tone values: the trained tone model, as the detector will run it, over the spectra in the shards. */
import type { FeatureDataset } from '../../dataset/index.js';
import { ModelSession, runStages } from '../../inference/index.js';
import { effectiveFeatures, type Spec } from '../../spec/index.js';
import type { LongWork } from '../../types.js';
import { randomFor } from './corpus/random.js';
import { PHASES, SPECTRA_STEP_SEC, TONE_MODEL, TONE_SPAN_SEC } from './pipeline-spec.js';
import type { BeepCorpus, CorpusRecording } from './recordings.js';

export interface ToneTrack {
  readonly recording: CorpusRecording;
  /** Probability of the tone, one per spectrum. */
  readonly scores: Float32Array;
}

/**
 * A track's tone values as the sequence model sees them: one score per 100 ms.
 * @param phase of `PHASES`; the detector's own is 0
 */
export function toneValues({ scores }: ToneTrack, phase = 0): Float32Array {
  const kept = Math.max(0, Math.ceil((scores.length - phase) / PHASES));
  return Float32Array.from({ length: kept }, (_, i) => scores[phase + i * PHASES]!);
}

/** Of the tone values in training, the part that is lost, and how much is left of them. */
const LOST = { share: 0.01, left: 0.1 } as const;

/**
 * Values with some lost at random, as when a clatter drowns a beep: time masking (Park et al. 2019, SpecAugment). A model
 * that had seldom seen one missing ranked sequences with a drowned beep below half of the windows without any.
 * @param name of the draws: the same values are lost every time
 */
export function withValuesLost(values: Float32Array, name: string): Float32Array {
  const random = randomFor(0, `values lost/${name}`);
  return values.map((value) => (random.uniform(0, 1) < LOST.share ? value * LOST.left : value));
}

/**
 * @param spectra of the recordings to score
 * @param spec with the tone stage and its normalisation
 * @param model ONNX bytes of the tone model
 * @returns tracks in the corpus' order of time
 */
export async function toneTracks(
  spectra: FeatureDataset,
  corpus: BeepCorpus,
  spec: Spec,
  model: Uint8Array,
  o: LongWork,
): Promise<ToneTrack[]> {
  const session = await ModelSession.load(model, TONE_MODEL);
  const sessions = new Map([[TONE_MODEL, session]]);
  const [stage] = effectiveFeatures(spec).stages;
  const tracks = new Map<string, ToneTrack>();
  const byPath = new Map(corpus.recordings.map((recording) => [recording.path, recording]));
  const timing = { startSec: 0, stepSec: SPECTRA_STEP_SEC, spanSec: TONE_SPAN_SEC };
  try {
    for (const { id, path = '' } of spectra.items()) {
      const recording = byPath.get(path);
      if (recording === undefined || stage === undefined) continue;
      const { features, nFrames } = await spectra.get(id);
      const input = { data: features.data, width: spectra.width, n: nFrames, ...timing };
      const [scored] = await runStages(input, [stage], sessions, o.signal ? { signal: o.signal } : {});
      tracks.set(path, { recording, scores: scored?.data.slice() ?? new Float32Array(0) });
      o.onProgress?.({ stage: 'tone values', done: tracks.size, total: spectra.nItems });
    }
  } finally {
    await session.release();
  }
  return corpus.recordings.flatMap(({ path }) => tracks.get(path) ?? []);
}
