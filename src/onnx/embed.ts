/** A finished model as a part of another one: its operators under a prefix, its input and output joined to given values. */
import { ExportError } from '../errors.js';
import type { OnnxBuilder } from './builder.js';
import type { AttributeValue, OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './proto.js';

/** What a model takes and gives for one item, without the batch axis. */
export interface ModelPorts {
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/**
 * Shapes of a model with one float32 input and output, each with an open batch axis and no other.
 *
 * @param name what messages call it
 * @throws ExportError `ERR_EXPORT` for another one
 */
export function modelPorts({ graph }: OnnxModel, name: string): ModelPorts {
  const of = (what: string, ports: readonly OnnxValue[]): readonly number[] => {
    const [port, ...others] = ports;
    const [batch, ...item] = port?.shape ?? [];
    const known = item.filter((dim) => typeof dim === 'number');
    const fits =
      port?.type === 'float32' && others.length === 0 && typeof batch === 'string' && known.length === item.length;
    if (fits) return known;
    const got = ports.map((each) => `${each.name} ${each.type} [${each.shape.join(', ')}]`).join(', ');
    const expected = 'one float32 tensor [batch, …] with an open batch axis alone, to stand in a chain';
    throw new ExportError('ERR_EXPORT', `${what} of ${name} must be ${expected}, got ${got}`, { model: name });
  };
  return { input: of('input', graph.inputs), output: of('output', graph.outputs) };
}

/**
 * Adds a model's operators and constants, named `prefix/…`.
 *
 * @param input the value that its one input is
 * @returns the name of its one output
 */
export function embedModel(builder: OnnxBuilder, { graph }: OnnxModel, prefix: string, input: string): string {
  const own = graph.inputs[0]!.name;
  const renamed = (name: string): string => {
    if (name === '') return '';
    return name === own ? input : `${prefix}/${name}`;
  };
  for (const constant of graph.constants) builder.constant({ ...constant, name: renamed(constant.name) });
  for (const node of graph.nodes) builder.node(renamedNode(node, prefix, renamed));
  return renamed(graph.outputs[0]!.name);
}

type Rename = (name: string) => string;

function renamedNode(node: OnnxNode, prefix: string, renamed: Rename): OnnxNode {
  const attributes = Object.entries(node.attributes).map(([key, value]) => [key, renamedBody(value, prefix, renamed)]);
  return {
    ...node,
    name: `${prefix}/${node.name}`,
    inputs: node.inputs.map(renamed),
    outputs: node.outputs.map(renamed),
    attributes: Object.fromEntries(attributes),
  };
}

/** Bodies of loops see the values around them, so they are renamed with them. */
function renamedBody(attribute: AttributeValue, prefix: string, renamed: Rename): AttributeValue {
  if (attribute.kind !== 'graph') return attribute;
  const body = attribute.value;
  const value = (of: OnnxValue): OnnxValue => ({ ...of, name: renamed(of.name) });
  const inside: OnnxGraph = {
    ...body,
    inputs: body.inputs.map(value),
    outputs: body.outputs.map(value),
    nodes: body.nodes.map((node) => renamedNode(node, prefix, renamed)),
    constants: body.constants.map((constant) => ({ ...constant, name: renamed(constant.name) })),
  };
  return { kind: 'graph', value: inside };
}
