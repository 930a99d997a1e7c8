import { ModelError, mustBe } from '../errors.js';
import type { BidirectionalNode, ConvNode, Dim, LayerNode, Padding, PoolNode, RecurrentNode, Shape } from './types.js';

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

function recurrentShape(node: RecurrentNode | BidirectionalNode, input: Shape, units: number): Shape {
  expectRank(node, input, 3);
  const cell = node.op === 'Recurrent' ? node.cell : node.forward;
  expectFeatures(node, input, cell.kernel.shape[0]!);
  return node.returnSequences ? [input[0]!, input[1]!, units] : [input[0]!, units];
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
    case 'BatchNormalization':
      expectFeatures(node, input, node.mean.shape[0]!);
      return input;
    case 'Recurrent':
      return recurrentShape(node, input, node.cell.units);
    case 'Bidirectional':
      return recurrentShape(node, input, node.forward.units * (node.merge === 'concat' ? 2 : 1));
    case 'Activation':
    case 'Dropout':
      return input;
  }
}
