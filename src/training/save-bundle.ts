/** From a trained model to the files that serve it. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ModelCard, modelMetadata, partMetadata, writeBundle } from '../bundle/index.js';
import { ExportError, ModelError, mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { replaceFile } from '../files/index.js';
import type { Graph } from '../graph/index.js';
import { type LayersModel, modelToGraph } from '../model/index.js';
import { composeChain, graphToOnnx, type Precision, writePrecision } from '../onnx/index.js';
import { defineSpec, modelNames, type Spec } from '../spec/index.js';

/** Where the front-end is. */
export type FrontEnd = 'none' | 'inside';
const FRONT_ENDS: readonly FrontEnd[] = ['none', 'inside'];

export interface ExportOptions {
  /** Written to the file's metadata, so that it serves without anything else. */
  readonly spec?: Spec;
  /** Metrics and licences of it go to the file's metadata. */
  readonly card?: ModelCard;
  /** ONNX operator set. Default: the ONNX writer's. */
  readonly opset?: number;
  /**
   * `'none'` (default): the model takes windows of features. `'inside'`: it takes PCM `[batch, samples]` and does all that
   * the spec says up to the scores `[batch, window, …]`, so that a runtime needs no feature code; takes a `spec` with one
   * model.
   */
  readonly frontEnd?: FrontEnd;
  /**
   * Of the model's weights; a front-end, inputs and outputs stay float32. `'float16'` halves the file, `'int8'` makes it a
   * third to a quarter. Default `'float32'`.
   */
  readonly precision?: Precision;
}

export interface BundleOptions {
  /** Its stages name the models. */
  readonly spec: Spec;
  /** By the names the spec's stages give them: tfjs models, or runs that hold one. */
  readonly models: Readonly<Record<string, LayersModel | { readonly model: LayersModel }>>;
  readonly card?: ModelCard;
  readonly opset?: number;
  /** `'inside'` writes front-end, stages and models as one `.onnx` that takes PCM; no detector loads it. Default `'none'`. */
  readonly frontEnd?: FrontEnd;
}

const EXPORT_KEYS: OptionKeys<ExportOptions> = {
  spec: true,
  card: true,
  opset: true,
  frontEnd: true,
  precision: true,
};
const BUNDLE_KEYS: OptionKeys<BundleOptions> = { spec: true, models: true, card: true, opset: true, frontEnd: true };

/**
 * A trained tfjs model as the bytes of an ONNX file; the same model gives the same bytes.
 *
 * @throws ExportError `ERR_EXPORT` naming a layer, or an option of the front-end, without an ONNX form, or a weight that the
 *   precision cannot hold
 * @throws ParameterError `ERR_OPTION` for a front-end inside without a spec of one model, or an unknown precision;
 *   `ERR_UNKNOWN_OPTION`
 */
export function exportOnnx(model: LayersModel, o: ExportOptions = {}): Uint8Array {
  refuseUnknown(o, EXPORT_KEYS, 'exportOnnx');
  if (isInside(o.frontEnd)) return withFrontEnd(model, o);
  return writePrecision(onnxBytes(model, modelMetadata(o.spec ?? null, o.card), o.opset), o.precision ?? 'float32');
}

function isInside(frontEnd: FrontEnd = 'none'): boolean {
  if (FRONT_ENDS.includes(frontEnd)) return frontEnd === 'inside';
  throw new ParameterError('ERR_OPTION', mustBe('frontEnd', '"none" or "inside"', frontEnd));
}

function withFrontEnd(model: LayersModel, o: ExportOptions): Uint8Array {
  const { spec: given, card = {}, opset, precision = 'float32' } = o;
  const spec = given === undefined ? null : specWithModel(given);
  const names = spec === null ? [] : modelNames(spec);
  if (spec === null || names.length !== 1) {
    const expected = 'one of a single model, for a front-end inside it (`saveBundle` writes a chain)';
    throw new ParameterError('ERR_OPTION', mustBe('spec', expected, names.join(', ') || 'none'));
  }
  const models = new Map([[names[0]!, writePrecision(onnxBytes(model, {}, opset), precision)]]);
  return composeChain({ spec, models, frontEnd: 'inside', card });
}

function onnxBytes(model: LayersModel, metadata: Record<string, string>, opset: number | undefined): Uint8Array {
  return graphToOnnx(exportableGraph(model), { metadata, ...(opset !== undefined && { opset }) });
}

/** To whoever exports, a layer that no graph covers is one without an ONNX form. */
function exportableGraph(model: LayersModel): Graph {
  try {
    return modelToGraph(model);
  } catch (thrown) {
    if (!(thrown instanceof ModelError) || thrown.code !== 'ERR_LAYER') throw thrown;
    throw new ExportError('ERR_EXPORT', thrown.message, thrown.details);
  }
}

/**
 * Writes a spec and its models as one bundle: a folder, or a single file where `path` ends in `.onnx`. Each model file
 * carries the spec of what it computes by itself: the stages up to its own. With `frontEnd: 'inside'` one file takes PCM.
 *
 * @throws ParameterError `ERR_OPTION` where the models are not exactly those the spec's stages name; `ERR_UNKNOWN_OPTION`
 * @throws ExportError as `exportOnnx`
 */
export async function saveBundle(path: string, o: BundleOptions): Promise<void> {
  refuseUnknown(o, BUNDLE_KEYS, 'saveBundle');
  const { spec, card = {}, opset } = o;
  const wanted = modelNames(spec);
  const given = Object.keys(o.models);
  if (wanted.length !== given.length || wanted.some((name) => !Object.hasOwn(o.models, name))) {
    throw new ParameterError('ERR_OPTION', mustBe('models', wanted.join(', ') || 'none', given.join(', ') || 'none'));
  }
  const models = Object.fromEntries(
    Object.entries(o.models).map(([name, source]) => [
      name,
      onnxBytes('model' in source ? source.model : source, partMetadata(spec, name, card), opset),
    ]),
  );
  if (!isInside(o.frontEnd)) {
    await writeBundle(path, { spec, models, card });
    return;
  }
  if (!path.endsWith('.onnx')) {
    throw new ParameterError('ERR_OPTION', mustBe('path', 'a file.onnx, for a front-end inside', path));
  }
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, composeChain({ spec, models: new Map(Object.entries(models)), frontEnd: 'inside', card }));
}

/** Name of a single model that nobody named. */
const DEFAULT_MODEL_NAME = 'model.onnx';

/** A spec that names no model yet gets one in its last window stage; another is as it was. */
export function specWithModel(spec: Spec): Spec {
  if (modelNames(spec).length > 0) return spec;
  const last = spec.stages.findLastIndex((stage) => 'windowing' in stage);
  const stages = spec.stages.map((stage, i) => (i === last ? { ...stage, model: DEFAULT_MODEL_NAME } : stage));
  return defineSpec({ ...spec.toJSON(), stages });
}
