import { ExportError, mustBe } from '../errors.js';
import { concatFloats } from '../floats.js';
import type { BidirectionalNode, RecurrentCell, RecurrentNode } from '../graph/index.js';
import { recurrentActivation } from './activations.js';
import { floats, int, ints, type OnnxBuilder, text, texts } from './builder.js';
import type { ValueTable } from './layout.js';

/** Where each of ONNX's gates stands among the graph's: ONNX has i, o, f, c and z, r, h. */
const GATE_ORDER = { lstm: [0, 3, 1, 2], gru: [0, 1, 2] } as const;
const OPERATOR = { lstm: 'LSTM', gru: 'GRU' } as const;

type Node = RecurrentNode | BidirectionalNode;

/** `[rows, gates·units]`, gates in the graph's order → `[gates·units, rows]`, gates in ONNX's. */
function turnKernel(cell: RecurrentCell, data: Float32Array): Float32Array {
  const { units, kind } = cell;
  const order = GATE_ORDER[kind];
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
  GATE_ORDER[cell.kind].forEach((gate, place) => {
    out.set(bias.subarray(gate * cell.units, (gate + 1) * cell.units), place * cell.units);
  });
  return out;
}

function activationAttributes(layer: string, cells: readonly RecurrentCell[]) {
  const all = cells.flatMap(({ kind, recurrentActivation: gate, activation }) =>
    (kind === 'lstm' ? [gate, activation, activation] : [gate, activation]).map((a) => recurrentActivation(layer, a)),
  );
  const alpha = all.flatMap((activation) => activation.alpha ?? []);
  const beta = all.flatMap((activation) => activation.beta ?? []);
  return {
    activations: texts(all.map(({ name }) => name)),
    ...(alpha.length > 0 ? { activation_alpha: floats(alpha) } : {}),
    ...(beta.length > 0 ? { activation_beta: floats(beta) } : {}),
  };
}

/** A state to begin with, `[batch, units]` → `[direction, batch, units]`. */
function writeState(builder: OnnxBuilder, values: ValueTable, node: Node, state: string): string {
  return builder.op('Unsqueeze', `${node.name}/begin`, [values.get(state, 'asIs'), builder.int64([0])]);
}

/** One operator over one or two directions; returns its sequence `[time, direction, batch, units]` or last state `[direction, batch, units]`. */
function writeOperator(
  builder: OnnxBuilder,
  values: ValueTable,
  node: Node,
  cells: readonly RecurrentCell[],
  direction: string,
): string {
  const { kind, units, kernel } = cells[0]!;
  const columns = GATE_ORDER[kind].length * units;
  const weight = (role: string, shape: readonly number[], data: (cell: RecurrentCell) => Float32Array) =>
    builder.weight(`${node.name}/${role}`, [cells.length, ...shape], () => concatFloats(cells.map(data)));
  const inputs = [
    values.get(node.inputs[0]!, 'timeMajor'),
    weight('W', [columns, kernel.shape[0]!], (cell) => turnKernel(cell, cell.kernel.data)),
    weight('R', [columns, units], (cell) => turnKernel(cell, cell.recurrentKernel.data)),
  ];
  if (cells[0]!.bias !== null) {
    inputs.push(weight('B', [2 * columns], (cell) => turnBias(cell, cell.bias?.data ?? new Float32Array(columns))));
  }
  if (node.masked) {
    const expected = 'without a mask: ONNX has no recurrent operator that passes over steps in the middle';
    throw new ExportError('ERR_EXPORT', mustBe(`layer "${node.name}"`, expected, 'one behind a Masking layer'));
  }
  if (node.inputs.length > 1) {
    if (inputs.length === 3) inputs.push('');
    inputs.push('', ...node.inputs.slice(1).map((state) => writeState(builder, values, node, state)));
  }
  const attributes = {
    direction: text(direction),
    hidden_size: int(units),
    ...activationAttributes(node.name, cells),
    ...(kind === 'gru' ? { linear_before_reset: int(0) } : {}),
  };
  const output = `${node.name}/directions`;
  builder.ops(OPERATOR[kind], node.name, inputs, node.returnSequences ? [output] : ['', output], attributes);
  return output;
}

export function writeRecurrent(builder: OnnxBuilder, values: ValueTable, node: RecurrentNode): void {
  const { name, shape } = node.output;
  const direction = node.goBackwards ? 'reverse' : 'forward';
  const y = writeOperator(builder, values, node, [node.cell], direction);
  if (!node.returnSequences) {
    const last = builder.op('Squeeze', `${name}/squeeze`, [y, builder.int64([0])], { output: name });
    values.define(name, shape, 'asIs', last);
    return;
  }
  const output = `${name}/timeMajor`;
  if (!node.goBackwards) {
    values.define(
      name,
      shape,
      'timeMajor',
      builder.op('Squeeze', `${name}/squeeze`, [y, builder.int64([1])], { output }),
    );
    return;
  }
  // ONNX returns a reverse pass in the order of time, Keras in the order of the pass.
  const inTime = builder.op('Squeeze', `${name}/squeeze`, [y, builder.int64([1])]);
  const [last, beforeFirst, axis, back] = [[-1], [Number.MIN_SAFE_INTEGER], [0], [-1]].map((list) =>
    builder.int64(list),
  );
  const slice = [inTime, last!, beforeFirst!, axis!, back!];
  values.define(name, shape, 'timeMajor', builder.op('Slice', `${name}/reverse`, slice, { output }));
}

export function writeBidirectional(builder: OnnxBuilder, values: ValueTable, node: BidirectionalNode): void {
  const { name, shape } = node.output;
  const y = writeOperator(builder, values, node, [node.forward, node.backward], 'bidirectional');
  const layout = node.returnSequences ? 'timeMajor' : 'asIs';
  const output = node.returnSequences ? `${name}/timeMajor` : name;
  values.define(name, shape, layout, mergeDirections(builder, node, y, output));
}

function mergeDirections(builder: OnnxBuilder, node: BidirectionalNode, y: string, output: string): string {
  const axis = node.returnSequences ? 1 : 0;
  const { name } = node;
  if (node.merge === 'concat') {
    // [time, direction, batch, units] → [time, batch, direction, units] → [time, batch, 2·units]; without time for the last state
    const perm = node.returnSequences ? [0, 2, 1, 3] : [1, 0, 2];
    const turned = builder.op('Transpose', `${name}/turn`, [y], { attributes: { perm: ints(perm) } });
    const joined = [...new Array<number>(axis + 1).fill(0), 2 * node.forward.units];
    return builder.op('Reshape', `${name}/merge`, [turned, builder.int64(joined)], { output });
  }
  const reduction = ({ sum: 'ReduceSum', average: 'ReduceMean', product: 'ReduceProd' } as const)[node.merge];
  return builder.reduce(reduction, `${name}/merge`, y, [axis], { output });
}
