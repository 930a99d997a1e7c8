/** What a graph's outputs depend on. */
import type { AttributeValue, OnnxGraph, OnnxNode } from './proto.js';

/** The graph without operators and constants that no output depends on. Operators stand behind those they read. */
export function withoutDead(graph: OnnxGraph): OnnxGraph {
  const read = new Set(graph.outputs.map(({ name }) => name));
  const live: OnnxNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => read.has(name))) continue;
    live.push(node);
    for (const name of namesReadBy(node)) read.add(name);
  }
  return { ...graph, nodes: live.reverse(), constants: graph.constants.filter(({ name }) => read.has(name)) };
}

/** With those that the bodies of loops read from around them. */
function namesReadBy({ inputs, attributes }: OnnxNode): string[] {
  const bodies = Object.values(attributes).filter(isGraph);
  const inside = bodies.flatMap(({ value }) => [
    ...value.nodes.flatMap(namesReadBy),
    ...value.outputs.map(({ name }) => name),
  ]);
  return [...inputs, ...inside];
}

function isGraph(attribute: AttributeValue): attribute is Extract<AttributeValue, { kind: 'graph' }> {
  return attribute.kind === 'graph';
}
