import { ModelError, mustBe } from '../errors.js';
import type {
  BidirectionalNode,
  BorderNode,
  ConcatenateNode,
  ConvNode,
  DepthwiseConvNode,
  Dim,
  DotNode,
  LayerNode,
  Padding,
  PermuteNode,
  PoolNode,
  RecurrentNode,
  Shape,
  ValueInfo,
} from './types.js';

/** Cells that `same` padding adds before and after an axis of `length` cells. */
export function samePadding(length: number, size: number, stride: number, dilation: number): readonly [number, number] {
  const reach = (size - 1) * dilation + 1;
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + reach - length, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

function windowedLength(length: Dim, size: number, stride: number, dilation: number, padding: Padding): Dim {
  if (length === null) return null;
  if (padding === 'same') return Math.ceil(length / stride);
  return Math.floor((length - (size - 1) * dilation - 1) / stride) + 1;
}

function timesLength(length: Dim, times: number): Dim {
  return length === null ? null : length * times;
}

function spreadLength(length: Dim, size: number, stride: number, padding: Padding): Dim {
  const beyond = padding === 'same' ? 0 : Math.max(size - stride, 0);
  return length === null ? null : length * stride + beyond;
}

/** Numbers per item of the batch, or `null` where an axis is open. */
export function itemSize(shape: Shape): Dim {
  return shape.slice(1).reduce<Dim>((size, dim) => (size === null || dim === null ? null : size * dim), 1);
}

/** `[2, null, 40]` as people write it: `[2, ?, 40]`. */
export function showShape(shape: Shape): string {
  return `[${shape.map((dim) => dim ?? '?').join(', ')}]`;
}

function expectRank(node: LayerNode, shape: Shape, rank: number): void {
  if (shape.length !== rank) {
    throw new ModelError('ERR_MODEL', mustBe(`input of layer "${node.name}"`, `of rank ${rank}`, showShape(shape)));
  }
}

function expectFeatures(node: LayerNode, shape: Shape, features: number): void {
  if (shape.at(-1) !== features) {
    throw new ModelError(
      'ERR_MODEL',
      mustBe(`last axis of the input of layer "${node.name}"`, String(features), showShape(shape)),
    );
  }
}

/** Whether shapes can be the same: an open axis may have any length. */
function mayEqual(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === null || b[axis] === null || dim === b[axis]);
}

function expectShape(node: LayerNode, name: string, got: Shape, expected: Shape): void {
  if (mayEqual(got, expected)) return;
  const message = mustBe(`${name} of layer "${node.name}"`, `of shape ${showShape(expected)}`, showShape(got));
  throw new ModelError('ERR_MODEL', message);
}

function slidingShape(
  node: ConvNode | DepthwiseConvNode | PoolNode,
  input: Shape,
  size: readonly number[],
  channels: Dim,
): Shape {
  expectRank(node, input, size.length + 2);
  const spatial = size.map((length, axis) => {
    const dilation = node.op === 'Pool' ? 1 : node.dilation[axis]!;
    const cells = windowedLength(input[axis + 1]!, length, node.strides[axis]!, dilation, node.padding);
    if (cells !== null && cells < 1) {
      throw new ModelError(
        'ERR_MODEL',
        mustBe(
          `axis ${axis + 1} of the input of layer "${node.name}"`,
          `at least as long as its window`,
          input[axis + 1],
        ),
      );
    }
    return cells;
  });
  return [input[0]!, ...spatial, channels];
}

function recurrentShape(node: RecurrentNode | BidirectionalNode, inputs: readonly Shape[], units: number): Shape {
  const input = inputs[0]!;
  expectRank(node, input, 3);
  const cell = node.op === 'Recurrent' ? node.cell : node.forward;
  expectFeatures(node, input, cell.kernel.shape[0]!);
  const states = inputs.slice(1, node.masked ? -1 : undefined);
  for (const { shape } of node.states) expectShape(node, 'last state', shape, [input[0]!, cell.units]);
  for (const state of states) expectShape(node, 'state', state, [input[0]!, cell.units]);
  if (node.masked) expectShape(node, 'mask', inputs.at(-1)!, input.slice(0, 2));
  return node.returnSequences ? [input[0]!, input[1]!, units] : [input[0]!, units];
}

