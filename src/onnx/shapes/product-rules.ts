/** Operators that sum products: matrices, convolutions, pools, recurrent layers, transforms. */
import type { ElementType } from '../proto.js';
import { typeOfNumber } from './elementwise-rules.js';
import { Length } from './length.js';
import {
  type Axes,
  type Axis,
  axisOf,
  broadcast,
  type Known,
  known,
  type NodeView,
  ONE,
  type Rules,
} from './node-view.js';

function multiplied(a: Axes, b: Axes): Axes {
  if (a === null || b === null || a.length === 0 || b.length === 0) return null;
  const [rows, columns] = [a.length === 1 ? [] : [a.at(-2)!], b.length === 1 ? [] : [b.at(-1)!]];
  const batch = broadcast([a.slice(0, -2), b.slice(0, -2)]);
  return batch === null ? null : [...batch, ...rows, ...columns];
}

function matMul(type: ElementType | null): (node: NodeView) => Known[] {
  return (node) => [known(type ?? node.type(), multiplied(node.axes(0), node.axes(1)))];
}

function gemm(node: NodeView): Known[] {
  const [a, b] = [node.axes(0), node.axes(1)];
  const rows = a?.[node.int('transA', 0) === 1 ? 1 : 0] ?? null;
  return [known(node.type(), [rows, b?.[node.int('transB', 0) === 1 ? 0 : 1] ?? null])];
}

function einsum(node: NodeView): Known[] {
  const [inputs = '', output] = node.text('equation', '').replaceAll(' ', '').split('->');
  if (output === undefined || inputs.includes('.')) return [known(node.type(), null)];
  const lengths = new Map<string, Axis>();
  inputs.split(',').forEach((letters, at) => {
    for (const [axis, letter] of [...letters].entries())
      lengths.set(letter, node.axes(at)?.[axis] ?? lengths.get(letter) ?? null);
  });
  return [
    known(
      node.type(),
      [...output].map((letter) => lengths.get(letter) ?? null),
    ),
  ];
}

/** How windows lie along one axis. */
interface Windows {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** Both sides together. */
  readonly padding: number;
}

function windowsOf(node: NodeView, size: readonly number[]): Windows[] {
  const pads = node.ints('pads');
  return size.map((cells, axis) => ({
    size: cells,
    stride: node.ints('strides')?.[axis] ?? 1,
    dilation: node.ints('dilations')?.[axis] ?? 1,
    padding: (pads?.[axis] ?? 0) + (pads?.[axis + size.length] ?? 0),
  }));
}

function windowCount(node: NodeView, length: Axis, { size, stride, dilation, padding }: Windows): Axis {
  if (length === null) return null;
  const same = node.text('auto_pad', 'NOTSET').startsWith('SAME');
  if (same) return length.plus(stride - 1).over(stride);
  const room = length.plus(padding - dilation * (size - 1) - 1);
  const up = node.int('ceil_mode', 0) === 1 ? stride - 1 : 0;
  return room.plus(up).over(stride)?.plus(1) ?? null;
}

/** Sizes of a kernel `[filters, channels, ...size]`, or as the attribute says. */
function kernelSize(node: NodeView): readonly number[] | null {
  const given = node.ints('kernel_shape');
  const sizes =
    given ??
    node
      .axes(1)
      ?.slice(2)
      .map((length) => length?.value ?? null) ??
    null;
  return sizes?.every((size) => size !== null) ? sizes : null;
}

function convolved(node: NodeView, channels: Axis, type: ElementType | null): Known {
  const [axes, size] = [node.axes(0), kernelSize(node)];
  if (axes === null || size === null) return known(type, null);
  const windows = windowsOf(node, size);
  return known(type, [
    axes[0] ?? null,
    channels,
    ...windows.map((one, i) => windowCount(node, axes[i + 2] ?? null, one)),
  ]);
}

function pool(node: NodeView): Known[] {
  const out = convolved(node, node.axes(0)?.[1] ?? null, node.type());
  return [out, { ...out, type: 'int64' }];
}

function globalPool(node: NodeView): Known[] {
  return [known(node.type(), node.axes(0)?.map((length, axis) => (axis < 2 ? length : ONE)) ?? null)];
}

function convTranspose(node: NodeView): Known[] {
  const [axes, size] = [node.axes(0), kernelSize(node)];
  const perGroup = node.axes(1)?.[1] ?? null;
  if (axes === null || size === null) return [known(node.type(), null)];
  const asked = node.ints('output_shape');
  const beyond = node.ints('output_padding') ?? size.map(() => 0);
  const same = node.text('auto_pad', 'NOTSET').startsWith('SAME');
  const spatial = windowsOf(node, size).map(({ size: cells, stride, dilation, padding }, i): Axis => {
    if (asked !== null) return Length.of(asked.at(i - size.length)!);
    const length = axes[i + 2] ?? null;
    if (same) return length?.times(stride) ?? null;
    return (
      length
        ?.minus(1)
        .times(stride)
        .plus(dilation * (cells - 1) + 1 + beyond[i]! - padding) ?? null
    );
  });
  return [known(node.type(), [axes[0] ?? null, perGroup?.times(node.int('group', 1)) ?? null, ...spatial])];
}

