import { type Graph, type GraphInput, type LayerNode, type Shape, validateGraph } from '../graph/index.js';
import { writeActivationOf, writePRelu, writeRectifier } from './activation-layer.js';
import { OnnxBuilder } from './builder.js';
import { writeConv, writeConvTranspose, writeDepthwiseConv, writeGlobalPool, writePool } from './convolution.js';
import { foldBatchNormalization } from './fold.js';
import { writeDense, writeFlatten, writeReshape } from './layers.js';
import { ValueTable } from './layout.js';
import { writeMask, writeMasking } from './masking.js';
import {
  writeConcatenate,
  writeDot,
  writeEmbedding,
  writeFoldTime,
  writeMerge,
  writePermute,
  writeRepeat,
  writeUnfoldTime,
} from './merging.js';
import { writeBatchNormalization, writeLayerNormalization } from './normalization.js';
import { checkedOpset } from './opsets.js';
import { producer } from './producer.js';
import { encodeModel, type OnnxValue } from './proto.js';
import { pruned } from './prune.js';
import { writeBidirectional, writeRecurrent } from './recurrent.js';
import { writeBorder, writeUpsample } from './spatial.js';

export interface OnnxOptions {
  /** Version of ONNX's operator set, 13 to 26, the newest that onnxruntime 1.30 takes. Default 17. */
  readonly opset?: number;
  /** Written to `metadata_props`, e.g. `cochlea.spec`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A graph as the bytes of an ONNX model for inference: dropout is left out, the batch axis is open (`batch`), inputs and
 * outputs are float32 and keep the graph's names and channels-last shapes.
 *
 * @returns the same bytes for the same graph and options
 * @throws ExportError `ERR_EXPORT` naming the layer that has no ONNX form
 * @throws ModelError `ERR_MODEL` for a graph that does not hold together
 * @throws ParameterError `ERR_OPTION` for another opset
 */
export function graphToOnnx(graph: Graph, options: OnnxOptions = {}): Uint8Array {
  const opset = checkedOpset(options.opset);
  validateGraph(graph);
  const builder = new OnnxBuilder(opset);
  // Sequences of several inputs need not be equally long.
  const time = (name: string) => (graph.inputs.length === 1 ? 'time' : `${name}_time`);
  const inputs = graph.inputs.map(
    ({ name, shape, dtype }): OnnxValue => ({ name, type: dtype ?? 'float32', shape: openAxes(shape, time(name)) }),
  );
  const outputs = writeGraph(builder, foldBatchNormalization(graph));
  return encodeModel({
    graph: pruned({ name: graph.name, inputs, outputs, nodes: builder.nodes, constants: builder.constants }),
    opset,
    producer: producer(),
    metadata: options.metadata ?? {},
  });
}

function defineInput(values: ValueTable, { name, shape, dtype }: GraphInput): void {
  if (dtype === 'int32') values.defineIntegers(name, shape);
  else values.define(name, shape, 'asIs', name);
}

function writeGraph(builder: OnnxBuilder, graph: Graph): OnnxValue[] {
  const values = new ValueTable(builder);
  for (const input of graph.inputs) defineInput(values, input);
  for (const node of graph.nodes) writeNode(builder, values, node);
  return graph.outputs.map((name) => {
    const shape = openAxes(values.shape(name), `${name}_time`);
    return { name: outputName(builder, values, name), type: 'float32', shape };
  });
}

/** Makes sure that an output exists under its own name, also where the layer that makes it was left out. */
function outputName(builder: OnnxBuilder, values: ValueTable, name: string): string {
  const onnxName = values.get(name, 'asIs');
  return onnxName === name ? name : builder.op('Identity', name, [onnxName], { output: name });
}

function writeNode(builder: OnnxBuilder, values: ValueTable, node: LayerNode): void {
  switch (node.op) {
    case 'Dense':
      writeDense(builder, values, node);
      break;
    case 'Conv':
      writeConv(builder, values, node);
      break;
    case 'DepthwiseConv':
      writeDepthwiseConv(builder, values, node);
      break;
    case 'ConvTranspose':
      writeConvTranspose(builder, values, node);
      break;
    case 'Upsample':
      writeUpsample(builder, values, node);
      break;
    case 'ZeroPad':
    case 'Crop':
      writeBorder(builder, values, node);
      break;
    case 'Pool':
      writePool(builder, values, node);
      break;
    case 'GlobalPool':
      writeGlobalPool(builder, values, node);
      break;
    case 'Flatten':
      writeFlatten(builder, values, node);
      break;
    case 'Reshape':
      writeReshape(builder, values, node);
      break;
    case 'Repeat':
      writeRepeat(builder, values, node);
      break;
    case 'Permute':
      writePermute(builder, values, node);
      break;
    case 'Merge':
      writeMerge(builder, values, node);
      break;
    case 'Concatenate':
      writeConcatenate(builder, values, node);
      break;
    case 'Dot':
      writeDot(builder, values, node);
      break;
    case 'Embedding':
      writeEmbedding(builder, values, node);
      break;
    case 'FoldTime':
      writeFoldTime(builder, values, node);
      break;
    case 'UnfoldTime':
      writeUnfoldTime(builder, values, node);
      break;
    case 'Mask':
      writeMask(builder, values, node);
      break;
    case 'Masking':
      writeMasking(builder, values, node);
      break;
    case 'Recurrent':
      writeRecurrent(builder, values, node);
      break;
    case 'Bidirectional':
      writeBidirectional(builder, values, node);
      break;
    case 'BatchNormalization':
      writeBatchNormalization(builder, values, node);
      break;
    case 'LayerNormalization':
      writeLayerNormalization(builder, values, node);
      break;
    case 'Rectifier':
      writeRectifier(builder, values, node);
      break;
    case 'PRelu':
      writePRelu(builder, values, node);
      break;
    case 'Activation':
      writeActivationOf(builder, values, node.inputs[0]!, node.output, node.activation);
      break;
    case 'Dropout':
    case 'Noise':
      values.alias(node.output.name, node.inputs[0]!);
      break;
  }
}

/** Names for open axes: the batch, then `time` (numbered from its second axis on). */
function openAxes(shape: Shape, time: string): (number | string)[] {
  return shape.map((dim, axis) => dim ?? (axis === 0 ? 'batch' : axis === 1 ? time : `${time}_${axis}`));
}
