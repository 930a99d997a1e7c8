import { ELEMENT_TYPES, type ElementType, type OnnxNode } from '../proto.js';

/** Part of the names of a front-end's operators and tables: a transform in fewer bits would drown quiet sounds. */
const FRONT_END = 'front_end';

/** Whether a name is one of the front-end inside a model, perhaps behind the name of its part of a chain. */
export function isFrontEnd(name: string): boolean {
  return name.split('/').includes(FRONT_END);
}

/** A node whose name is its output's. */
export function nodeOf(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: OnnxNode['attributes'] = {},
): OnnxNode {
  return { opType, name: output, inputs, outputs: [output], attributes };
}

export function castTo(type: ElementType, input: string, output: string): OnnxNode {
  return nodeOf('Cast', [input], output, { to: { kind: 'int', value: ELEMENT_TYPES[type] } });
}