/** Lengths times scales rounded down, or as asked. */
function resize(node: NodeView): Known[] {
  const axes = node.axes(0);
  const sizes = node.input(3).numbers;
  if (sizes !== null || axes === null) return [known(node.type(), sizes)];
  const { floats } = node.input(2);
  return [
    known(
      node.type(),
      axes.map((length, axis) => scaled(length, floats?.[axis])),
    ),
  ];
}

function scaled(length: Axis, scale: number | undefined): Axis {
  if (length === null || scale === undefined) return null;
  if (Number.isInteger(scale)) return length.times(scale);
  return length.value === null ? null : Length.of(Math.floor(length.value * scale));
}

/** `[time, batch, …]` → the sequence `[time, direction, batch, units]`, and last states. */
function recurrent(node: NodeView): Known[] {
  const axes = node.axes(0);
  const directions = Length.of(node.text('direction', 'forward') === 'bidirectional' ? 2 : 1);
  const units = Length.of(node.int('hidden_size', 0));
  const isBatchFirst = node.int('layout', 0) === 1;
  const [time, batch] = isBatchFirst ? [axes?.[1] ?? null, axes?.[0] ?? null] : [axes?.[0] ?? null, axes?.[1] ?? null];
  const state = isBatchFirst ? [batch, directions, units] : [directions, batch, units];
  const sequence = isBatchFirst ? [batch, time, directions, units] : [time, directions, batch, units];
  return [known(node.type(), sequence), known(node.type(), state), known(node.type(), state)];
}

/** Bins of a real transform that says only what is not its mirror. */
function bins(length: Axis, isOneSided: boolean): Axis {
  return isOneSided ? (length?.over(2)?.plus(1) ?? null) : length;
}

/** `[batch, samples, 1]` → `[batch, frames, bins, 2]`. */
function stft(node: NodeView): Known[] {
  const [batch, samples] = [node.axes(0)?.[0] ?? null, node.axes(0)?.[1] ?? null];
  const hop = node.numbers(1)?.[0] ?? null;
  const length = node.input(3).numbers?.[0] ?? node.axes(2)?.[0] ?? null;
  const room = samples === null || length === null ? null : samples.minus(length);
  const frames = room === null || hop === null ? null : (room.over(hop)?.plus(1) ?? null);
  return [known(node.type(), [batch, frames, bins(length, node.int('onesided', 1) === 1), Length.of(2)])];
}

function dft(node: NodeView): Known[] {
  const axes = node.axes(0);
  if (axes === null) return [known(node.type(), null)];
  const at = axisOf(node.has(2) ? (node.numbers(2)?.[0] ?? 1) : node.int('axis', 1), axes.length);
  const length = node.has(1) ? (node.input(1).numbers?.[0] ?? null) : (axes[at] ?? null);
  const transformed = axes.with(at, bins(length, node.int('onesided', 0) === 1));
  return [known(node.type(), transformed.with(-1, Length.of(2)))];
}

function windowOf(node: NodeView): Known[] {
  return [known(typeOfNumber(node.int('output_datatype', 1)), [node.input(0).numbers?.[0] ?? null])];
}

function melWeights(node: NodeView): Known[] {
  const length = node.input(1).numbers?.[0] ?? null;
  const type = typeOfNumber(node.int('output_datatype', 1));
  return [known(type, [bins(length, true), node.input(0).numbers?.[0] ?? null])];
}

export const PRODUCT_RULES: Rules = {
  MatMul: matMul(null),
  MatMulInteger: matMul('int32'),
  Gemm: gemm,
  Einsum: einsum,
  Conv: (node) => [convolved(node, node.axes(1)?.[0] ?? null, node.type())],
  ConvInteger: (node) => [convolved(node, node.axes(1)?.[0] ?? null, 'int32')],
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: (node) => pool(node).slice(0, 1),
  LpPool: (node) => pool(node).slice(0, 1),
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  Resize: resize,
  LSTM: recurrent,
  GRU: (node) => recurrent(node).slice(0, 2),
  RNN: (node) => recurrent(node).slice(0, 2),
  STFT: stft,
  DFT: dft,
  HannWindow: windowOf,
  HammingWindow: windowOf,
  BlackmanWindow: windowOf,
  MelWeightMatrix: melWeights,
};
