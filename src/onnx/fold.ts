/** Batch normalisation inside the layer before it. */
import type {
  BatchNormalizationNode,
  ConvNode,
  ConvTransposeNode,
  DenseNode,
  DepthwiseConvNode,
  Graph,
  LayerNode,
  Weight,
} from '../graph/index.js';
import { normalizationConstants } from './normalization.js';

type LinearNode = DenseNode | ConvNode | DepthwiseConvNode | ConvTransposeNode;

function isLinear(node: LayerNode | undefined): node is LinearNode {
  if (node === undefined) return false;
  const isKind =
    node.op === 'Dense' || node.op === 'Conv' || node.op === 'DepthwiseConv' || node.op === 'ConvTranspose';
  return isKind && node.activation === 'linear';
}

/**
 * `(x·w + b)·scale + shift = x·(w·scale) + (b·scale + shift)`: a batch normalisation that alone reads what a layer without
 * activation makes becomes part of that layer's weights.
 */
export function foldBatchNormalization(graph: Graph): Graph {
  const makers = new Map(graph.nodes.map((node) => [node.output.name, node]));
  const reads = new Map<string, number>();
  for (const name of [...graph.outputs, ...graph.nodes.flatMap(({ inputs }) => inputs)]) {
    reads.set(name, (reads.get(name) ?? 0) + 1);
  }
  const folded = new Map<LayerNode, LayerNode | null>();
  for (const node of graph.nodes) {
    if (node.op !== 'BatchNormalization') continue;
    const before = makers.get(node.inputs[0]!);
    if (!isLinear(before) || reads.get(before.output.name) !== 1) continue;
    folded.set(before, { ...before, ...foldedWeights(before, node), output: node.output });
    folded.set(node, null);
  }
  const nodes = graph.nodes
    .map((node) => (folded.has(node) ? folded.get(node)! : node))
    .filter((node) => node !== null);
  return { ...graph, nodes };
}

function foldedWeights(node: LinearNode, normalization: BatchNormalizationNode): { kernel: Weight; bias: Weight } {
  const { scale, shift } = normalizationConstants(normalization);
  const { kernel, bias } = node;
  const name = (role: string) => `${normalization.output.name}/${role}`;
  // Where in a kernel a number's channel of the output is told.
  const [inner, outer] = [kernel.shape.at(-1)!, kernel.shape.at(-2)!];
  const channelOf = {
    Dense: (i: number) => i % inner,
    Conv: (i: number) => i % inner,
    DepthwiseConv: (i: number) => i % (inner * outer),
    ConvTranspose: (i: number) => Math.floor(i / inner) % outer,
  }[node.op];
  return {
    kernel: { name: name('kernel'), shape: kernel.shape, data: kernel.data.map((w, i) => w * scale[channelOf(i)]!) },
    bias: {
      name: name('bias'),
      shape: [scale.length],
      data: shift.map((value, channel) => (bias?.data[channel] ?? 0) * scale[channel]! + value),
    },
  };
}
