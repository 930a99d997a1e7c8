import { ModelError, mustBe } from '../errors.js';
import { nodeOutputs, outputShape, showShape } from './shapes.js';
import type { Graph, LayerNode, RecurrentCell, Shape, Weight } from './types.js';
import { nodeWeights } from './weights.js';

const GATES = { lstm: 4, gru: 3, simple: 1 } as const;
const STATES = { lstm: 2, gru: 1, simple: 1 } as const;

function fail(name: string, expected: string, got: unknown): never {
  throw new ModelError('ERR_MODEL', mustBe(name, expected, got));
}

function checkWeightData(weight: Weight): void {
  const size = weight.shape.reduce((product, dim) => product * dim, 1);
  if (weight.data.length !== size) {
    fail(`weight "${weight.name}"`, `${size} numbers (shape ${showShape(weight.shape)})`, weight.data.length);
  }
}

function checkShape(weight: Weight | null, shape: readonly number[]): void {
  if (weight !== null && showShape(weight.shape) !== showShape(shape)) {
    fail(`shape of weight "${weight.name}"`, showShape(shape), showShape(weight.shape));
  }
}

function checkRank(weight: Weight, rank: number): void {
  if (weight.shape.length !== rank) fail(`rank of weight "${weight.name}"`, String(rank), weight.shape.length);
}

function checkCell(cell: RecurrentCell): void {
  checkRank(cell.kernel, 2);
  const columns = GATES[cell.kind] * cell.units;
  checkShape(cell.kernel, [cell.kernel.shape[0]!, columns]);
  checkShape(cell.recurrentKernel, [cell.units, columns]);
  checkShape(cell.bias, [columns]);
}

function checkWeightShapes(node: LayerNode): void {
  switch (node.op) {
    case 'Dense':
      checkRank(node.kernel, 2);
      checkShape(node.bias, [node.kernel.shape[1]!]);
      break;
    case 'Conv':
      if (node.strides.length !== 1 && node.strides.length !== 2) {
        fail(`strides of layer "${node.name}"`, 'one or two numbers', node.strides);
      }
      if (node.dilation.length !== node.strides.length) {
        fail(`dilation of layer "${node.name}"`, `${node.strides.length} numbers`, node.dilation);
      }
      checkRank(node.kernel, node.strides.length + 2);
      checkShape(node.bias, [node.kernel.shape.at(-1)!]);
      break;
    case 'DepthwiseConv':
      checkRank(node.kernel, 4);
      checkShape(node.bias, [node.kernel.shape[2]! * node.kernel.shape[3]!]);
      break;
    case 'ConvTranspose':
      checkRank(node.kernel, node.strides.length + 2);
      checkShape(node.bias, [node.kernel.shape.at(-2)!]);
      break;
    case 'Embedding':
      checkRank(node.embeddings, 2);
      break;
    case 'LayerNormalization':
      for (const weight of [node.gamma, node.beta]) if (weight !== null) checkRank(weight, node.axes.length);
      break;
    case 'Upsample':
      if (node.size.length !== 2 || !node.size.every((times) => Number.isInteger(times) && times >= 1)) {
        fail(`size of layer "${node.name}"`, 'two positive whole numbers', node.size);
      }
      break;
    case 'BatchNormalization':
      checkRank(node.mean, 1);
      for (const weight of [node.gamma, node.beta, node.variance]) checkShape(weight, node.mean.shape);
      break;
    case 'Repeat':
      if (!(Number.isInteger(node.times) && node.times >= 1)) {
        fail(`times of layer "${node.name}"`, 'a positive whole number', node.times);
      }
      break;
    case 'Recurrent':
      checkCell(node.cell);
      break;
    case 'Bidirectional':
      checkCell(node.forward);
      checkCell(node.backward);
      checkShape(node.backward.kernel, node.forward.kernel.shape);
      break;
    default:
  }
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** Values that a node reads; a merge at least so many. */
function nInputs(node: LayerNode): number {
  switch (node.op) {
    case 'Merge':
    case 'Concatenate':
    case 'Dot':
    case 'UnfoldTime':
    case 'Masking':
      return 2;
    case 'Recurrent':
      return 1 + (node.initialState ? STATES[node.cell.kind] : 0) + (node.masked ? 1 : 0);
    case 'Bidirectional':
      return 1 + (node.initialState ? 2 * STATES[node.forward.kind] : 0) + (node.masked ? 1 : 0);
    default:
      return 1;
  }
}

function checkNode(node: LayerNode, values: ReadonlyMap<string, Shape>): void {
  const inputs = node.inputs.map((name) => {
    const shape = values.get(name);
    if (shape === undefined) fail(`input of layer "${node.name}"`, 'a value made before it', name);
    return shape;
  });
  const isMerge = node.op === 'Merge' || node.op === 'Concatenate';
  const wanted = nInputs(node);
  if (isMerge ? inputs.length < wanted : inputs.length !== wanted) {
    fail(`inputs of layer "${node.name}"`, `${wanted}${isMerge ? ' or more' : ''}`, inputs.length);
  }
  checkWeightShapes(node);
  const shape = outputShape(node, inputs);
  if (!sameShape(shape, node.output.shape)) {
    fail(`output shape of layer "${node.name}"`, showShape(shape), showShape(node.output.shape));
  }
}

/**
 * Checks that a graph holds together: unique names, values made before they are read, weights whose numbers,
 * shapes and declared output shapes agree. A graph that passes can be written or run without further checks.
 *
 * @throws ModelError `ERR_MODEL` naming the layer, value or weight that is wrong
 */
export function validateGraph(graph: Graph): void {
  const values = new Map<string, Shape>();
  const weights = new Map<string, Weight>();
  const nodeNames = new Set<string>();
  const define = (name: string, shape: Shape) => {
    if (values.has(name)) fail('name of a value', 'unique in the graph', name);
    values.set(name, shape);
  };
  if (graph.inputs.length === 0) fail('inputs of the graph', 'at least one value', 0);
  if (graph.outputs.length === 0) fail('outputs of the graph', 'at least one value', 0);
  for (const input of graph.inputs) define(input.name, input.shape);
  for (const node of graph.nodes) {
    if (nodeNames.has(node.name)) fail('name of a layer', 'unique in the graph', node.name);
    nodeNames.add(node.name);
    for (const weight of nodeWeights(node)) {
      const known = weights.get(weight.name);
      if (known !== undefined && known !== weight) fail('name of a weight', 'unique in the graph', weight.name);
      weights.set(weight.name, weight);
      checkWeightData(weight);
    }
    checkNode(node, values);
    for (const { name, shape } of nodeOutputs(node)) define(name, shape);
  }
  for (const name of graph.outputs) if (!values.has(name)) fail('output of the graph', 'a value of the graph', name);
}
