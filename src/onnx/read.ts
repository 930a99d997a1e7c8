/**
 * ONNX files read without running them: what any producer's file says of itself, and a file as the plain objects that
 * this folder writes. 64-bit integers may come as `Long`, so every number read is converted here.
 */
import onnxProto from 'onnx-proto';
import { ModelError, mustBe } from '../errors.js';
import {
  type AttributeValue,
  ELEMENT_TYPES,
  type ElementType,
  type OnnxConstant,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
  UNKNOWN_AXIS,
} from './proto.js';

const { onnx } = onnxProto;

/** An input or output of any producer's file. */
export interface OnnxSummaryValue extends Omit<OnnxValue, 'type'> {
  /** ONNX's name of the type in lower case, `float32` for its `FLOAT`. */
  readonly type: string;
}

/** What an ONNX file says of itself, for any producer. */
export interface OnnxSummary {
  readonly inputs: readonly OnnxSummaryValue[];
  readonly outputs: readonly OnnxSummaryValue[];
  /** Of the default operator set. */
  readonly opset: number;
  readonly irVersion: number;
  readonly producer: { readonly name: string; readonly version: string };
  readonly nNodes: number;
  /** Operator → how many nodes. */
  readonly ops: Readonly<Record<string, number>>;
  /** Numbers in all constants. */
  readonly nParameters: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Length of the file. */
  readonly bytes: number;
}

function notOnnx(bytes: Uint8Array, reason: string): ModelError {
  return new ModelError('ERR_MODEL_FILE', mustBe('model file', 'an ONNX model', `${bytes.length} bytes: ${reason}`), {
    reason,
  });
}

function decode(bytes: Uint8Array): onnxProto.onnx.ModelProto {
  let model: onnxProto.onnx.ModelProto;
  try {
    model = onnx.ModelProto.decode(bytes);
  } catch (error) {
    throw notOnnx(bytes, error instanceof Error ? error.message : String(error));
  }
  if (Number(model.irVersion) < 1) throw notOnnx(bytes, 'no IR version');
  if (model.graph == null || (model.graph.output ?? []).length === 0) throw notOnnx(bytes, 'no graph with an output');
  return model;
}

function readValue(value: onnxProto.onnx.IValueInfoProto): OnnxSummaryValue {
  const { elemType, shape } = value.type?.tensorType ?? {};
  const dims = (shape?.dim ?? []).map(readLength);
  const type = onnx.TensorProto.DataType[elemType ?? 0]?.toLowerCase().replace(/^float$/, 'float32');
  return { name: value.name ?? '', type: type ?? 'undefined', shape: dims };
}

/** A file may say nothing of an axis; decoded messages have every field, but only those that were there as their own. */
function readLength(dim: onnxProto.onnx.TensorShapeProto.IDimension): number | string {
  if (dim.dimParam) return dim.dimParam;
  return Object.hasOwn(dim, 'dimValue') ? Number(dim.dimValue) : UNKNOWN_AXIS;
}

function countOps(nodes: readonly onnxProto.onnx.INodeProto[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { opType } of nodes) counts.set(opType ?? '', (counts.get(opType ?? '') ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Reads an ONNX file without running it.
 * @param bytes a whole `.onnx` file
 * @throws ModelError `ERR_MODEL_FILE` with the reason, for bytes that are not an ONNX model
 */
export function inspectOnnx(bytes: Uint8Array): OnnxSummary {
  const model = decode(bytes);
  const graph = model.graph!;
  const constants = new Set((graph.initializer ?? []).map((tensor) => tensor.name));
  const sizes = (graph.initializer ?? []).map(({ dims }) =>
    (dims ?? []).reduce<number>((n, dim) => n * Number(dim), 1),
  );
  const defaultOpset = model.opsetImport.find(({ domain }) => !domain || domain === 'ai.onnx');
  return {
    inputs: (graph.input ?? []).filter(({ name }) => !constants.has(name)).map(readValue),
    outputs: (graph.output ?? []).map(readValue),
    opset: Number(defaultOpset?.version ?? 0),
    irVersion: Number(model.irVersion),
    producer: { name: model.producerName, version: model.producerVersion },
    nNodes: (graph.node ?? []).length,
    ops: countOps(graph.node ?? []),
    nParameters: sizes.reduce((sum, size) => sum + size, 0),
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key ?? '', value ?? ''])),
    bytes: bytes.length,
  };
}

/** The metadata of an ONNX file. @throws ModelError `ERR_MODEL_FILE` for bytes that are not an ONNX model */
export function readOnnxMetadata(bytes: Uint8Array): Readonly<Record<string, string>> {
  return inspectOnnx(bytes).metadata;
}

