import type { OnnxGraph, OnnxModel, OnnxNode } from './proto.js';

/**
 * What is wrong with how a model's nodes hang together (ONNX's rule of single assignment): a value that is read before
 * anything makes it, made twice, or promised and never made; a node without an operator, or with the name of another, which
 * onnxruntime refuses.
 *
 * @returns a sentence each; none for a well-formed model
 */
export function graphFaults({ graph }: OnnxModel): string[] {
  return faultsOf(graph, new Set());
}

/** @param around values that a body of a loop may read from outside */
function faultsOf(graph: OnnxGraph, around: ReadonlySet<string>): string[] {
  const made = new Set(around);
  const faults: string[] = [];
  const define = (name: string, by: string) => {
    if (name === '') faults.push(`${by} has no name`);
    else if (made.has(name)) faults.push(`value "${name}" of ${by} is there already`);
    made.add(name);
  };
  for (const { name } of graph.inputs) define(name, 'an input');
  for (const { name } of graph.constants) define(name, 'a constant');
  for (const node of graph.nodes) {
    const what = nameOf(node);
    if (node.opType === '') faults.push(`${what} has no operator`);
    for (const name of node.inputs) {
      if (name !== '' && !made.has(name)) faults.push(`${what} reads "${name}", which nothing before it makes`);
    }
    for (const one of Object.values(node.attributes)) {
      if (one.kind === 'graph') faults.push(...faultsOf(one.value, made));
    }
    for (const name of node.outputs) if (name !== '') define(name, what);
  }
  for (const { name } of graph.outputs) {
    if (!made.has(name)) faults.push(`nothing makes output "${name}"`);
  }
  const named = graph.nodes.map(({ name }) => name).filter(Boolean);
  for (const name of new Set(named.filter((name, i) => named.indexOf(name) !== i))) {
    faults.push(`several nodes have the name "${name}"`);
  }
  const promised = graph.outputs.map(({ name }) => name);
  if (new Set(promised).size < promised.length) faults.push(`outputs ${promised.join(', ')} have a name twice`);
  return faults;
}

function nameOf({ opType, name }: OnnxNode): string {
  return `node "${name}" (${opType || '?'})`;
}
