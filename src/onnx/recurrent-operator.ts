/** What ONNX's recurrent operators take: weights, activations and states in their order. */
import { concatFloats } from '../floats.js';
import type { BidirectionalNode, RecurrentCell, RecurrentNode } from '../graph/index.js';
import { hasRecurrentForm, recurrentActivation } from './activations.js';
import { floats, int, type OnnxBuilder, text, texts } from './builder.js';
import type { ValueTable } from './layout.js';

export type PassNode = RecurrentNode | BidirectionalNode;

/** What one pass over the steps of a sequence makes. */
export interface Pass {
  /** `[batch, units]` after the last step that counts, then an LSTM's cell state. */
  readonly states: readonly string[];
  /** `[batch, time, units]` in the order of time, or in the order in which the pass met the steps. */
  sequenceOfTime(): string;
  sequenceOfPass(): string;
}

/** Adds one pass of a layer. @param place of the pass among the layer's directions */
export type WritePass = (
  builder: OnnxBuilder,
  values: ValueTable,
  node: PassNode,
  cell: RecurrentCell,
  place: number,
  backwards: boolean,
) => Pass;

/** Whether ONNX's operator has the activations of a cell. */
export function hasOperator({ kind, activation, recurrentActivation: gate }: RecurrentCell): boolean {
  return hasRecurrentForm(activation) && (kind === 'simple' || hasRecurrentForm(gate));
}

export const OPERATOR = { lstm: 'LSTM', gru: 'GRU', simple: 'RNN' } as const;

/** Where each of ONNX's gates stands among the graph's: ONNX has i, o, f, c and z, r, h. */
const GATE_ORDER = { lstm: [0, 3, 1, 2], gru: [0, 1, 2], simple: [0] } as const;

/** `[rows, gates·units]`, gates in the graph's order → `[gates·units, rows]`, gates in ONNX's. */
function turnKernel(cell: RecurrentCell, data: Float32Array): Float32Array {
  const { units, kind } = cell;
  const order: readonly number[] = GATE_ORDER[kind];
  const columns = order.length * units;
  const rows = data.length / columns;
  const out = new Float32Array(data.length);
  order.forEach((gate, place) => {
    for (let unit = 0; unit < units; unit++) {
      const target = (place * units + unit) * rows;
      for (let row = 0; row < rows; row++) out[target + row] = data[row * columns + gate * units + unit]!;
    }
  });
  return out;
}

/** Input biases in ONNX's gate order, then as many zeros: ONNX adds a second bias to the state's product. */
function turnBias(cell: RecurrentCell, bias: Float32Array): Float32Array {
  const out = new Float32Array(2 * bias.length);
  const order: readonly number[] = GATE_ORDER[cell.kind];
  order.forEach((gate, place) => {
    out.set(bias.subarray(gate * cell.units, (gate + 1) * cell.units), place * cell.units);
  });
  return out;
}

/** The inputs W, R and, where there is one, B: `[direction, gates·units, …]`. */
export function recurrentWeights(builder: OnnxBuilder, name: string, cells: readonly RecurrentCell[]): string[] {
  const { kind, units, kernel } = cells[0]!;
  const columns = GATE_ORDER[kind].length * units;
  const weight = (role: string, shape: readonly number[], data: (cell: RecurrentCell) => Float32Array) =>
    builder.weight(`${name}/${role}`, [cells.length, ...shape], () => concatFloats(cells.map(data)));
  const kernels = [
    weight('W', [columns, kernel.shape[0]!], (cell) => turnKernel(cell, cell.kernel.data)),
    weight('R', [columns, units], (cell) => turnKernel(cell, cell.recurrentKernel.data)),
  ];
  if (cells.every(({ bias }) => bias === null)) return kernels;
  return [
    ...kernels,
    weight('B', [2 * columns], (cell) => turnBias(cell, cell.bias?.data ?? new Float32Array(columns))),
  ];
}

function activationAttributes(layer: string, cells: readonly RecurrentCell[]) {
  const all = cells.flatMap(({ kind, recurrentActivation: gate, activation }) =>
    ({ lstm: [gate, activation, activation], gru: [gate, activation], simple: [activation] })[kind].map((a) =>
      recurrentActivation(layer, a),
    ),
  );
  const alpha = all.flatMap((activation) => activation.alpha ?? []);
  const beta = all.flatMap((activation) => activation.beta ?? []);
  return {
    activations: texts(all.map(({ name }) => name)),
    ...(alpha.length > 0 ? { activation_alpha: floats(alpha) } : {}),
    ...(beta.length > 0 ? { activation_beta: floats(beta) } : {}),
  };
}

export function operatorAttributes(name: string, cells: readonly RecurrentCell[], direction: string) {
  const { kind, units } = cells[0]!;
  return {
    direction: text(direction),
    hidden_size: int(units),
    ...activationAttributes(name, cells),
    ...(kind === 'gru' ? { linear_before_reset: int(0) } : {}),
  };
}

/** Names of the states that a node is given, those of the forward pass first. */
export function givenStates(node: PassNode): readonly string[] {
  return node.initialState ? node.inputs.slice(1, node.masked ? -1 : undefined) : [];
}

/** Those of one pass. @param place of the pass among the directions of its layer */
export function statesOfPass(node: PassNode, cell: RecurrentCell, place: number): readonly string[] {
  const each = cell.kind === 'lstm' ? 2 : 1;
  return givenStates(node).slice(place * each, (place + 1) * each);
}

/** A value with one axis from its end to its beginning. */
export function writeReversed(builder: OnnxBuilder, x: string, axis: number, name: string, output?: string): string {
  const bounds = [[-1], [Number.MIN_SAFE_INTEGER], [axis], [-1]].map((list) => builder.int64(list));
  return builder.op('Slice', name, [x, ...bounds], output === undefined ? {} : { output });
}
