/** Layers that tell steps that count from those that do not. */
import type { MaskingNode, MaskNode } from '../graph/index.js';
import { int, type OnnxBuilder } from './builder.js';
import type { ValueTable } from './layout.js';

/** ONNX's code of float32. */
const FLOAT = 1;

export function writeMask(builder: OnnxBuilder, values: ValueTable, node: MaskNode): void {
  const { name, shape } = node.output;
  const x = values.get(node.inputs[0]!, 'asIs');
  const isValue = builder.op('Equal', `${node.name}/equal`, [x, builder.scalar(node.value)]);
  const counts = builder.op('Not', `${node.name}/not`, [isValue]);
  const numbers = builder.op('Cast', `${node.name}/float`, [counts], { attributes: { to: int(FLOAT) } });
  values.define(name, shape, 'asIs', builder.reduce('ReduceMax', node.name, numbers, [2], { output: name }));
}

export function writeMasking(builder: OnnxBuilder, values: ValueTable, node: MaskingNode): void {
  const { name, shape } = node.output;
  const [x, mask] = node.inputs.map((input) => values.get(input, 'asIs'));
  const perStep = builder.op('Unsqueeze', `${node.name}/step`, [mask!, builder.int64([2])]);
  values.define(name, shape, 'asIs', builder.op('Mul', node.name, [x!, perStep], { output: name }));
}
