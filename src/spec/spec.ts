import type { z } from 'zod';
import { type ErrorDetails, mustBe, ParameterError } from '../errors.js';
import { deepFreeze, hashOf } from './canonical.js';
import { type FeatureConfig, type FeatureOptions, frameWidth } from './feature-config.js';
import { resolveFeatures } from './resolve-features.js';
import {
  type Decision,
  decisionSchema,
  type SpecFields,
  type SpecInputFields,
  STAGE_SCHEMAS,
  type Stage,
  type StageInput,
  specSchema,
} from './schema.js';

/** A spec as people write it; what is left out takes its default. */
export interface SpecInput
  extends Readonly<Omit<SpecInputFields, 'features' | 'stages' | 'labels' | 'audio' | 'decision'>> {
  readonly audio: Readonly<SpecInputFields['audio']>;
  readonly features: FeatureOptions;
  readonly labels?: readonly string[] | undefined;
  readonly decision?: Readonly<SpecInputFields['decision']>;
  readonly stages?: readonly StageInput[] | undefined;
}

/** The same with everything present: what `JSON.stringify` writes. */
export interface SpecJson extends Readonly<Omit<SpecFields, 'features' | 'stages' | 'labels' | 'audio' | 'decision'>> {
  readonly audio: Readonly<SpecFields['audio']>;
  readonly features: FeatureConfig;
  readonly stages: readonly Stage[];
  readonly labels: readonly string[];
  readonly decision: Decision | null;
}

/** The one contract between training and serving: frozen, checked, hashed. */
export interface Spec extends SpecJson {
  /** 16 hex digits over everything that changes meaning; decides whether two artefacts go together. */
  readonly hash: string;
  toJSON(): SpecJson;
}

class FrozenSpec implements Spec {
  readonly cochlea: 1;
  readonly task: SpecJson['task'];
  readonly audio: SpecJson['audio'];
  readonly features: FeatureConfig;
  readonly stages: readonly Stage[];
  readonly aggregate: SpecJson['aggregate'];
  readonly labels: readonly string[];
  readonly positive: string | null;
  readonly decision: Decision | null;
  readonly #hash: string;

  constructor(fields: SpecJson) {
    this.cochlea = fields.cochlea;
    this.task = fields.task;
    this.audio = fields.audio;
    this.features = fields.features;
    this.stages = fields.stages;
    this.aggregate = fields.aggregate;
    this.labels = fields.labels;
    this.positive = fields.positive;
    this.decision = fields.decision;
    this.#hash = hashOf(meaningOf(fields));
    deepFreeze(this);
  }

  get hash(): string {
    return this.#hash;
  }

  toJSON(): SpecJson {
    return { ...this };
  }
}

/**
 * Checks a spec written in code and fills in its defaults.
 *
 * @returns a frozen spec; its `toJSON()` read back by `parseSpec` has the same hash
 * @throws ParameterError `ERR_SPEC` naming the field's path, what was expected and what stands there
 * @example defineSpec({ task: 'classify', audio: { sampleRate: 16_000 }, features: { kind: 'logMel' } }).hash
 */
export function defineSpec(input: SpecInput): Spec {
  return build(input);
}

/**
 * Reads a spec that someone else wrote: JSON text, or the parsed object.
 *
 * @throws ParameterError `ERR_SPEC` naming the field's path, what was expected and what stands there
 */
export function parseSpec(json: unknown): Spec {
  if (json instanceof FrozenSpec) return json;
  return build(typeof json === 'string' ? parseJson(json) : json);
}

/**
 * A decision from whoever, with its defaults.
 *
 * @throws ParameterError `ERR_SPEC` naming the field's path, what was expected and what stands there
 */
export function parseDecision(decision: unknown): Decision {
  return check(decisionSchema, decision, ['decision']);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw specError('spec', `JSON (${cause instanceof Error ? cause.message : String(cause)})`, text.slice(0, 40));
  }
}

function build(input: unknown): Spec {
  const fields = check(specSchema, input, []);
  const features = buildFeatures(fields);
  const stages = fields.stages.map((stage, index) => buildStage(stage, index));
  const spec = { ...fields, features, stages };
  checkStages(spec);
  if (fields.positive !== null && !fields.labels.includes(fields.positive)) {
    throw specError('positive', `one of the labels (${fields.labels.join(', ')})`, fields.positive);
  }
  return new FrozenSpec(spec);
}

