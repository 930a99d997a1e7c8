/** From a trained model to the files that serve it. */
import { type ModelCard, modelMetadata, partMetadata, writeBundle } from '../bundle/index.js';
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { type LayersModel, modelToGraph } from '../model/index.js';
import { graphToOnnx } from '../onnx/index.js';
import { defineSpec, modelNames, type Spec } from '../spec/index.js';

export interface ExportOptions {
  /** Written to the file's metadata, so that it serves without anything else. */
  readonly spec?: Spec;
  /** Metrics and licences of it go to the file's metadata. */
  readonly card?: ModelCard;
  /** ONNX operator set. Default: the ONNX writer's. */
  readonly opset?: number;
  /** Only `'none'` in this version: features are computed outside the graph. */
  readonly frontEnd?: 'none';
  /** Only `'float32'` in this version. */
  readonly precision?: 'float32';
}

export interface BundleOptions {
  /** Its stages name the models. */
  readonly spec: Spec;
  /** By the names the spec's stages give them: tfjs models, or runs that hold one. */
  readonly models: Readonly<Record<string, LayersModel | { readonly model: LayersModel }>>;
  readonly card?: ModelCard;
  readonly opset?: number;
}

const EXPORT_KEYS: OptionKeys<ExportOptions> = {
  spec: true,
  card: true,
  opset: true,
  frontEnd: true,
  precision: true,
};
const BUNDLE_KEYS: OptionKeys<BundleOptions> = { spec: true, models: true, card: true, opset: true };

/**
 * A trained tfjs model as the bytes of an ONNX file; the same model gives the same bytes.
 *
 * @throws ExportError `ERR_EXPORT` naming a layer without an ONNX form
 * @throws ParameterError `ERR_OPTION` for a front-end inside or another precision, which this version does not write;
 *   `ERR_UNKNOWN_OPTION`
 */
export function exportOnnx(model: LayersModel, o: ExportOptions = {}): Uint8Array {
  refuseUnknown(o, EXPORT_KEYS, 'exportOnnx');
  only('frontEnd', o.frontEnd, 'none');
  only('precision', o.precision, 'float32');
  return onnxBytes(model, modelMetadata(o.spec ?? null, o.card), o.opset);
}

function onnxBytes(model: LayersModel, metadata: Record<string, string>, opset: number | undefined): Uint8Array {
  return graphToOnnx(modelToGraph(model), { metadata, ...(opset !== undefined && { opset }) });
}

/**
 * Writes a spec and its models as one bundle: a folder, or a single file where `path` ends in `.onnx`. Each model file
 * carries the spec of what it computes by itself: the stages up to its own.
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
  await writeBundle(path, { spec, models, card });
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

function only(name: string, given: unknown, accepted: string): void {
  if (given === undefined || given === accepted) return;
  throw new ParameterError('ERR_OPTION', mustBe(name, `${JSON.stringify(accepted)} in this version`, given));
}
