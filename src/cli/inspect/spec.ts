import { type Decision, type FeatureConfig, frameShape, type Spec, type Stage } from '../../spec/index.js';
import type { Facts } from '../format.js';
import type { Inspection } from './report.js';

export function inspectSpec(spec: Spec): Inspection {
  return { kind: 'spec', value: { hash: spec.hash, spec }, facts: specFacts(spec) };
}

/** A spec in a few lines. */
export function specFacts(spec: Spec): Facts {
  const { audio, features, stages, labels, positive, decision } = spec;
  return {
    'spec hash': spec.hash,
    task: spec.task,
    audio: `${audio.sampleRate} Hz, channel ${audio.channel}${audio.normalize === 'none' ? '' : ', levelled to its peak'}`,
    'front end': featureText(features),
    stages: stages.map(stageText).join(' → '),
    labels: labels.map((label) => (label === positive ? `${label} (positive)` : label)).join(', '),
    decision: decision === null ? null : `${thresholdText(decision)}, onset ${decision.onset}`,
  };
}

function featureText(config: FeatureConfig): string {
  const { kind, nFft, winLength, hopLength, window, sampleRate } = config;
  const hopMs = (1000 * hopLength) / sampleRate;
  const frame = `nFft ${nFft}, ${window} of ${winLength}, hop ${hopLength} (${Number(hopMs.toPrecision(4))} ms)`;
  return `${kind} ${frame}, frames of [${frameShape(config).join(', ')}]`;
}

function stageText(stage: Stage): string {
  if ('binarize' in stage) return `binarize ${stage.binarize}`;
  if ('decimate' in stage) return `every ${stage.decimate}th`;
  const { windowing, normalize, model, positive, decision } = stage;
  const windows = `windows of ${windowing.size}${windowing.stride === 1 ? '' : ` at stride ${windowing.stride}`}`;
  const text = [windows, normalize?.kind === 'standard' ? 'normalised' : '', model ?? ''].filter(Boolean).join(', ');
  const alone = [positive ?? '', decision === undefined ? '' : thresholdText(decision)].filter(Boolean).join(', ');
  return alone === '' ? text : `${text} (by itself: ${alone})`;
}

function thresholdText({ threshold, chosenBy }: Decision): string {
  return `threshold ${Number(threshold.toPrecision(4))}${chosenBy === '' ? '' : ` (${chosenBy})`}`;
}
