/** Every recording's tone values: the trained tone model, as the detector will run it, over the spectra in the shards. */
import type { FeatureDataset } from '../../dataset/index.js';
import { ModelSession, runStages } from '../../inference/index.js';
import { effectiveFeatures, type Spec } from '../../spec/index.js';
import type { LongWork } from '../../types.js';
import { TONE_MODEL, TONE_SPAN_SEC, TONE_STEP_SEC, TONE_THRESHOLD } from './pipeline-spec.js';
import type { BeepCorpus, CorpusRecording } from './recordings.js';

export interface ToneTrack {
  readonly recording: CorpusRecording;
  /** Probability of the tone, one per 100 ms. */
  readonly scores: Float32Array;
  /** The same as zeros and ones: what the sequence model sees. */
  readonly values: Float32Array;
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
  const timing = { startSec: 0, stepSec: TONE_STEP_SEC, spanSec: TONE_SPAN_SEC };
  try {
    for (const { id, path = '' } of spectra.items()) {
      const recording = byPath.get(path);
      if (recording === undefined || stage === undefined) continue;
      const { features, nFrames } = await spectra.get(id);
      const input = { data: features.data, width: spectra.width, n: nFrames, ...timing };
      const [scored] = await runStages(input, [stage], sessions, o.signal ? { signal: o.signal } : {});
      const scores = scored?.data.slice() ?? new Float32Array(0);
      tracks.set(path, { recording, scores, values: scores.map((score) => (score >= TONE_THRESHOLD ? 1 : 0)) });
      o.onProgress?.({ stage: 'tone values', done: tracks.size, total: spectra.nItems });
    }
  } finally {
    await session.release();
  }
  return corpus.recordings.flatMap(({ path }) => tracks.get(path) ?? []);
}
