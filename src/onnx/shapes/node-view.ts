/** What a rule of shape inference is given: one node, and what is known of its inputs. */
import type { ElementType, OnnxConstant, OnnxGraph, OnnxNode } from '../proto.js';
import { Length } from './length.js';

/** One axis; null where nothing is known of its length. */
export type Axis = Length | null;
/** Null where not even the number of axes is known. */
export type Axes = readonly Axis[] | null;

/** What is known of a value before a run. */
export interface Known {
  readonly type: ElementType | null;
  readonly axes: Axes;
  /** What a scalar or short list of whole numbers holds: shapes, axes, starts. Null for everything else. */
  readonly numbers: readonly Axis[] | null;
  /** What a short constant list of floats holds: scales. */
  readonly floats?: readonly number[];
}

export const UNKNOWN: Known = { type: null, axes: null, numbers: null };

export function known(type: ElementType | null, axes: Axes, numbers: Known['numbers'] = null): Known {
  return { type, axes, numbers };
}

/** Lists of numbers up to this long are followed: no shape is longer. */
export const MOST_NUMBERS = 64;

export function knownConstant({ type, shape, data }: OnnxConstant): Known {
  const axes = shape.map(Length.of);
  if (shape.length > 1 || data.length > MOST_NUMBERS) return known(type, axes);
  if (data instanceof Float32Array) return { ...known(type, axes), floats: [...data] };
  if (data instanceof BigInt64Array)
    return known(
      type,
      axes,
      Array.from(data, (n) => Length.of(Number(n))),
    );
  return known(type, axes, data instanceof Int32Array ? Array.from(data, (n) => Length.of(n)) : null);
}

/** Infers a body's outputs; `inputs` in the order of the body's own. */
export type InferBody = (body: OnnxGraph, inputs: readonly Known[]) => Known[];

export class NodeView {
  readonly node: OnnxNode;
  readonly opset: number;
  readonly inferBody: InferBody;
  readonly #inputs: readonly (Known | null)[];

  constructor(node: OnnxNode, inputs: readonly (Known | null)[], opset: number, inferBody: InferBody) {
    this.node = node;
    this.opset = opset;
    this.inferBody = inferBody;
    this.#inputs = inputs;
  }

  /** Null where the node does not have that input. */
  get inputs(): readonly (Known | null)[] {
    return this.#inputs;
  }

  has(at: number): boolean {
    return (this.#inputs[at] ?? null) !== null;
  }

  input(at: number): Known {
    return this.#inputs[at] ?? UNKNOWN;
  }

  axes(at: number): Axes {
    return this.input(at).axes;
  }

  type(at = 0): ElementType | null {
    return this.input(at).type;
  }

  /** Numbers that an input holds, where all are known before a run. */
  numbers(at: number): readonly number[] | null {
    const values = this.input(at).numbers?.map((length) => length?.value ?? null);
    return values?.every((value) => value !== null) ? values : null;
  }

  int(name: string, otherwise: number): number {
    const attribute = this.node.attributes[name];
    return attribute?.kind === 'int' ? attribute.value : otherwise;
  }

  ints(name: string): readonly number[] | null {
    const attribute = this.node.attributes[name];
    return attribute?.kind === 'ints' ? attribute.value : null;
  }

  text(name: string, otherwise: string): string {
    const attribute = this.node.attributes[name];
    return attribute?.kind === 'string' ? attribute.value : otherwise;
  }

  tensor(name: string): OnnxConstant | null {
    const attribute = this.node.attributes[name];
    return attribute?.kind === 'tensor' ? attribute.value : null;
  }

  graph(name: string): OnnxGraph | null {
    const attribute = this.node.attributes[name];
    return attribute?.kind === 'graph' ? attribute.value : null;
  }

  /** Axes that older operator sets name in an attribute and newer ones in an input. */
  axesAt(at: number): readonly number[] | null {
    return this.has(at) ? this.numbers(at) : this.ints('axes');
  }
}

/** Outputs of a node, as many as the rule knows. */
export type Rule = (node: NodeView) => readonly Known[];
export type Rules = Readonly<Record<string, Rule>>;

/** An axis counted from the end where it is negative. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Two shapes side by side, as numpy's rules have it. */
export function broadcast(shapes: readonly Axes[]): Axes {
  const known = shapes.filter((shape) => shape !== null);
  if (known.length < shapes.length || known.length === 0) return null;
  const rank = Math.max(...known.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) =>
    known
      .map((shape): Axis => (axis < rank - shape.length ? ONE : shape[axis - rank + shape.length]!))
      .reduce(broadcastAxis),
  );
}

export const ONE = Length.of(1);

function broadcastAxis(a: Axis, b: Axis): Axis {
  if (a?.value === 1) return b;
  if (b?.value === 1) return a;
  if (a === null || b === null) return numberOf(a) ?? numberOf(b);
  if (a.value !== null && b.value !== null) return a.equals(b) ? a : null;
  // A number above 1 decides. Of two names both stand for the same length, or one for 1: the shorter one says it.
  return numberOf(a) ?? numberOf(b) ?? (a.text.length <= b.text.length ? a : b);
}

function numberOf(length: Axis): Axis {
  return length?.value === null ? null : length;
}

/** Cells of a shape; null where an axis is unknown. */
export function sizeOf(axes: Axes): Length | null {
  const known = axes?.filter((length) => length !== null);
  return axes !== null && known?.length === axes.length ? Length.product(known) : null;
}
