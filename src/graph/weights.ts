import type { Graph, LayerNode, RecurrentCell, Weight } from './types.js';

function cellWeights(cell: RecurrentCell): (Weight | null)[] {
  return [cell.kernel, cell.recurrentKernel, cell.bias];
}

/** The weights of one node, in the order in which its type declares them. */
export function nodeWeights(node: LayerNode): Weight[] {
  return optionalWeights(node).filter((weight) => weight !== null);
}

function optionalWeights(node: LayerNode): (Weight | null)[] {
  switch (node.op) {
    case 'Dense':
    case 'Conv':
    case 'DepthwiseConv':
    case 'ConvTranspose':
      return [node.kernel, node.bias];
    case 'PRelu':
      return [node.alpha];
    case 'Embedding':
      return [node.embeddings];
    case 'LayerNormalization':
      return [node.gamma, node.beta];
    case 'BatchNormalization':
      return [node.gamma, node.beta, node.mean, node.variance];
    case 'Recurrent':
      return cellWeights(node.cell);
    case 'Bidirectional':
      return [...cellWeights(node.forward), ...cellWeights(node.backward)];
    default:
      return [];
  }
}

/** Every weight once, in order of first use. */
export function graphWeights(graph: Graph): Weight[] {
  const byName = new Map<string, Weight>();
  for (const node of graph.nodes) {
    for (const weight of nodeWeights(node)) if (!byName.has(weight.name)) byName.set(weight.name, weight);
  }
  return [...byName.values()];
}

/** Numbers in all weights, shared ones counted once. */
export function countParameters(graph: Graph): number {
  return graphWeights(graph).reduce((sum, weight) => sum + weight.data.length, 0);
}
