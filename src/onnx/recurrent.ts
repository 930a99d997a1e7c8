/** Recurrent layers as ONNX's LSTM, GRU and RNN. */
import type { BidirectionalNode, RecurrentCell, RecurrentNode, ValueInfo } from '../graph/index.js';
import { int, ints, type OnnxBuilder } from './builder.js';
import type { ValueTable } from './layout.js';
import { writeMaskedPass } from './masked-recurrent.js';
import {
  givenStates,
  hasOperator,
  OPERATOR,
  operatorAttributes,
  type PassNode,
  recurrentWeights,
  type WritePass,
  writeReversed,
} from './recurrent-operator.js';
import { writeScannedPass } from './scanned-recurrent.js';

/** What an operator makes, each with an axis for its directions; those that nobody reads are pruned later. */
interface Passes {
  /** `[time, direction, batch, units]` */
  readonly sequence: string;
  /** `[direction, batch, units]` after the last step, then an LSTM's cell state. */
  readonly states: readonly string[];
}

/** States to begin with, `[batch, units]` for each direction → `[direction, batch, units]`. */
function writeInitialStates(builder: OnnxBuilder, values: ValueTable, node: PassNode, directions: number): string[] {
  const given = givenStates(node);
  const kinds = given.length / directions;
  return Array.from({ length: kinds }, (_, kind) => {
    const each = Array.from({ length: directions }, (_unused, direction) => given[direction * kinds + kind]!);
    const laid = each.map((state) =>
      builder.op('Unsqueeze', `${node.name}/begin`, [values.get(state, 'asIs'), builder.int64([0])]),
    );
    if (laid.length === 1) return laid[0]!;
    return builder.op('Concat', `${node.name}/begin/both`, laid, { attributes: { axis: int(0) } });
  });
}

function writePasses(
  builder: OnnxBuilder,
  values: ValueTable,
  node: PassNode,
  cells: readonly RecurrentCell[],
  direction: string,
): Passes {
  const { name } = node;
  const weights = recurrentWeights(builder, name, cells);
  const initial = writeInitialStates(builder, values, node, cells.length);
  const bias = initial.length > 0 && weights.length === 2 ? [''] : [];
  const begin = initial.length > 0 ? ['', ...initial] : [];
  const inputs = [values.get(node.inputs[0]!, 'timeMajor'), ...weights, ...bias, ...begin];
  const sequence = `${name}/directions`;
  const states = cells[0]!.kind === 'lstm' ? [`${name}/Y_h`, `${name}/Y_c`] : [`${name}/Y_h`];
  builder.ops(
    OPERATOR[cells[0]!.kind],
    name,
    inputs,
    [sequence, ...states],
    operatorAttributes(name, cells, direction),
  );
  return { sequence, states };
}

/** A value without its axis of one direction. */
function squeeze(builder: OnnxBuilder, x: string, axis: number, name: string, output?: string): string {
  return builder.op('Squeeze', name, [x, builder.int64([axis])], output === undefined ? {} : { output });
}

/** Both directions of a value apart. */
function splitDirections(builder: OnnxBuilder, x: string, axis: number, name: string, outputs: [string, string]): void {
  const halves = [`${name}/forward`, `${name}/backward`];
  const attributes = { axis: int(axis) };
  builder.ops('Split', name, [x, builder.int64([1, 1])], halves, attributes);
  outputs.forEach((output, i) => {
    squeeze(builder, halves[i]!, axis, `${name}/${i}`, output);
  });
}

function define(values: ValueTable, info: ValueInfo, layout: 'asIs' | 'timeMajor'): string {
  const output = layout === 'asIs' ? info.name : `${info.name}/timeMajor`;
  values.define(info.name, info.shape, layout, output);
  return output;
}

/** A pass that has no operator of its own: over some steps alone, or with activations that operators lack. */
const writeSpecialPass: WritePass = (builder, values, node, cell, place, backwards) => {
  const write = hasOperator(cell) ? writeMaskedPass : writeScannedPass;
  return write(builder, values, node, cell, place, backwards);
};

function defineAs(builder: OnnxBuilder, values: ValueTable, { name, shape }: ValueInfo, made: string): void {
  values.define(name, shape, 'asIs', builder.named(made, name));
}

