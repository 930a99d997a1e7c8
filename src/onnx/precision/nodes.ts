import { ELEMENT_TYPES, type ElementType, type OnnxGraph, type OnnxNode } from '../proto.js';

/** Part of the names of a front-end's operators and tables: a transform in fewer bits would drown quiet sounds. */
const FRONT_END = 'front_end';

/** Whether a name is one of the front-end inside a model, perhaps behind the name of its part of a chain. */
export function isFrontEnd(name: string): boolean {
  return name.split('/').includes(FRONT_END);
}

/** Makes nodes and names of values that a graph does not have yet. */
export class NodeMaker {
  readonly #values: Set<string>;
  readonly #nodes: Set<string>;

  constructor({ inputs, constants, nodes }: OnnxGraph) {
    this.#values = new Set([...inputs, ...constants].map(({ name }) => name));
    for (const { outputs } of nodes) for (const name of outputs) this.#values.add(name);
    this.#nodes = new Set(nodes.map(({ name }) => name));
  }

  /** @returns the name, numbered where it is taken */
  value(name: string): string {
    return free(name, this.#values);
  }

  /** A node that is called like its first output. */
  node(opType: string, inputs: readonly string[], outputs: readonly string[], to?: ElementType): OnnxNode {
    const attributes = to === undefined ? {} : { to: { kind: 'int', value: ELEMENT_TYPES[to] } as const };
    return { opType, name: free(outputs[0]!, this.#nodes), inputs, outputs, attributes };
  }

  cast(to: ElementType, input: string, output: string): OnnxNode {
    return this.node('Cast', [input], [output], to);
  }
}

function free(name: string, taken: Set<string>): string {
  let found = name;
  for (let n = 1; taken.has(found); n++) found = `${name}#${n}`;
  taken.add(found);
  return found;
}
