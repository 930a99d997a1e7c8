/** A chain of stages with its models, and with its front-end if wanted, as one ONNX model. */
import { METADATA_KEYS, type ModelCard, modelMetadata } from '../bundle/index.js';
import { ExportError, mustBe, ParameterError } from '../errors.js';
import {
  type EffectiveFeatures,
  effectiveFeatures,
  frameGrid,
  frameWidth,
  modelNames,
  type Spec,
} from '../spec/index.js';
import { OnnxBuilder } from './builder.js';
import { type Features, WholeNumbers, writeFrontEnd, writePeakNormalised } from './front-end/index.js';
import { producer } from './producer.js';
import { encodeModel, type OnnxModel, type OnnxValue } from './proto.js';
import { pruned } from './prune.js';
import { decodeModel } from './read.js';
import { type Models, writeStages } from './stages.js';

export interface ComposeOptions {
  readonly spec: Spec;
  /** Bytes of each model by the name its stage has in the spec; all of one opset. */
  readonly models: ReadonlyMap<string, Uint8Array>;
  /** Where the chain begins: at samples, or at the features of `effectiveFeatures(spec)`. */
  readonly frontEnd: 'inside' | 'none';
  /** Metrics and licences of it go to the file's metadata. */
  readonly card?: ModelCard;
}

/** Names of the input and the output. */
const PORTS = { inside: 'pcm', none: 'features', output: 'scores' } as const;

/**
 * One ONNX model of standard operators that does what a detector does with the same spec and models before it decides.
 *
 * Input with `frontEnd: 'inside'`: `pcm`, float32 `[batch, samples]` in [-1, 1), one channel at the spec's rate, all items
 * as long; otherwise `features`, `[batch, frame, feature]`, at least one frame. Output `scores`: `[batch, window, …]`, with
 * the shape that the last model gives; when each is, is in the metadata `cochlea.time_axis`. Operators and constants of a
 * model are named by its file: `tone/…`.
 *
 * @returns the same bytes for the same options
 * @throws ExportError `ERR_EXPORT` for an option without an ONNX form (`dither`), a model with other ports than one float32
 *   input and output `[batch, …]`, or models of several opsets
 * @throws ParameterError `ERR_OPTION` where the models are not those the spec's stages name; ModelError `ERR_MODEL_FILE`
 */
export function composeChain({ spec, models, frontEnd, card = {} }: ComposeOptions): Uint8Array {
  const parts = decoded(spec, models);
  const opset = commonOpset(parts);
  const builder = new OnnxBuilder(opset);
  const effective = effectiveFeatures(spec);
  const input = inputOf(frontEnd, effective);
  const features =
    frontEnd === 'none' ? given(builder, input.name) : writeFeatures(builder, spec, effective, input.name);
  const rows = { name: features.name, shape: [frameWidth(effective.features)], count: features.nFrames };
  const { name, shape } = writeStages(builder, effective.stages, rows, parts);
  builder.op('Identity', PORTS.output, [name], { output: PORTS.output });
  const output: OnnxValue = { name: PORTS.output, type: 'float32', shape: ['batch', 'window', ...shape] };
  const metadata = {
    ...modelMetadata(spec, card),
    ...precisionOf(parts),
    [METADATA_KEYS.frontEnd]: frontEnd,
    [METADATA_KEYS.timeAxis]: JSON.stringify(timeAxis(effective)),
  };
  const graph = {
    name: 'chain',
    inputs: [input],
    outputs: [output],
    nodes: builder.nodes,
    constants: builder.constants,
  };
  return encodeModel({ graph: pruned(graph), opset, producer: producer(), metadata });
}

/** Of the models' weights, where all have the same. */
function precisionOf(models: Models): Record<string, string> {
  const [first, ...others] = new Set([...models.values()].map(({ metadata }) => metadata[METADATA_KEYS.precision]));
  return first === undefined || others.length > 0 ? {} : { [METADATA_KEYS.precision]: first };
}

function decoded(spec: Spec, models: ReadonlyMap<string, Uint8Array>): Map<string, OnnxModel> {
  const wanted = modelNames(spec);
  if (wanted.length === 0 || wanted.length !== models.size || wanted.some((name) => !models.has(name))) {
    const given = [...models.keys()].join(', ') || 'none';
    throw new ParameterError('ERR_OPTION', mustBe('models', wanted.join(', ') || 'at least one in the spec', given));
  }
  return new Map(wanted.map((name) => [name, decodeModel(models.get(name)!)]));
}

/** Operators change with their version, so models are joined as they were written. */
function commonOpset(models: Models): number {
  const opsets = [...models].map(([name, { opset }]) => ({ name, opset }));
  const [first] = opsets;
  const other = opsets.find(({ opset }) => opset !== first!.opset);
  if (other === undefined) return first!.opset;
  const expected = `${first!.opset}, as that of ${first!.name}, to be joined with it: write both with one opset`;
  throw new ExportError('ERR_EXPORT', mustBe(`opset of ${other.name}`, expected, other.opset), { model: other.name });
}

function inputOf(frontEnd: ComposeOptions['frontEnd'], { features }: EffectiveFeatures): OnnxValue {
  const axes = frontEnd === 'inside' ? ['samples'] : ['frame', frameWidth(features)];
  return { name: PORTS[frontEnd], type: 'float32', shape: ['batch', ...axes] };
}

/** Features that come from outside: at least one frame of them. */
function given(builder: OnnxBuilder, name: string): Features {
  return { name, nFrames: new WholeNumbers(builder, 'given').dim(name, 1) };
}

function writeFeatures(builder: OnnxBuilder, spec: Spec, { features }: EffectiveFeatures, pcm: string) {
  const samples = spec.audio.normalize === 'peak' ? writePeakNormalised(builder, pcm) : pcm;
  return writeFrontEnd(builder, features, samples);
}

/** Score i is of [startSec + i·stepSec, startSec + i·stepSec + spanSec), as inference says it. */
function timeAxis({ features, stages }: EffectiveFeatures) {
  const { sampleRate, hopLength, winLength, center } = features;
  const { offset, length } = frameGrid(features);
  const centre = center ? 0 : offset + length / 2;
  let stepSec = hopLength / sampleRate;
  let spanSec = winLength / sampleRate;
  const startSec = centre / sampleRate - spanSec / 2;
  for (const stage of stages) {
    if ('windowing' in stage) {
      spanSec += (stage.windowing.size - 1) * stepSec;
      stepSec *= stage.windowing.stride;
    } else if ('decimate' in stage) {
      stepSec *= stage.decimate;
    }
  }
  return { startSec, stepSec, spanSec };
}
