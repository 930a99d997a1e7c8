/**
 * The ONNX messages as plain objects, and their bytes. The only file that knows `onnx-proto`:
 * a CommonJS package whose 64-bit integers may come as `Long`, so every number read is converted here.
 */
import onnxProto from 'onnx-proto';
import { ModelError, mustBe } from '../errors.js';

const { onnx } = onnxProto;

export type AttributeValue =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] };

export interface OnnxNode {
  readonly opType: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** A constant. `data` decides the type: float32 or int64. */
export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** A float32 input or output; a text names an open axis. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly graphName: string;
  readonly opset: number;
  readonly producer: { readonly name: string; readonly version: string };
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** IR version 8 came with opset 15 to 17 (ONNX 1.10 to 1.12); older opsets may stand in it too. */
const IR_VERSION = 8;

const utf8 = new TextEncoder();

function attributeProto(name: string, attribute: AttributeValue): onnxProto.onnx.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  switch (attribute.kind) {
    case 'int':
      return { name, type: AttributeType.INT, i: attribute.value };
    case 'ints':
      return { name, type: AttributeType.INTS, ints: [...attribute.value] };
    case 'float':
      return { name, type: AttributeType.FLOAT, f: attribute.value };
    case 'floats':
      return { name, type: AttributeType.FLOATS, floats: [...attribute.value] };
    case 'string':
      return { name, type: AttributeType.STRING, s: utf8.encode(attribute.value) };
    case 'strings':
      return { name, type: AttributeType.STRINGS, strings: attribute.value.map((text) => utf8.encode(text)) };
  }
}

function nodeProto(node: OnnxNode): onnxProto.onnx.INodeProto {
  return {
    opType: node.opType,
    name: node.name,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value)),
  };
}

function tensorProto({ name, shape, data }: OnnxConstant): onnxProto.onnx.ITensorProto {
  const { DataType } = onnx.TensorProto;
  return {
    name,
    dims: [...shape],
    dataType: data instanceof Float32Array ? DataType.FLOAT : DataType.INT64,
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function valueProto({ name, shape }: OnnxValue): onnxProto.onnx.IValueInfoProto {
  const dim = shape.map((length) => (typeof length === 'number' ? { dimValue: length } : { dimParam: length }));
  return { name, type: { tensorType: { elemType: onnx.TensorProto.DataType.FLOAT, shape: { dim } } } };
}

/** The model's bytes; the same model gives the same bytes, metadata in the order of its keys. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const message = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: model.opset }],
    producerName: model.producer.name,
    producerVersion: model.producer.version,
    graph: {
      name: model.graphName,
      node: model.nodes.map(nodeProto),
      initializer: model.constants.map(tensorProto),
      input: model.inputs.map(valueProto),
      output: model.outputs.map(valueProto),
    },
    metadataProps: Object.keys(model.metadata)
      .sort()
      .map((key) => ({ key, value: model.metadata[key]! })),
  });
  return onnx.ModelProto.encode(message).finish();
}

/** What an ONNX file says of itself, for any producer. */
export interface OnnxSummary {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
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

function readValue(value: onnxProto.onnx.IValueInfoProto): OnnxValue {
  const dims = value.type?.tensorType?.shape?.dim ?? [];
  const shape = dims.map((dim) => (dim.dimParam ? dim.dimParam : Number(dim.dimValue ?? 0)));
  return { name: value.name ?? '', shape };
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
