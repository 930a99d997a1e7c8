/** Layers that tell steps that count from those that do not. */
import type { MaskingNode, MaskNode } from '../graph/index.js';
import { int, type OnnxBuilder } from './builder.js';
import type { ValueTable } from './layout.js';
import { ELEMENT_TYPES } from './proto.js';

export function writeMask(builder: OnnxBuilder, values: ValueTable, node: MaskNode): void {
  const { name, shape } = node.output;
  const x = values.get(node.inputs[0]!, 'asIs');
  const isValue = builder.op('Equal', `${node.name}/equal`, [x, builder.scalar(node.value)]);
  const counts = builder.op('Not', `${node.name}/not`, [isValue]);
  const isStep = values.shape(node.inputs[0]!).length === 2;
  const cast = { attributes: { to: int(ELEMENT_TYPES.float32) } };
  if (isStep) {
    values.define(name, shape, 'asIs', builder.op('Cast', node.name, [counts], { output: name, ...cast }));
    return;
  }
  const numbers = builder.op('Cast', `${node.name}/float`, [counts], cast);
  values.define(name, shape, 'asIs', builder.reduce('ReduceMax', node.name, numbers, [2], { output: name }));
}

export function writeMasking(builder: OnnxBuilder, values: ValueTable, node: MaskingNode): void {
  const { name, shape } = node.output;
  const [x, mask] = node.inputs.map((input) => values.get(input, 'asIs'));
  const perStep = builder.op('Unsqueeze', `${node.name}/step`, [mask!, builder.int64([2])]);
  values.define(name, shape, 'asIs', builder.op('Mul', node.name, [x!, perStep], { output: name }));
}
