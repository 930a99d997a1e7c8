/** A chain of models, and the part of it that one of them stands for. */
import { mustBe, ParameterError } from '../errors.js';
import type { Stage, WindowStage } from './schema.js';
import { defineSpec, type Spec } from './spec.js';

/** File names of the models a spec's stages ask for, in order, each once. */
export function modelNames({ stages }: Pick<Spec, 'stages'>): string[] {
  return [...new Set(stages.filter(hasModel).map(({ model }) => model))];
}

/** The model whose outputs the spec's labels and decision are about: the last one. Null where there is none. */
export function ownModel({ stages }: Pick<Spec, 'stages'>): string | null {
  return stages.findLast(hasModel)?.model ?? null;
}

/**
 * What one model of a chain computes from sound: the front-end, every stage before it and its own, with the labels and
 * decision of its stage. Of the last model that is the whole spec.
 *
 * It does not depend on what follows in the chain, and a model before `name` has the same own spec in both.
 *
 * @throws ParameterError `ERR_OPTION` for a model that the spec does not name
 * @example specOfModel(chain, 'tone.onnx').stages.length // 1
 */
export function specOfModel(spec: Spec, name: string): Spec {
  if (name === ownModel(spec)) return spec;
  const at = spec.stages.findLastIndex((stage) => hasModel(stage) && stage.model === name);
  const stage = spec.stages[at];
  if (stage === undefined || !hasModel(stage)) {
    throw new ParameterError('ERR_OPTION', mustBe('model', modelNames(spec).join(', ') || 'none', name));
  }
  const { labels = [], positive = null, decision = null, ...bare } = stage;
  return defineSpec({
    ...spec.toJSON(),
    // What a chain is for says nothing of its parts, and neither does what it makes of a whole recording.
    task: 'detect',
    aggregate: 'none',
    stages: [...spec.stages.slice(0, at), bare],
    labels,
    positive,
    decision,
  });
}

type ModelStage = WindowStage & { readonly model: string };

function hasModel(stage: Stage): stage is ModelStage {
  return 'windowing' in stage && stage.model !== undefined;
}
