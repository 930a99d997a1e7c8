import type { OnnxGraph, OnnxNode } from './proto.js';

/** Names that a node reads: its inputs, and what graphs inside it take from around them. */
export function valuesRead({ inputs, attributes }: OnnxNode): string[] {
  const inside = Object.values(attributes).flatMap((one) => (one.kind === 'graph' ? readFromOutside(one.value) : []));
  return [...inputs.filter((name) => name !== ''), ...inside];
}

function readFromOutside({ inputs, outputs, nodes, constants }: OnnxGraph): string[] {
  const own = new Set([...inputs, ...constants].map(({ name }) => name));
  for (const node of nodes) for (const name of node.outputs) own.add(name);
  const read = [...nodes.flatMap(valuesRead), ...outputs.map(({ name }) => name)];
  return [...new Set(read)].filter((name) => !own.has(name));
}
