/**
 * Types and shapes of all values of a model before it runs. Follows the operators of ONNX's default set that this
 * library's writers use and what their neighbours are made of; of another, nothing is known.
 */
import { type ElementType, type OnnxGraph, type OnnxModel, type OnnxValue, UNKNOWN_AXIS } from '../proto.js';
import { AXIS_RULES } from './axis-rules.js';
import { BODY_RULES } from './body-rules.js';
import { ELEMENTWISE_RULES } from './elementwise-rules.js';
import { INDEX_RULES } from './index-rules.js';
import { Length } from './length.js';
import { type Known, known, knownConstant, NodeView, type Rules, UNKNOWN } from './node-view.js';
import { PRODUCT_RULES } from './product-rules.js';

const RULES: Rules = { ...ELEMENTWISE_RULES, ...AXIS_RULES, ...INDEX_RULES, ...PRODUCT_RULES, ...BODY_RULES };

/** What is known of a value: a number a known axis, a text (`batch`, `time-4`) one that a run decides, null an unknown one. */
export interface InferredValue {
  readonly type: ElementType | null;
  /** Null where not even the number of axes is known. */
  readonly shape: readonly (number | string | null)[] | null;
}

/** Operators whose outputs have known shapes. */
export function hasShapeRule(opType: string): boolean {
  return Object.hasOwn(RULES, opType);
}

/**
 * @returns by name: inputs, constants, and what every node makes; names inside bodies of loops are not among them
 */
export function inferShapes({ graph, opset }: OnnxModel): ReadonlyMap<string, InferredValue> {
  const values = inferGraph(graph, graph.inputs.map(knownInput), opset, new Map());
  return new Map([...values].map(([name, value]) => [name, told(value)]));
}

function told({ type, axes }: Known): InferredValue {
  return { type, shape: axes?.map((length) => (length === null ? null : (length.value ?? length.text))) ?? null };
}

function knownInput({ type, shape }: OnnxValue): Known {
  return known(
    type,
    shape.map((length) => (length === UNKNOWN_AXIS ? null : Length.of(length))),
  );
}

/** @param outer values around a body, which it may read by name */
function inferGraph(graph: OnnxGraph, inputs: readonly Known[], opset: number, outer: ReadonlyMap<string, Known>) {
  const values = new Map(outer);
  for (const constant of graph.constants) values.set(constant.name, knownConstant(constant));
  graph.inputs.forEach(({ name }, i) => {
    values.set(name, inputs[i] ?? UNKNOWN);
  });
  const inferBody = (body: OnnxGraph, given: readonly Known[]): Known[] => {
    const inside = inferGraph(body, given, opset, values);
    return body.outputs.map(({ name }) => inside.get(name) ?? UNKNOWN);
  };
  for (const node of graph.nodes) {
    const read = node.inputs.map((name) => (name === '' ? null : (values.get(name) ?? UNKNOWN)));
    const view = new NodeView(node, read, opset, inferBody);
    const rule = Object.hasOwn(RULES, node.opType) ? RULES[node.opType]! : () => [];
    const made = rule(view);
    node.outputs.forEach((name, i) => {
      if (name !== '') values.set(name, made[i] ?? UNKNOWN);
    });
  }
  return values;
}
