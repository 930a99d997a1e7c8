/** A recurrent pass as a loop over its steps, for cells with activations that ONNX's operators lack. */
import type { RecurrentCell, Weight } from '../graph/index.js';
import { writeActivation } from './activations.js';
import { graph, int, ints, OnnxBuilder } from './builder.js';
import type { OnnxGraph, OnnxValue } from './proto.js';
import { statesOfPass, type WritePass, writeReversed } from './recurrent-operator.js';

const GATES = { lstm: 4, gru: 3, simple: 1 } as const;

export const writeScannedPass: WritePass = (builder, values, node, cell, place, backwards) => {
  const name = `${node.name}/${place === 0 ? 'pass' : 'backwardPass'}`;
  const op = (opType: string, part: string, inputs: readonly string[], attributes = {}) =>
    builder.op(opType, `${name}/${part}`, inputs, { attributes });
  const names = cell.kind === 'lstm' ? ['h', 'c'] : ['h'];
  const x = values.get(node.inputs[0]!, 'timeMajor');
  const product = op('MatMul', 'product', [x, plain(builder, cell.kernel)]);
  const gates = cell.bias === null ? product : op('Add', 'gates', [product, plain(builder, cell.bias)]);
  const mask = node.masked
    ? [op('Unsqueeze', 'mask', [values.get(node.inputs.at(-1)!, 'timeMajor'), builder.int64([2])])]
    : [];
  // Turned before and after rather than by the operator's own attributes, which not every runtime has.
  const scanned = [gates, ...mask].map((value, i) =>
    backwards ? writeReversed(builder, value, 0, `${name}/back/${i}`) : value,
  );
  const given = statesOfPass(node, cell, place).map((state) => values.get(state, 'asIs'));
  const begin = given.length > 0 ? given : names.map(() => zeros());
  const states = names.map((state) => `${name}/last_${state}`);
  const steps = `${name}/steps`;
  const attributes = {
    body: graph(cellBody(builder.opset, `${name}/body`, cell, names, node.masked)),
    num_scan_inputs: int(scanned.length),
  };
  builder.ops('Scan', `${name}/scan`, [...begin, ...scanned], [...states, steps], attributes);
  const sequenceOfPass = () => op('Transpose', 'sequence', [steps], { perm: ints([1, 0, 2]) });
  return {
    states,
    sequenceOfPass,
    sequenceOfTime: () =>
      backwards ? writeReversed(builder, sequenceOfPass(), 1, `${name}/turned`) : sequenceOfPass(),
  };

  /** A state of zeros for each item of the batch. */
  function zeros(): string {
    const batch = op('Slice', 'batch', [op('Shape', 'shape', [x]), builder.int64([1]), builder.int64([2])]);
    const shape = op('Concat', 'stateShape', [batch, builder.int64([cell.units])], { axis: int(0) });
    return op('Expand', 'zeros', [builder.scalar(0), shape]);
  }
};

function plain(builder: OnnxBuilder, { name, shape, data }: Weight): string {
  return builder.weight(name, shape, () => data);
}

/** One step: states and a step's gates (and mask) → states, and the hidden state again as the step's output. */
function cellBody(
  opset: number,
  name: string,
  cell: RecurrentCell,
  states: readonly string[],
  masked: boolean,
): OnnxGraph {
  const builder = new OnnxBuilder(opset, `${name}/`);
  const before = states.map((state) => `${name}/${state}`);
  const [gates, mask] = [`${name}/gates`, `${name}/mask`];
  const after = STEPS[cell.kind](builder, name, cell, before, gates);
  const kept = masked ? after.map((state, i) => keepUnlessCounted(builder, name, mask, state, before[i]!)) : after;
  const outputs = kept.map((state, i) => builder.named(state, `${before[i]}_after`));
  const output = builder.named(outputs[0]!, `${name}/step`);
  const value = (of: string, width: number): OnnxValue => ({ name: of, type: 'float32', shape: ['batch', width] });
  return {
    name,
    inputs: [
      ...before.map((state) => value(state, cell.units)),
      value(gates, GATES[cell.kind] * cell.units),
      ...(masked ? [value(mask, 1)] : []),
    ],
    outputs: [...outputs, output].map((made) => value(made, cell.units)),
    nodes: builder.nodes,
    constants: builder.constants,
  };
}

