/** Sound → features → stages → scores, fed block by block: the one path that recordings and streams share. */
import { ModelError, mustBe } from '../errors.js';
import { createPlan, type FeaturePlan, frameTimeSec } from '../features/index.js';
import { type Decision, effectiveFeatures, frameWidth, type Spec, type Stage } from '../spec/index.js';
import type { Sequence, Timing } from './sequence.js';
import { type Sessions, StageChain } from './stages.js';

/** What a spec and its loaded models amount to; immutable, shared by all recordings. */
export interface Pipeline {
  readonly spec: Spec;
  /** Plan of the effective features: leading decimations are folded into its hop. */
  readonly plan: FeaturePlan;
  readonly stages: readonly Stage[];
  readonly sessions: Sessions;
  /** Time axis of the frames. */
  readonly frames: Timing & { readonly width: number };
  /** Time axis of the scores. */
  readonly scores: Timing;
  /** Which column of the last stage's output is the score of the positive class. */
  readonly scoreColumn: number;
  /** Stage whose single values the last stage cuts its windows from, and how: where `onset: 'active'` looks. */
  readonly lastWindows: { readonly input: number; readonly size: number; readonly stride: number } | null;
}

/**
 * Fits a spec and its models together.
 *
 * @throws ModelError `ERR_MODEL` where a model does not take what the stage before it gives, or the last stage gives
 *   neither one score nor one per label
 */
export function makePipeline(spec: Spec, sessions: Sessions): Pipeline {
  const { features, stages } = effectiveFeatures(spec);
  const plan = createPlan(features);
  const { sampleRate, hopLength, winLength } = features;
  const spanSec = winLength / sampleRate;
  const frames = {
    width: frameWidth(features),
    startSec: frameTimeSec(features, 0) - spanSec / 2,
    stepSec: hopLength / sampleRate,
    spanSec,
  };
  if (stages.length === 0) throw new ModelError('ERR_MODEL', mustBe('spec.stages', 'at least one stage', 'none'));
  const trial = new StageChain(stages, sessions, frames, { keep: 'needed' });
  const scores = trial.output(trial.nStages - 1);
  const lastWindows = lastWindowsOf(stages, trial);
  if (spec.decision !== null) requireOnset(spec.decision, lastWindows);
  return {
    spec,
    plan,
    stages,
    sessions,
    frames,
    scores,
    scoreColumn: scoreColumnOf(spec, scores.width),
    lastWindows,
  };
}

/** @throws ModelError `ERR_MODEL` for an onset that there are no values to look up in */
export function requireOnset({ onset }: Decision, lastWindows: Pipeline['lastWindows']): void {
  if (onset !== 'active' || lastWindows !== null) return;
  const expected = "'window' unless the last stage cuts windows from single values of the stage before it";
  throw new ModelError('ERR_MODEL', mustBe('decision.onset', expected, onset));
}

function scoreColumnOf(spec: Spec, width: number): number {
  if (width === 1) return 0;
  const column = spec.positive === null ? -1 : spec.labels.indexOf(spec.positive);
  if (column >= 0 && width === spec.labels.length) return column;
  const expected = `1 score, or ${spec.labels.length} with a positive label (labels: ${spec.labels.join(', ') || 'none'})`;
  throw new ModelError('ERR_MODEL', mustBe('output of the last stage', expected, width));
}

function lastWindowsOf(stages: readonly Stage[], chain: StageChain): Pipeline['lastWindows'] {
  const index = stages.length - 1;
  const stage = stages[index];
  // Onsets are looked up in single values, such as a tone's probability; rows of a spectrum are neither on nor off.
  if (stage === undefined || !('windowing' in stage) || index === 0 || chain.output(index - 1).width !== 1) return null;
  const { size, stride } = stage.windowing;
  return { input: index - 1, size, stride };
}

/** Column `column` of a sequence. */
export function columnOf(sequence: Sequence, column: number): Float32Array {
  if (sequence.width === 1) return sequence.data;
  const out = new Float32Array(sequence.n);
  for (let i = 0; i < sequence.n; i++) out[i] = sequence.data[i * sequence.width + column]!;
  return out;
}
