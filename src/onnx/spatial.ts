/** Layers that make images larger and smaller. */
import type { BorderNode, UpsampleNode } from '../graph/index.js';
import { nameIn } from './activation-layer.js';
import { type OnnxBuilder, text } from './builder.js';
import { axisOrder, type Layout, type ValueTable } from './layout.js';

export function writeUpsample(builder: OnnxBuilder, values: ValueTable, node: UpsampleNode): void {
  const { name, shape } = node.output;
  const x = values.get(node.inputs[0]!, 'channelsFirst');
  const scales = builder.weight(`${node.name}/scales`, [4], () => Float32Array.of(1, 1, ...node.size));
  const attributes = {
    coordinate_transformation_mode: text('asymmetric'),
    ...(node.interpolation === 'nearest'
      ? { mode: text('nearest'), nearest_mode: text('floor') }
      : { mode: text('linear') }),
  };
  const output = nameIn('channelsFirst', name);
  values.define(name, shape, 'channelsFirst', builder.op('Resize', node.name, [x, '', scales], { output, attributes }));
}

/** Where height and width lie in a layout. */
function imageAxes(layout: Layout): number[] {
  const order = axisOrder(layout, 4);
  return [order.indexOf(1), order.indexOf(2)];
}

export function writeBorder(builder: OnnxBuilder, values: ValueTable, node: BorderNode): void {
  const source = node.inputs[0]!;
  const layout = values.has(source, 'channelsFirst') ? 'channelsFirst' : 'asIs';
  const { name, shape } = node.output;
  const x = values.get(source, layout);
  const axes = imageAxes(layout);
  const output = nameIn(layout, name);
  if (node.op === 'ZeroPad') {
    const side = (end: 0 | 1) => [0, 1, 2, 3].map((axis) => node.border[axes.indexOf(axis)]?.[end] ?? 0);
    const pads = builder.int64([...side(0), ...side(1)]);
    values.define(name, shape, layout, builder.op('Pad', node.name, [x, pads], { output }));
    return;
  }
  // An end past the last cell, or one counted from it.
  const ends = node.border.map(([, after]) => (after === 0 ? Number.MAX_SAFE_INTEGER : -after));
  const bounds = [node.border.map(([before]) => before), ends, axes].map((list) => builder.int64(list));
  values.define(name, shape, layout, builder.op('Slice', node.name, [x, ...bounds], { output }));
}