/**
 * A file as the objects that `encodeModel` takes: to join models, or to write one in another precision.
 * @param bytes a whole `.onnx` file with its weights inside and operators of the default set alone
 * @throws ModelError `ERR_MODEL_FILE` for bytes that are not an ONNX model, or for what these objects cannot say
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  const model = decode(bytes);
  const refuse = (reason: string) => notOnnx(bytes, reason);
  if (model.functions.length > 0) throw refuse('functions, which are not read');
  const other = model.opsetImport.find(({ domain }) => domain && domain !== 'ai.onnx');
  if (other !== undefined) throw refuse(`operators of ${other.domain}, which are not read`);
  const { opset, producer, metadata } = inspectOnnx(bytes);
  return { graph: readGraph(model.graph!, refuse), opset, producer, metadata };
}

type Refuse = (reason: string) => ModelError;

function readGraph(graph: onnxProto.onnx.IGraphProto, refuse: Refuse): OnnxGraph {
  const constants = (graph.initializer ?? []).map((tensor) => readTensor(tensor, refuse));
  const names = new Set(constants.map(({ name }) => name));
  const typed = (value: onnxProto.onnx.IValueInfoProto): OnnxValue => {
    const { name, type, shape } = readValue(value);
    return { name, type: knownType(type, name, refuse), shape };
  };
  return {
    name: graph.name ?? '',
    inputs: (graph.input ?? []).filter(({ name }) => !names.has(name ?? '')).map(typed),
    outputs: (graph.output ?? []).map(typed),
    nodes: (graph.node ?? []).map((node) => readNode(node, refuse)),
    constants,
  };
}

function knownType(type: string, of: string, refuse: Refuse): ElementType {
  if (Object.hasOwn(ELEMENT_TYPES, type)) return type as ElementType;
  throw refuse(`"${of}" of type ${type}, which is not read`);
}

function readNode(node: onnxProto.onnx.INodeProto, refuse: Refuse): OnnxNode {
  const name = node.name ?? '';
  const attributes = (node.attribute ?? []).map((attribute) => [
    attribute.name ?? '',
    readAttribute(attribute, refuse),
  ]);
  const [inputs, outputs] = [node.input ?? [], node.output ?? []];
  return { opType: node.opType ?? '', name, inputs, outputs, attributes: Object.fromEntries(attributes) };
}

function readAttribute(attribute: onnxProto.onnx.IAttributeProto, refuse: Refuse): AttributeValue {
  const { AttributeType } = onnx.AttributeProto;
  const utf8 = new TextDecoder();
  switch (attribute.type) {
    case AttributeType.INT:
      return { kind: 'int', value: Number(attribute.i) };
    case AttributeType.INTS:
      return { kind: 'ints', value: (attribute.ints ?? []).map(Number) };
    case AttributeType.FLOAT:
      return { kind: 'float', value: attribute.f ?? 0 };
    case AttributeType.FLOATS:
      return { kind: 'floats', value: attribute.floats ?? [] };
    case AttributeType.STRING:
      return { kind: 'string', value: utf8.decode(attribute.s ?? new Uint8Array()) };
    case AttributeType.STRINGS:
      return { kind: 'strings', value: (attribute.strings ?? []).map((text) => utf8.decode(text)) };
    case AttributeType.TENSOR:
      return { kind: 'tensor', value: readTensor(attribute.t ?? {}, refuse) };
    case AttributeType.GRAPH:
      return { kind: 'graph', value: readGraph(attribute.g ?? {}, refuse) };
    default:
      throw refuse(`attribute "${attribute.name}" of a kind that is not read`);
  }
}

const ARRAYS = {
  float32: Float32Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

/** Numbers stand in bytes, or in a list of their type (onnx.proto). */
function readTensor(tensor: onnxProto.onnx.ITensorProto, refuse: Refuse): OnnxConstant {
  const name = tensor.name ?? '';
  const typeName = onnx.TensorProto.DataType[tensor.dataType ?? 0]?.toLowerCase().replace(/^float$/, 'float32');
  const type = knownType(typeName ?? 'undefined', name, refuse);
  const shape = (tensor.dims ?? []).map(Number);
  const size = shape.reduce((product, dim) => product * dim, 1);
  const data = tensorData(tensor, type);
  if (data.length !== size)
    throw refuse(`${data.length} numbers in constant "${name}" of ${size} (kept outside the file?)`);
  return { name, type, shape, data };
}

function tensorData(tensor: onnxProto.onnx.ITensorProto, type: ElementType): OnnxConstant['data'] {
  const raw = tensor.rawData ?? new Uint8Array();
  if (raw.length > 0) {
    // A copy begins at a whole number of elements, as a view over the file may not; `slice` of a Buffer is none.
    return new ARRAYS[type](new Uint8Array(raw).buffer);
  }
  if (type === 'float32') return Float32Array.from(tensor.floatData ?? []);
  if (type === 'int64') return BigInt64Array.from(tensor.int64Data ?? [], (value) => BigInt(String(value)));
  return ARRAYS[type].from(tensor.int32Data ?? []);
}