export function writeRecurrent(builder: OnnxBuilder, values: ValueTable, node: RecurrentNode): void {
  if (node.masked || !hasOperator(node.cell)) {
    const pass = writeSpecialPass(builder, values, node, node.cell, 0, node.goBackwards);
    defineAs(builder, values, node.output, node.returnSequences ? pass.sequenceOfPass() : pass.states[0]!);
    node.states.forEach((state, i) => {
      defineAs(builder, values, state, pass.states[i]!);
    });
    return;
  }
  const { name } = node.output;
  const { sequence, states } = writePasses(
    builder,
    values,
    node,
    [node.cell],
    node.goBackwards ? 'reverse' : 'forward',
  );
  node.states.forEach((state, i) => {
    squeeze(builder, states[i]!, 0, `${state.name}/squeeze`, define(values, state, 'asIs'));
  });
  if (!node.returnSequences) {
    squeeze(builder, states[0]!, 0, `${name}/squeeze`, define(values, node.output, 'asIs'));
    return;
  }
  const output = define(values, node.output, 'timeMajor');
  if (!node.goBackwards) {
    squeeze(builder, sequence, 1, `${name}/squeeze`, output);
    return;
  }
  // ONNX returns a reverse pass in the order of time, Keras in the order of the pass.
  writeReversed(builder, squeeze(builder, sequence, 1, `${name}/squeeze`), 0, `${name}/reverse`, output);
}

export function writeBidirectional(builder: OnnxBuilder, values: ValueTable, node: BidirectionalNode): void {
  if (node.masked || !hasOperator(node.forward)) {
    writeApart(builder, values, node);
    return;
  }
  const { name } = node.output;
  const { sequence, states } = writePasses(builder, values, node, [node.forward, node.backward], 'bidirectional');
  const half = node.states.length / 2;
  for (let i = 0; i < half; i++) {
    const both = [node.states[i]!, node.states[half + i]!].map((state) => define(values, state, 'asIs'));
    splitDirections(builder, states[i]!, 0, `${name}/last/${i}`, [both[0]!, both[1]!]);
  }
  const layout = node.returnSequences ? 'timeMajor' : 'asIs';
  const axis = node.returnSequences ? 1 : 0;
  const y = node.returnSequences ? sequence : states[0]!;
  if (node.reversed !== null) {
    const outputs = [node.output, node.reversed].map((info) => define(values, info, layout));
    splitDirections(builder, y, axis, `${name}/split`, [outputs[0]!, outputs[1]!]);
    return;
  }
  mergeDirections(builder, node, y, axis, define(values, node.output, layout));
}

function mergeDirections(builder: OnnxBuilder, node: BidirectionalNode, y: string, axis: 0 | 1, output: string): void {
  const { name, merge } = node;
  if (merge === 'concat' || merge === 'none') {
    // [time, direction, batch, units] → [time, batch, direction, units] → [time, batch, 2·units]; without time for the last state
    const perm = axis === 1 ? [0, 2, 1, 3] : [1, 0, 2];
    const turned = builder.op('Transpose', `${name}/turn`, [y], { attributes: { perm: ints(perm) } });
    const joined = [...new Array<number>(axis + 1).fill(0), 2 * node.forward.units];
    builder.op('Reshape', `${name}/merge`, [turned, builder.int64(joined)], { output });
    return;
  }
  const reduction = ({ sum: 'ReduceSum', average: 'ReduceMean', product: 'ReduceProd' } as const)[merge];
  builder.reduce(reduction, `${name}/merge`, y, [axis], { output });
}

/** Both directions as passes of their own: behind a mask each meets other steps first. */
function writeApart(builder: OnnxBuilder, values: ValueTable, node: BidirectionalNode): void {
  const passes = [
    writeSpecialPass(builder, values, node, node.forward, 0, false),
    writeSpecialPass(builder, values, node, node.backward, 1, true),
  ];
  const states = passes.flatMap((pass) => pass.states);
  node.states.forEach((state, i) => {
    defineAs(builder, values, state, states[i]!);
  });
  const halves = passes.map((pass) => (node.returnSequences ? pass.sequenceOfTime() : pass.states[0]!));
  const { name, shape } = node.output;
  if (node.merge === 'none') {
    defineAs(builder, values, node.output, halves[0]!);
    if (node.reversed !== null) defineAs(builder, values, node.reversed, halves[1]!);
    return;
  }
  const opType = ({ concat: 'Concat', sum: 'Sum', average: 'Mean', product: 'Mul' } as const)[node.merge];
  const attributes = node.merge === 'concat' ? { axis: int(-1) } : {};
  values.define(name, shape, 'asIs', builder.op(opType, `${name}/merge`, halves, { output: name, attributes }));
}