function permutedShape(node: PermuteNode, input: Shape): Shape {
  const axes = [...node.order].sort((a, b) => a - b);
  if (axes.length !== input.length - 1 || axes.some((axis, i) => axis !== i + 1)) {
    const expected = `the axes 1 to ${input.length - 1} in any order`;
    throw new ModelError('ERR_MODEL', mustBe(`order of layer "${node.name}"`, expected, node.order));
  }
  return [input[0]!, ...node.order.map((axis) => input[axis]!)];
}

function requireAlike(node: LayerNode, inputs: readonly Shape[], except: number): void {
  const [first = [], ...others] = inputs;
  const isAlike = (shape: Shape) =>
    shape.length === first.length && shape.every((dim, axis) => axis === except || dim === first[axis]);
  if (others.every(isAlike)) return;
  const got = inputs.map(showShape).join(' and ');
  const expected = `alike but for axis ${except}`;
  throw new ModelError('ERR_MODEL', mustBe(`shapes of the inputs of layer "${node.name}"`, expected, got));
}

/** Alike, but that an axis of one cell stands beside any length. */
function broadcastShape(node: LayerNode, inputs: readonly Shape[]): Shape {
  const rank = inputs[0]!.length;
  const lengths = Array.from({ length: rank }, (_, axis) => {
    const others = inputs.map((shape) => shape[axis]).filter((dim) => dim !== 1);
    return others.length === 0 ? 1 : others.every((dim) => dim === others[0]) ? others[0] : undefined;
  });
  if (inputs.every((shape) => shape.length === rank) && lengths.every((dim) => dim !== undefined)) return lengths;
  const got = inputs.map(showShape).join(' and ');
  const expected = 'alike, but for axes of one cell';
  throw new ModelError('ERR_MODEL', mustBe(`shapes of the inputs of layer "${node.name}"`, expected, got));
}

function borderedShape(node: BorderNode, input: Shape): Shape {
  expectRank(node, input, 4);
  const sign = node.op === 'ZeroPad' ? 1 : -1;
  const spatial = node.border.map(([before, after], axis) => {
    const length = input[axis + 1]!;
    const bordered = length === null ? null : length + sign * (before + after);
    if (bordered === null || bordered >= 1) return bordered;
    const expected = `longer than what layer "${node.name}" cuts off`;
    throw new ModelError('ERR_MODEL', mustBe(`axis ${axis + 1} of its input`, expected, length));
  });
  return [input[0]!, ...spatial, input[3]!];
}

function dotShape(node: DotNode, inputs: readonly Shape[]): Shape {
  const [left = [], right = []] = inputs;
  const [a, b] = node.axes;
  const isAxis = (axis: number, shape: Shape) => axis >= 1 && axis < shape.length && shape.length <= 3;
  if (!isAxis(a, left) || !isAxis(b, right) || !mayEqual([left[a]!], [right[b]!])) {
    const got = `${a} of ${showShape(left)} and ${b} of ${showShape(right)}`;
    throw new ModelError('ERR_MODEL', mustBe(`axes of layer "${node.name}"`, 'equally long axes of rank 2 or 3', got));
  }
  const rest = [...left.filter((_, axis) => axis !== a), ...right.filter((_, axis) => axis !== b && axis !== 0)];
  return rest.length === 1 ? [...rest, 1] : rest;
}

function joinedShape(node: ConcatenateNode, inputs: readonly Shape[]): Shape {
  const { axis } = node;
  const rank = inputs[0]!.length;
  if (!(axis >= 1 && axis < rank)) {
    throw new ModelError('ERR_MODEL', mustBe(`axis of layer "${node.name}"`, `1 to ${rank - 1}`, axis));
  }
  requireAlike(node, inputs, axis);
  const length = inputs.reduce<Dim>((total, shape) => {
    const dim = shape[axis]!;
    return total === null || dim === null ? null : total + dim;
  }, 0);
  return inputs[0]!.map((dim, i) => (i === axis ? length : dim));
}

/**
 * The shape of a node's output, from the shapes of its inputs.
 * @throws ModelError `ERR_MODEL` naming the layer where they do not fit it
 */
