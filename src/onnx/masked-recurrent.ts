/**
 * A recurrent pass over the steps that count. ONNX's operators know sequences that end early but none with gaps, so the
 * steps that count are moved to the front in the order of the pass, the pass runs over those, and each step is given the
 * state after as many of them as lie behind it: Keras' meaning, in which a step that does not count shows the state again.
 */
import { int, ints } from './builder.js';
import { ELEMENT_TYPES } from './proto.js';
import {
  OPERATOR,
  operatorAttributes,
  recurrentWeights,
  statesOfPass,
  type WritePass,
  writeReversed,
} from './recurrent-operator.js';

export const writeMaskedPass: WritePass = (builder, values, node, cell, place, backwards) => {
  const name = `${node.name}/${place === 0 ? 'pass' : 'backwardPass'}`;
  const op = (opType: string, part: string, inputs: readonly string[], attributes = {}) =>
    builder.op(opType, `${name}/${part}`, inputs, { attributes });
  const to = (type: 'int32' | 'int64' | 'float32') => ({ to: int(ELEMENT_TYPES[type]) });
  const mask = values.get(node.inputs.at(-1)!, 'asIs');
  const given = statesOfPass(node, cell, place).map((state) => values.get(state, 'asIs'));

  // Steps that count come first: their key is greater by more than any place in time.
  const ones = op('Add', 'ones', [op('Mul', 'zeros', [mask, builder.scalar(0)]), builder.scalar(1)]);
  const time = op('CumSum', 'time', [ones, builder.int64Scalar(1)]);
  const beyond = op('Add', 'beyond', [
    builder.reduce('ReduceMax', `${name}/length`, time, [1], { keep: true }),
    builder.scalar(1),
  ]);
  const key = op(backwards ? 'Add' : 'Sub', 'key', [op('Mul', 'first', [mask, beyond]), time]);
  const all = op('Slice', 'steps', [op('Shape', 'shape', [mask]), builder.int64([1]), builder.int64([2])]);
  const order = `${name}/order`;
  builder.ops('TopK', `${name}/sort`, [key, all], [`${name}/sorted`, order], { axis: int(1) });
  const indices = op('Unsqueeze', 'indices', [order, builder.int64([2])]);
  const batchDims = { batch_dims: int(1) };
  const x = op('GatherND', 'counted', [values.get(node.inputs[0]!, 'asIs'), indices], batchDims);

  const count = builder.reduce('ReduceSum', `${name}/count`, mask, [1], { keep: true });
  const atLeastOne = op('Max', 'atLeastOne', [count, builder.scalar(1)]);
  const lengths = op('Cast', 'lengths', [op('Squeeze', 'perItem', [atLeastOne, builder.int64([1])])], to('int32'));
  const weights = recurrentWeights(builder, name, [cell]);
  const begin = given.map((state, i) => op('Unsqueeze', `begin/${i}`, [state, builder.int64([0])]));
  const bias = weights.length === 2 ? [''] : [];
  const inputs = [op('Transpose', 'timeMajor', [x], { perm: ints([1, 0, 2]) }), ...weights, ...bias, lengths, ...begin];
  const outputs = [`${name}/directions`, '', ...(cell.kind === 'lstm' ? [`${name}/Y_c`] : [])];
  builder.ops(OPERATOR[cell.kind], name, inputs, outputs, operatorAttributes(name, [cell], 'forward'));

  // [batch, 1 + time, units]: the state after 0, 1, … steps that count.
  const inBatches = op('Transpose', 'inBatches', [op('Squeeze', 'oneWay', [outputs[0]!, builder.int64([1])])], {
    perm: ints([1, 0, 2]),
  });
  const after =
    given.length === 0
      ? op('Pad', 'after', [inBatches, builder.int64([0, 1, 0, 0, 0, 0])])
      : op('Concat', 'after', [op('Unsqueeze', 'before', [given[0]!, builder.int64([1])]), inBatches], {
          axis: int(1),
        });
  const stateAfter = (counts: string, part: string) => {
    const places = op(
      'Cast',
      `${part}/places`,
      [op('Unsqueeze', `${part}/each`, [counts, builder.int64([2])])],
      to('int64'),
    );
    return op('GatherND', part, [after, places], batchDims);
  };
  const hidden = op('Squeeze', 'hidden', [stateAfter(count, 'last'), builder.int64([1])]);
  const sequenceOfTime = () => {
    const attributes = backwards ? { reverse: int(1) } : {};
    return stateAfter(op('CumSum', 'passed', [mask, builder.int64Scalar(1)], attributes), 'sequence');
  };
  return {
    states: cell.kind === 'lstm' ? [hidden, lastCellState()] : [hidden],
    sequenceOfTime,
    sequenceOfPass: () =>
      backwards ? writeReversed(builder, sequenceOfTime(), 1, `${name}/turned`) : sequenceOfTime(),
  };

  /** Where no step counts the operator was given one all the same. */
  function lastCellState(): string {
    const made = op('Squeeze', 'cell', [outputs[2]!, builder.int64([0])]);
    const any = op('Greater', 'any', [count, builder.scalar(0)]);
    return op('Where', 'cellState', [any, made, given[1] ?? builder.scalar(0)]);
  }
};
