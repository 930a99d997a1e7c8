/** Layers that shift and scale by moments. */
import type { BatchNormalizationNode, LayerNormalizationNode, Shape, Weight } from '../graph/index.js';
import { nameIn } from './activation-layer.js';
import { float, int, type OnnxBuilder } from './builder.js';
import type { ValueTable } from './layout.js';

/** A batch normalisation in use: `x · scale + shift` for each channel. */
export function normalizationConstants(node: BatchNormalizationNode): { scale: Float32Array; shift: Float32Array } {
  const { mean, variance, gamma, beta, epsilon } = node;
  const scale = variance.data.map((value, c) => (gamma?.data[c] ?? 1) / Math.sqrt(value + epsilon));
  const shift = mean.data.map((value, c) => (beta?.data[c] ?? 0) - value * scale[c]!);
  return { scale, shift };
}

/** ONNX's operator where channels are the second axis, as after a convolution; else the same as scale and shift. */
export function writeBatchNormalization(builder: OnnxBuilder, values: ValueTable, node: BatchNormalizationNode): void {
  const source = node.inputs[0]!;
  const { name, shape } = node.output;
  const channels = node.mean.shape;
  const constant = (role: string, data: () => Float32Array) => builder.weight(`${node.name}/${role}`, channels, data);
  if (values.layout(source) === 'channelsFirst') {
    const ones = () => new Float32Array(channels[0]!).fill(1);
    const inputs = [
      values.get(source, 'channelsFirst'),
      constant('gamma', () => node.gamma?.data ?? ones()),
      constant('beta', () => node.beta?.data ?? new Float32Array(channels[0]!)),
      constant('movingMean', () => node.mean.data),
      constant('movingVariance', () => node.variance.data),
    ];
    const output = nameIn('channelsFirst', name);
    const attributes = { epsilon: float(node.epsilon) };
    const y = builder.op('BatchNormalization', node.name, inputs, { output, attributes });
    values.define(name, shape, 'channelsFirst', y);
    return;
  }
  const layout = values.layout(source) === 'timeMajor' ? 'timeMajor' : 'asIs';
  const scaled = [values.get(source, layout), constant('scale', () => normalizationConstants(node).scale)];
  const x = builder.op('Mul', `${node.name}/scale`, scaled);
  const shifted = [x, constant('shift', () => normalizationConstants(node).shift)];
  values.define(name, shape, layout, builder.op('Add', node.name, shifted, { output: nameIn(layout, name) }));
}

/** The opset with an operator of its own. */
const LAYER_NORMALIZATION = 17;

/** Whether axes are the last ones, in whatever order. */
function areLast(axes: readonly number[], rank: number): boolean {
  return axes.every((axis) => axis >= rank - axes.length);
}

export function writeLayerNormalization(builder: OnnxBuilder, values: ValueTable, node: LayerNormalizationNode): void {
  const source = node.inputs[0]!;
  const { name, shape } = node.output;
  const rank = values.shape(source).length;
  const isTimeMajor = values.layout(source) === 'timeMajor' && node.axes.every((axis) => axis >= 2);
  const layout = isTimeMajor ? 'timeMajor' : 'asIs';
  const x = values.get(source, layout);
  const output = nameIn(layout, name);
  const made =
    builder.opset >= LAYER_NORMALIZATION && areLast(node.axes, rank)
      ? writeOperator(builder, node, x, output)
      : writeSteps(builder, node, values.shape(source), x, output);
  values.define(name, shape, layout, made);
}

function writeOperator(builder: OnnxBuilder, node: LayerNormalizationNode, x: string, output: string): string {
  // The operator asks for a scale; one number stands for all.
  const gamma = node.gamma === null ? builder.scalar(1) : layAlong(builder, node.gamma, node.axes);
  const inputs = [x, gamma, ...(node.beta === null ? [] : [layAlong(builder, node.beta, node.axes)])];
  const attributes = { axis: int(-node.axes.length), epsilon: float(node.epsilon) };
  return builder.op('LayerNormalization', node.name, inputs, { output, attributes });
}

/** `(x − mean) / √(variance + ε) · gamma + beta`, one operator for each of these. */
function writeSteps(
  builder: OnnxBuilder,
  node: LayerNormalizationNode,
  shape: Shape,
  x: string,
  output: string,
): string {
  const { name, axes, epsilon, gamma, beta } = node;
  const op = (opType: string, part: string, inputs: readonly string[]) => builder.op(opType, `${name}/${part}`, inputs);
  const mean = (part: string, of: string) => builder.reduce('ReduceMean', `${name}/${part}`, of, axes, { keep: true });
  const centred = op('Sub', 'centred', [x, mean('mean', x)]);
  const variance = mean('variance', op('Mul', 'squares', [centred, centred]));
  const deviation = op('Sqrt', 'deviation', [op('Add', 'floored', [variance, builder.scalar(epsilon)])]);
  const weights = [
    ['Mul', gamma],
    ['Add', beta],
  ] as const;
  const applied = weights.filter((entry): entry is ['Mul' | 'Add', Weight] => entry[1] !== null);
  const options = (isLast: boolean) => (isLast ? { output } : {});
  const unit = builder.op('Div', `${name}/unit`, [centred, deviation], options(applied.length === 0));
  return applied.reduce((y, [opType, weight], i) => {
    const laid = layAlong(builder, weight, axes, shape.length);
    return builder.op(opType, `${name}/${opType}`, [y, laid], options(i === applied.length - 1));
  }, unit);
}

/**
 * A weight with axes in the order of a value's, as far as its first one. Its numbers stay as they lie, whatever order the
 * layer names its axes in: Keras reshapes them too.
 */
function layAlong(builder: OnnxBuilder, weight: Weight, axes: readonly number[], rank = Math.max(...axes) + 1): string {
  const first = Math.min(...axes);
  const shape = Array.from({ length: rank - first }, (_, i) => weight.shape[axes.indexOf(first + i)] ?? 1);
  return builder.weight(`${weight.name}/along`, shape, () => weight.data);
}
