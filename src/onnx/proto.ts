/** The ONNX messages as plain objects, and their bytes. */
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;

export type AttributeValue =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: OnnxConstant }
  /** The body of a loop over the steps of a sequence. */
  | { readonly kind: 'graph'; readonly value: OnnxGraph };

/** Types of tensors, by ONNX's names in lower case. */
export const ELEMENT_TYPES = {
  float32: onnx.TensorProto.DataType.FLOAT,
  float16: onnx.TensorProto.DataType.FLOAT16,
  int8: onnx.TensorProto.DataType.INT8,
  uint8: onnx.TensorProto.DataType.UINT8,
  int32: onnx.TensorProto.DataType.INT32,
  int64: onnx.TensorProto.DataType.INT64,
  bool: onnx.TensorProto.DataType.BOOL,
} as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

export interface OnnxNode {
  readonly opType: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** A constant, in little-endian bytes of its type; float16 as its bits. */
export interface OnnxConstant {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint16Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;
}

/** Stands for an axis of which nothing is said, not even by a name that it shares with others. */
export const UNKNOWN_AXIS = '?';

/** An input or output; a text names an open axis. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
}

export interface OnnxModel {
  readonly graph: OnnxGraph;
  readonly opset: number;
  readonly producer: { readonly name: string; readonly version: string };
  readonly metadata: Readonly<Record<string, string>>;
}

/** The IR version with which each opset came, from its first on; older opsets stand in the first (onnx's `helper.py`). */
const IR_VERSIONS: readonly (readonly [opset: number, irVersion: number])[] = [
  [25, 13],
  [24, 12],
  [23, 11],
  [21, 10],
  [19, 9],
  [0, 8],
];

function irVersion(opset: number): number {
  return IR_VERSIONS.find(([first]) => opset >= first)![1];
}

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
    case 'tensor':
      return { name, type: AttributeType.TENSOR, t: tensorProto(attribute.value) };
    case 'graph':
      return { name, type: AttributeType.GRAPH, g: graphProto(attribute.value) };
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

function tensorProto({ name, type, shape, data }: OnnxConstant): onnxProto.onnx.ITensorProto {
  return {
    name,
    dims: [...shape],
    dataType: ELEMENT_TYPES[type],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function valueProto({ name, type, shape }: OnnxValue): onnxProto.onnx.IValueInfoProto {
  const dim = shape.map((length) => {
    if (typeof length === 'number') return { dimValue: length };
    return length === UNKNOWN_AXIS ? {} : { dimParam: length };
  });
  return { name, type: { tensorType: { elemType: ELEMENT_TYPES[type], shape: { dim } } } };
}

function graphProto({ name, nodes, constants, inputs, outputs }: OnnxGraph): onnxProto.onnx.IGraphProto {
  return {
    name,
    node: nodes.map(nodeProto),
    initializer: constants.map(tensorProto),
    input: inputs.map(valueProto),
    output: outputs.map(valueProto),
  };
}

/** The model's bytes; the same model gives the same bytes, metadata in the order of its keys. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const message = onnx.ModelProto.create({
    irVersion: irVersion(model.opset),
    opsetImport: [{ domain: '', version: model.opset }],
    producerName: model.producer.name,
    producerVersion: model.producer.version,
    graph: graphProto(model.graph),
    metadataProps: Object.keys(model.metadata)
      .sort()
      .map((key) => ({ key, value: model.metadata[key]! })),
  });
  return onnx.ModelProto.encode(message).finish();
}