export function outputShape(node: LayerNode, inputs: readonly Shape[]): Shape {
  const input = inputs[0]!;
  switch (node.op) {
    case 'Dense':
      expectFeatures(node, input, node.kernel.shape[0]!);
      return [...input.slice(0, -1), node.kernel.shape[1]!];
    case 'Conv':
      expectFeatures(node, input, node.kernel.shape.at(-2)!);
      return slidingShape(node, input, node.kernel.shape.slice(0, -2), node.kernel.shape.at(-1)!);
    case 'DepthwiseConv': {
      const [channels, multiplier] = node.kernel.shape.slice(-2) as [number, number];
      expectFeatures(node, input, channels);
      return slidingShape(node, input, node.kernel.shape.slice(0, -2), channels * multiplier);
    }
    case 'ConvTranspose': {
      const size = node.kernel.shape.slice(0, -2);
      expectRank(node, input, size.length + 2);
      expectFeatures(node, input, node.kernel.shape.at(-1)!);
      return [
        input[0]!,
        ...size.map((length, axis) => spreadLength(input[axis + 1]!, length, node.strides[axis]!, node.padding)),
        node.kernel.shape.at(-2)!,
      ];
    }
    case 'Upsample':
      expectRank(node, input, 4);
      return [input[0]!, ...node.size.map((times, axis) => timesLength(input[axis + 1]!, times)), input[3]!];
    case 'ZeroPad':
    case 'Crop':
      return borderedShape(node, input);
    case 'Pool':
      return slidingShape(node, input, node.size, input.at(-1)!);
    case 'GlobalPool':
      return [input[0]!, input.at(-1)!];
    case 'Flatten':
      return [input[0]!, itemSize(input)];
    case 'Reshape': {
      const [from, to] = [itemSize(input), itemSize(node.output.shape)];
      if (from !== to) {
        throw new ModelError('ERR_MODEL', mustBe(`output of layer "${node.name}"`, `of ${from} numbers an item`, to));
      }
      return node.output.shape;
    }
    case 'Repeat':
      expectRank(node, input, 2);
      return [input[0]!, node.times, input[1]!];
    case 'Permute':
      return permutedShape(node, input);
    case 'Merge':
      return broadcastShape(node, inputs);
    case 'Concatenate':
      return joinedShape(node, inputs);
    case 'Dot':
      return dotShape(node, inputs);
    case 'Embedding':
      return [...input, node.embeddings.shape[1]!];
    case 'FoldTime':
      return [null, ...input.slice(2)];
    case 'UnfoldTime':
      return [...inputs[1]!.slice(0, 2), ...input.slice(1)];
    case 'LayerNormalization': {
      const lengths = node.axes.map((axis) => input[axis]!);
      for (const weight of [node.gamma, node.beta])
        if (weight !== null) expectShape(node, 'axes', lengths, weight.shape);
      return input;
    }
    case 'PRelu':
      for (const [axis, length] of node.alpha.shape.entries()) {
        if (length !== 1) expectShape(node, `axis ${axis + 1} of the input`, [input[axis + 1]!], [length]);
      }
      return input;
    case 'BatchNormalization':
      expectFeatures(node, input, node.mean.shape[0]!);
      return input;
    case 'Mask':
      if (input.length !== 2) expectRank(node, input, 3);
      return input.slice(0, 2);
    case 'Masking':
      expectShape(node, 'mask', inputs[1]!, input.slice(0, 2));
      return input;
    case 'Recurrent':
      return recurrentShape(node, inputs, node.cell.units);
    case 'Bidirectional':
      return recurrentShape(node, inputs, node.forward.units * (node.merge === 'concat' ? 2 : 1));
    case 'Activation':
    case 'Rectifier':
    case 'Dropout':
    case 'Noise':
      return input;
  }
}

/** Every value that a node makes, its output first. */
export function nodeOutputs(node: LayerNode): readonly ValueInfo[] {
  if (node.op === 'Recurrent') return [node.output, ...node.states];
  if (node.op !== 'Bidirectional') return [node.output];
  return [node.output, ...(node.reversed === null ? [] : [node.reversed]), ...node.states];
}
