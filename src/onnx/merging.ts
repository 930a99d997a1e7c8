/** Layers that bring values together or lay their axes out anew. */
import type { ConcatenateNode, MergeNode, PermuteNode, RepeatNode } from '../graph/index.js';
import { nameIn } from './activation-layer.js';
import { int, ints, type OnnxBuilder } from './builder.js';
import { axisOrder, type Layout, type ValueTable } from './layout.js';

/** The layout that all values have, where they share one and no axis is folded into another; else the graph's. */
function sharedLayout(values: ValueTable, names: readonly string[]): Layout {
  const layout = values.layout(names[0]!);
  const isShared = layout !== 'flatChannelsFirst' && names.every((name) => values.has(name, layout));
  return isShared ? layout : 'asIs';
}

const VARIADIC = { add: 'Sum', average: 'Mean', maximum: 'Max' } as const;

export function writeMerge(builder: OnnxBuilder, values: ValueTable, node: MergeNode): void {
  const { name, shape } = node.output;
  const layout = sharedLayout(values, node.inputs);
  const [first = '', ...others] = node.inputs.map((input) => values.get(input, layout));
  const output = nameIn(layout, name);
  if (node.kind !== 'multiply') {
    values.define(name, shape, layout, builder.op(VARIADIC[node.kind], node.name, [first, ...others], { output }));
    return;
  }
  const product = others.reduce((left, right, i) => {
    const isLast = i === others.length - 1;
    return builder.op('Mul', isLast ? node.name : `${node.name}/${i}`, [left, right], isLast ? { output } : {});
  }, first);
  values.define(name, shape, layout, product);
}

export function writeConcatenate(builder: OnnxBuilder, values: ValueTable, node: ConcatenateNode): void {
  const { name, shape } = node.output;
  const layout = sharedLayout(values, node.inputs);
  const axis = axisOrder(layout, shape.length).indexOf(node.axis);
  const inputs = node.inputs.map((input) => values.get(input, layout));
  const output = nameIn(layout, name);
  values.define(
    name,
    shape,
    layout,
    builder.op('Concat', node.name, inputs, { output, attributes: { axis: int(axis) } }),
  );
}

export function writeRepeat(builder: OnnxBuilder, values: ValueTable, node: RepeatNode): void {
  const { name, shape } = node.output;
  const x = values.get(node.inputs[0]!, 'asIs');
  const once = builder.op('Unsqueeze', `${node.name}/once`, [x, builder.int64([1])]);
  const repeated = builder.op('Tile', node.name, [once, builder.int64([1, node.times, 1])], { output: name });
  values.define(name, shape, 'asIs', repeated);
}

export function writePermute(builder: OnnxBuilder, values: ValueTable, node: PermuteNode): void {
  const { name, shape } = node.output;
  const x = values.get(node.inputs[0]!, 'asIs');
  const attributes = { perm: ints([0, ...node.order]) };
  values.define(name, shape, 'asIs', builder.op('Transpose', node.name, [x], { output: name, attributes }));
}
