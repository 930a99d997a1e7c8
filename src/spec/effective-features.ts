import { hashOf } from './canonical.js';
import { type FeatureConfig, wholeClipOption } from './feature-config.js';
import { isEvenGrid } from './frame-grid.js';
import type { Stage } from './schema.js';
import { featureMeaning, type Spec } from './spec.js';

export interface EffectiveFeatures {
  /** What to compute: `hopLength` times every decimation that was folded in. */
  readonly features: FeatureConfig;
  /** The chain that is left to run on those features. */
  readonly stages: readonly Stage[];
  /** How many `decimate` stages were folded. */
  readonly dropped: number;
  /** Product of their factors: frames of the effective features per frame of the spec's own is 1 / this. */
  readonly decimation: number;
}

/**
 * Folds leading decimations into the hop: where every stage before a `decimate: n` works frame by frame (windows of one
 * frame at stride 1, `binarize`), frame t of hop·n is frame t·n of hop, so computing only those gives the same values.
 * Features that depend on the whole clip (`ref: 'max'`, `topDb`) stay as they are: their maximum is over all frames;
 * and so do those whose preset places or counts frames in another way (`kaldi` without `snipEdges`, `whisper`, …), and
 * those with dither, whose noise goes by a frame's number.
 */
export function effectiveFeatures(spec: Pick<Spec, 'features' | 'stages'>): EffectiveFeatures {
  const { features } = spec;
  const stages: Stage[] = [];
  let decimation = 1;
  let dropped = 0;
  let foldable = wholeClipOption(features) === null && isEvenGrid(features);
  for (const stage of spec.stages) {
    if (foldable && 'decimate' in stage) {
      decimation *= stage.decimate;
      dropped += 1;
      continue;
    }
    foldable &&= isFrameByFrame(stage);
    stages.push(stage);
  }
  const effective = Object.freeze({ ...features, hopLength: features.hopLength * decimation });
  return { features: effective, stages, dropped, decimation };
}

function isFrameByFrame(stage: Stage): boolean {
  if ('windowing' in stage) return stage.windowing.size === 1 && stage.windowing.stride === 1;
  return 'binarize' in stage;
}

export interface FeatureEngine {
  /** Changes when any bit of any feature changes (`addon.numericVersion`). */
  readonly numericVersion: number;
  /** `'cpu'` or `'cuda'`: a device agrees with the CPU within a tolerance, not bit by bit. */
  readonly device: string;
}

/**
 * Names what feature folders and caches hold: audio, effective features and the engine that computes them.
 * Two specs that differ only in later stages, labels or thresholds share their features.
 */
export function featureHash(spec: Pick<Spec, 'audio' | 'features' | 'stages'>, engine: FeatureEngine): string {
  const features = featureMeaning(effectiveFeatures(spec).features);
  return hashOf({ audio: spec.audio, features, numericVersion: engine.numericVersion, device: engine.device });
}
