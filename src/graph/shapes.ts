import { ModelError, mustBe } from '../errors.js';
import type {
  BidirectionalNode,
  ConcatenateNode,
  ConvNode,
  Dim,
  LayerNode,
  Padding,
  PermuteNode,
  PoolNode,
  RecurrentNode,
  Shape,
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

function expectShape(node: LayerNode, name: string, got: Shape, expected: Shape): void {
  if (showShape(got) === showShape(expected)) return;
  const message = mustBe(`${name} of layer "${node.name}"`, `of shape ${showShape(expected)}`, showShape(got));
  throw new ModelError('ERR_MODEL', message);
}

function slidingShape(node: ConvNode | PoolNode, input: Shape, size: readonly number[], channels: Dim): Shape {
  expectRank(node, input, size.length + 2);
  const spatial = size.map((length, axis) => {
    const dilation = node.op === 'Conv' ? node.dilation[axis]! : 1;
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

function requireAlike(node: LayerNode, inputs: readonly Shape[], except: number | null): void {
  const [first = [], ...others] = inputs;
  const isAlike = (shape: Shape) =>
    shape.length === first.length && shape.every((dim, axis) => axis === except || dim === first[axis]);
  if (others.every(isAlike)) return;
  const expected = except === null ? 'alike' : `alike but for axis ${except}`;
  const got = inputs.map(showShape).join(' and ');
  throw new ModelError('ERR_MODEL', mustBe(`shapes of the inputs of layer "${node.name}"`, expected, got));
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
      requireAlike(node, inputs, null);
      return input;
    case 'Concatenate':
      return joinedShape(node, inputs);
    case 'BatchNormalization':
      expectFeatures(node, input, node.mean.shape[0]!);
      return input;
    case 'Mask':
      expectRank(node, input, 3);
      return input.slice(0, 2);
    case 'Masking':
      expectShape(node, 'mask', inputs[1]!, input.slice(0, 2));
      return input;
    case 'Recurrent':
      return recurrentShape(node, inputs, node.cell.units);
    case 'Bidirectional':
      return recurrentShape(node, inputs, node.forward.units * (node.merge === 'concat' ? 2 : 1));
    case 'Activation':
    case 'Dropout':
      return input;
  }
}
