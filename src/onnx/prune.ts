/** What nobody reads, left out of a file. */
import type { OnnxGraph, OnnxNode } from './proto.js';
import { valuesRead } from './values-read.js';

/** Operators that may leave outputs out. */
const OPTIONAL_OUTPUTS = ['LSTM', 'GRU', 'RNN'];

/**
 * A graph without nodes and constants that no output depends on, and without outputs of nodes that nobody reads where those
 * may go. Nodes stand behind those they read.
 */
export function pruned(graph: OnnxGraph): OnnxGraph {
  const read = new Set(graph.outputs.map(({ name }) => name));
  const kept: OnnxNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => read.has(output))) continue;
    for (const value of valuesRead(node)) read.add(value);
    kept.push(OPTIONAL_OUTPUTS.includes(node.opType) ? { ...node, outputs: wanted(node.outputs, read) } : node);
  }
  return { ...graph, nodes: kept.reverse(), constants: graph.constants.filter(({ name }) => read.has(name)) };
}

/** Outputs that are read, others between them without a name. */
function wanted(outputs: readonly string[], read: ReadonlySet<string>): string[] {
  const named = outputs.map((output) => (read.has(output) ? output : ''));
  return named.slice(0, named.findLastIndex((output) => output !== '') + 1);
}