function buildFeatures(fields: SpecFields): FeatureConfig {
  try {
    return resolveFeatures(fields.features, { sampleRate: fields.audio.sampleRate, prefix: 'features.' });
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    const path = String(error.details.option ?? 'features');
    throw new ParameterError('ERR_SPEC', error.message, { ...error.details, path, cause: error.code });
  }
}

function buildStage(stage: Record<string, unknown>, index: number): Stage {
  for (const [key, schema] of Object.entries(STAGE_SCHEMAS)) {
    if (stage[key] !== undefined) return check<Stage>(schema, stage, ['stages', index]);
  }
  throw specError(`stages[${index}]`, 'an object with windowing, binarize or decimate', stage);
}

function checkStages({ features, stages }: { features: FeatureConfig; stages: readonly Stage[] }): void {
  checkNormalize(features, stages);
  checkOwnDecisions(stages);
}

/** What a stage says for its model alone: of the last model the spec says it, and a model has one such say. */
function checkOwnDecisions(stages: readonly Stage[]): void {
  const models = stages.map((stage) => ('windowing' in stage ? stage.model : undefined));
  const last = models.findLast((model) => model !== undefined);
  stages.forEach((stage, index) => {
    if (!('windowing' in stage)) return;
    const { model, labels = [], positive } = stage;
    const mayDecide = model !== undefined && model !== last && models.lastIndexOf(model) === index;
    for (const name of ['labels', 'positive', 'decision'] as const) {
      if (stage[name] === undefined || mayDecide) continue;
      const expected =
        "left out but in the last stage of a model that is not the spec's last (whose are the spec's own)";
      throw specError(`stages[${index}].${name}`, expected, stage[name]);
    }
    if (positive !== undefined && !labels.includes(positive)) {
      throw specError(`stages[${index}].positive`, `one of its labels (${labels.join(', ')})`, positive);
    }
  });
}

function checkNormalize(features: FeatureConfig, stages: readonly Stage[]): void {
  // Only frames of the front-end have a width known here; later stages see what a model returns.
  const width = frameWidth(features);
  stages.forEach((stage, index) => {
    if (!('windowing' in stage) || stage.normalize?.kind !== 'standard') return;
    const { mean, std } = stage.normalize;
    const path = `stages[${index}].normalize`;
    if (mean.length !== std.length) throw specError(`${path}.std`, `as long as mean (${mean.length})`, std.length);
    if (index === 0 && mean.length !== 1 && mean.length !== width) {
      throw specError(`${path}.mean`, `1 number or as many as a frame has (${width})`, mean.length);
    }
  });
}

/** `chosenBy` and `preset` tell where values came from; they change none. */
function meaningOf(fields: SpecJson): unknown {
  return {
    ...fields,
    features: featureMeaning(fields.features),
    stages: fields.stages.map((stage) =>
      'windowing' in stage && stage.decision ? { ...stage, decision: decisionMeaning(stage.decision) } : stage,
    ),
    decision: fields.decision && decisionMeaning(fields.decision),
  };
}

function decisionMeaning(decision: Decision): object {
  return { ...decision, chosenBy: undefined };
}

/** What of a feature config changes values. Of librosa every rule is an option and spelt out, so its name says nothing. */
export function featureMeaning(config: FeatureConfig): object {
  return config.preset === 'librosa' ? { ...config, preset: undefined } : config;
}

function check<T>(schema: z.ZodType<T>, value: unknown, base: readonly PropertyKey[]): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    throw specError(pathOf([...base, ...issue.path]), 'without unknown fields', issue.keys.join(', '));
  }
  throw specError(pathOf([...base, ...issue.path]), issue.message, valueAt(value, issue.path));
}

function specError(path: string, expected: string, got: unknown): ParameterError {
  const details: ErrorDetails = { path, expected };
  return new ParameterError('ERR_SPEC', mustBe(path, expected, got), details);
}

function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'spec';
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('');
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );
}
