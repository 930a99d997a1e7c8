/** What nobody reads, left out of a file. */
import type { OnnxConstant, OnnxGraph, OnnxNode } from './proto.js';
import { valuesRead } from './values-read.js';

type Parts = Pick<OnnxGraph, 'nodes' | 'constants'>;

/** Operators that may leave outputs out. */
const OPTIONAL_OUTPUTS = ['LSTM', 'GRU', 'RNN'];

/** The nodes and constants behind some values, in the order they had, without outputs that nobody reads where those may go. */
export function pruned({ nodes, constants }: Parts, outputs: readonly string[]): Parts {
  const read = new Set(outputs);
  const kept: OnnxNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((output) => read.has(output))) continue;
    for (const value of valuesRead(node)) read.add(value);
    const named = node.outputs.map((output) => (read.has(output) ? output : ''));
    const wanted = named.slice(0, named.findLastIndex((output) => output !== '') + 1);
    kept.push(OPTIONAL_OUTPUTS.includes(node.opType) ? { ...node, outputs: wanted } : node);
  }
  return { nodes: kept.reverse(), constants: constants.filter(({ name }: OnnxConstant) => read.has(name)) };
}
