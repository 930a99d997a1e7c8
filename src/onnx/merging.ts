/** Layers that bring values together or lay their axes out anew. */
import { ExportError, mustBe } from '../errors.js';
import {
  type ConcatenateNode,
  type DotNode,
  type EmbeddingNode,
  type FoldTimeNode,
  type MergeNode,
  type PermuteNode,
  type RepeatNode,
  type Shape,
  showShape,
  type UnfoldTimeNode,
} from '../graph/index.js';
import { nameIn } from './activation-layer.js';
import { int, ints, type OnnxBuilder } from './builder.js';
import { axisOrder, type Layout, type ValueTable } from './layout.js';
import { ELEMENT_TYPES } from './proto.js';

/** The layout that all values have, where they share one and no axis is folded into another; else the graph's. */
function sharedLayout(values: ValueTable, names: readonly string[]): Layout {
  const layout = values.layout(names[0]!);
  const isShared = layout !== 'flatChannelsFirst' && names.every((name) => values.has(name, layout));
  return isShared ? layout : 'asIs';
}

const VARIADIC = { add: 'Sum', average: 'Mean', maximum: 'Max', minimum: 'Min' } as const;

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

/** Under which no square of a length lies before a division by it: Keras' epsilon. */
const EPSILON = 1e-7;

/** `x / √max(Σx², ε)` along an axis. */
function writeUnitLength(builder: OnnxBuilder, x: string, axis: number, name: string): string {
  const squares = builder.op('Mul', `${name}/squares`, [x, x]);
  const sum = builder.reduce('ReduceSum', `${name}/sum`, squares, [axis], { keep: true });
  const length = builder.op('Sqrt', `${name}/length`, [
    builder.op('Max', `${name}/max`, [sum, builder.scalar(EPSILON)]),
  ]);
  return builder.op('Div', name, [x, length]);
}

/** One product of matrices for each item: `[batch, rows, k] · [batch, k, columns]`, values of rank 2 with one row or column. */
export function writeDot(builder: OnnxBuilder, values: ValueTable, node: DotNode): void {
  const matrix = (place: 0 | 1): string => {
    const source = node.inputs[place]!;
    const side = `${node.name}/${place === 0 ? 'left' : 'right'}`;
    const wanted = place === 0 ? 2 : 1;
    const axis = node.axes[place];
    const x = values.get(source, 'asIs');
    const scaled = node.normalize ? writeUnitLength(builder, x, axis, `${side}/unit`) : x;
    if (values.shape(source).length === 2) {
      return builder.op('Unsqueeze', side, [scaled, builder.int64([place === 0 ? 1 : 2])]);
    }
    if (axis === wanted) return scaled;
    return builder.op('Transpose', side, [scaled], { attributes: { perm: ints([0, 2, 1]) } });
  };
  const { name, shape } = node.output;
  const [left, right] = node.inputs.map((input) => values.shape(input).length);
  const factors = [matrix(0), matrix(1)];
  const gone = left === 2 ? 1 : right === 2 ? 2 : null;
  if (gone === null) {
    values.define(name, shape, 'asIs', builder.op('MatMul', node.name, factors, { output: name }));
    return;
  }
  const product = builder.op('MatMul', `${node.name}/product`, factors);
  values.define(
    name,
    shape,
    'asIs',
    builder.op('Squeeze', node.name, [product, builder.int64([gone])], { output: name }),
  );
}

export function writeEmbedding(builder: OnnxBuilder, values: ValueTable, node: EmbeddingNode): void {
  const { name, shape } = node.output;
  const source = node.inputs[0]!;
  const indices =
    values.integers(source) ??
    builder.op('Cast', `${node.name}/indices`, [values.get(source, 'asIs')], {
      attributes: { to: int(ELEMENT_TYPES.int64) },
    });
  const table = builder.weight(node.embeddings.name, node.embeddings.shape, () => node.embeddings.data);
  values.define(name, shape, 'asIs', builder.op('Gather', node.name, [table, indices], { output: name }));
}

/** The axes behind batch and time, which a reshape has to know. */
function knownLengths(layer: string, shape: Shape): number[] {
  return shape.map((dim) => {
    if (dim !== null) return dim;
    const expected = 'known but for batch and time';
    throw new ExportError('ERR_EXPORT', mustBe(`shape of each step at layer "${layer}"`, expected, showShape(shape)));
  });
}

export function writeFoldTime(builder: OnnxBuilder, values: ValueTable, node: FoldTimeNode): void {
  const { name, shape } = node.output;
  const target = builder.int64([-1, ...knownLengths(node.name, shape.slice(1))]);
  const x = values.get(node.inputs[0]!, 'asIs');
  values.define(name, shape, 'asIs', builder.op('Reshape', node.name, [x, target], { output: name }));
}

export function writeUnfoldTime(builder: OnnxBuilder, values: ValueTable, node: UnfoldTimeNode): void {
  const { name, shape } = node.output;
  const [folded, like] = node.inputs.map((input) => values.get(input, 'asIs'));
  const each = knownLengths(node.name, shape.slice(2));
  const time = shape[1]!;
  const target = time === null ? lengthsOf(builder, node.name, like!, each) : builder.int64([-1, time, ...each]);
  values.define(name, shape, 'asIs', builder.op('Reshape', node.name, [folded!, target], { output: name }));
}

/** Batch and time of a value, then `each`. */
function lengthsOf(builder: OnnxBuilder, name: string, like: string, each: readonly number[]): string {
  const all = builder.op('Shape', `${name}/shape`, [like]);
  const two = builder.op('Slice', `${name}/batchAndTime`, [all, builder.int64([0]), builder.int64([2])]);
  if (each.length === 0) return two;
  return builder.op('Concat', `${name}/lengths`, [two, builder.int64(each)], { attributes: { axis: int(0) } });
}