/** `mask·after + (1 − mask)·before` */
function keepUnlessCounted(builder: OnnxBuilder, name: string, mask: string, after: string, before: string): string {
  const change = builder.op('Sub', `${name}/change`, [after, before]);
  return builder.op('Add', `${name}/kept`, [before, builder.op('Mul', `${name}/counted`, [change, mask])]);
}

type Step = (
  builder: OnnxBuilder,
  name: string,
  cell: RecurrentCell,
  before: readonly string[],
  gates: string,
) => string[];

/** Columns of a kernel, gate by gate. */
function gateColumns(
  builder: OnnxBuilder,
  { recurrentKernel, units, kind }: RecurrentCell,
  first: number,
  end: number,
): string {
  const all = GATES[kind] * units;
  const width = (end - first) * units;
  return builder.weight(`${recurrentKernel.name}/gates/${first}-${end}`, [units, width], () => {
    const columns = new Float32Array(units * width);
    for (let row = 0; row < units; row++) {
      const from = row * all + first * units;
      columns.set(recurrentKernel.data.subarray(from, from + width), row * width);
    }
    return columns;
  });
}

function activated(
  builder: OnnxBuilder,
  cell: RecurrentCell,
  which: 'activation' | 'recurrentActivation',
  x: string,
  name: string,
) {
  const activation = cell[which];
  return activation === 'linear' ? x : writeActivation(builder, activation, x, name, `${name}/out`);
}

/** Parts of equal width along the last axis. */
function split(builder: OnnxBuilder, x: string, units: number, parts: readonly string[]): readonly string[] {
  const sizes = builder.int64(parts.map(() => units));
  builder.ops('Split', `${x}/split`, [x, sizes], parts, { axis: int(-1) });
  return parts;
}

const STEPS: Readonly<Record<RecurrentCell['kind'], Step>> = {
  simple: (builder, name, cell, [h], gates) => {
    const recurrent = builder.op('MatMul', `${name}/recurrent`, [h!, gateColumns(builder, cell, 0, 1)]);
    return [
      activated(builder, cell, 'activation', builder.op('Add', `${name}/sum`, [gates, recurrent]), `${name}/activated`),
    ];
  },
  gru: (builder, name, cell, [h], gates) => {
    const op = (opType: string, part: string, inputs: readonly string[]) =>
      builder.op(opType, `${name}/${part}`, inputs);
    const parts = split(
      builder,
      gates,
      cell.units,
      ['update', 'reset', 'new'].map((gate) => `${name}/x_${gate}`),
    );
    const recurrent = op('MatMul', 'recurrent', [h!, gateColumns(builder, cell, 0, 2)]);
    const [hUpdate, hReset] = split(builder, recurrent, cell.units, [`${name}/h_update`, `${name}/h_reset`]);
    const gate = (part: string, x: string, own: string) =>
      activated(builder, cell, 'recurrentActivation', op('Add', `${part}/sum`, [x, own]), `${name}/${part}`);
    const update = gate('update', parts[0]!, hUpdate!);
    const reset = op('Mul', 'remembered', [gate('reset', parts[1]!, hReset!), h!]);
    const own = op('MatMul', 'candidate', [reset, gateColumns(builder, cell, 2, 3)]);
    const made = activated(builder, cell, 'activation', op('Add', 'new/sum', [parts[2]!, own]), `${name}/new`);
    const rest = op('Sub', 'rest', [builder.scalar(1), update]);
    return [op('Add', 'next', [op('Mul', 'old', [update, h!]), op('Mul', 'fresh', [rest, made])])];
  },
  lstm: (builder, name, cell, [h, c], gates) => {
    const op = (opType: string, part: string, inputs: readonly string[]) =>
      builder.op(opType, `${name}/${part}`, inputs);
    const recurrent = op('MatMul', 'recurrent', [h!, gateColumns(builder, cell, 0, 4)]);
    const order = ['input', 'forget', 'cell', 'output'];
    const sums = split(
      builder,
      op('Add', 'sums', [gates, recurrent]),
      cell.units,
      order.map((gate) => `${name}/${gate}`),
    );
    const [input, forget, candidate, output] = sums.map((sum, gate) =>
      activated(
        builder,
        cell,
        gate === 2 ? 'activation' : 'recurrentActivation',
        sum,
        `${name}/${order[gate]}/activated`,
      ),
    );
    const next = op('Add', 'cellState', [op('Mul', 'kept', [forget!, c!]), op('Mul', 'written', [input!, candidate!])]);
    return [op('Mul', 'hidden', [output!, activated(builder, cell, 'activation', next, `${name}/shown`)]), next];
  },
};
