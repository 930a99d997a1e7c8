import { ExportError, mustBe } from '../errors.js';
import {
  type Activation,
  type BatchNormalizationNode,
  type ConvNode,
  type DenseNode,
  type Dim,
  type FlattenNode,
  type GlobalPoolNode,
  itemSize,
  type PoolNode,
  type ReshapeNode,
  type Shape,
  samePadding,
  type Weight,
} from '../graph/index.js';
import { needsLastAxis, writeActivation } from './activations.js';
import { float, int, ints, type OnnxBuilder, text } from './builder.js';
import { type Layout, type ValueTable } from './layout.js';
import { type AttributeValue } from './proto.js';

/** The ONNX name under which a layer makes its value in a layout. */
function nameIn(layout: Layout, name: string): string {
  return layout === 'asIs' ? name : `${name}/${layout}`;
}

function plain(builder: OnnxBuilder, weight: Weight): string {
  return builder.weight(weight.name, weight.shape, () => weight.data);
}

/** Adds a layer's activation to what `write` makes (given the name of its output) and defines the layer's value. */
function withActivation(
  builder: OnnxBuilder,
  values: ValueTable,
  node: DenseNode | ConvNode,
  layout: Layout,
  write: (output: string) => string,
): void {
  const { name, shape } = node.output;
  const output = nameIn(layout, name);
  if (node.activation === 'linear') return values.define(name, shape, layout, write(output));
  const linear = write(nameIn(layout, `${name}/linear`));
  if (!needsLastAxis(node.activation) || layout !== 'channelsFirst') {
    const y = writeActivation(builder, node.activation, linear, `${name}/${node.activation}`, output);
    return values.define(name, shape, layout, y);
  }
  values.define(`${name}/linear`, shape, layout, linear);
  writeActivationOf(builder, values, `${name}/linear`, name, shape, node.activation);
}

/** An activation layer: on whatever layout its input has, unless it needs the channels last. */
export function writeActivationOf(
  builder: OnnxBuilder,
  values: ValueTable,
  source: string,
  name: string,
  shape: Shape,
  activation: Activation,
): void {
  if (activation === 'linear') return values.alias(name, source);
  const layout = needsLastAxis(activation) && values.layout(source) !== 'timeMajor' ? 'asIs' : values.layout(source);
  const unflattened = layout === 'flatChannelsFirst' ? values.unflattened(source) : null;
  const x = values.get(source, layout);
  const y = writeActivation(builder, activation, x, `${name}/${activation}`, nameIn(layout, name));
  values.define(name, shape, layout, y, unflattened);
}

/** Rows of a dense kernel `[positions·channels, units]` in the order channels-first flattening reads them. */
function channelsFirstRows(kernel: Weight, channels: number): Float32Array {
  const [rows, units] = [kernel.shape[0]!, kernel.shape[1]!];
  const positions = rows / channels;
  const out = new Float32Array(kernel.data.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let position = 0; position < positions; position++) {
      const row = position * channels + channel;
      out.set(kernel.data.subarray(row * units, (row + 1) * units), (channel * positions + position) * units);
    }
  }
  return out;
}

export function writeDense(builder: OnnxBuilder, values: ValueTable, node: DenseNode): void {
  const source = node.inputs[0]!;
  const rank = values.shape(source).length;
  const bias = node.bias === null ? [] : [plain(builder, node.bias)];
  if (rank === 2) {
    const flat = values.has(source, 'flatChannelsFirst') ? values.unflattened(source) : null;
    const x = values.get(source, flat === null ? 'asIs' : 'flatChannelsFirst');
    const kernel =
      flat === null
        ? plain(builder, node.kernel)
        : builder.weight(`${node.kernel.name}/channelsFirst/${flat.at(-1)}`, node.kernel.shape, () =>
            channelsFirstRows(node.kernel, flat.at(-1)!),
          );
    const gemm = (output: string) => builder.op('Gemm', node.name, [x, kernel, ...bias], { output });
    return withActivation(builder, values, node, 'asIs', gemm);
  }
  const layout = values.layout(source) === 'timeMajor' ? 'timeMajor' : 'asIs';
  const inputs = [values.get(source, layout), plain(builder, node.kernel)];
  withActivation(builder, values, node, layout, (output) => {
    if (bias.length === 0) return builder.op('MatMul', node.name, inputs, { output });
    return builder.op('Add', `${node.name}/add`, [builder.op('MatMul', node.name, inputs), ...bias], { output });
  });
}

/** `[...size, in, out]` → `[out, in, ...size]` */
function filtersFirst(kernel: Weight): Float32Array {
  const [channels, filters] = [kernel.shape.at(-2)!, kernel.shape.at(-1)!];
  const taps = kernel.data.length / (channels * filters);
  const out = new Float32Array(kernel.data.length);
  for (let filter = 0; filter < filters; filter++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let tap = 0; tap < taps; tap++) {
        out[(filter * channels + channel) * taps + tap] = kernel.data[(tap * channels + channel) * filters + filter]!;
      }
    }
  }
  return out;
}

/** `pads` where the lengths decide them now; `auto_pad` where only a run will. */
function paddingAttributes(
  node: ConvNode | PoolNode,
  spatial: readonly Dim[],
  size: readonly number[],
): Record<string, AttributeValue> {
  if (node.padding === 'valid') return {};
  const dilation = node.op === 'Conv' ? node.dilation : size.map(() => 1);
  const pads = spatial.map((length, axis) => {
    // With stride 1 padding does not depend on the length.
    const known = length ?? (node.strides[axis] === 1 ? size[axis]! * dilation[axis]! : null);
    return known === null ? null : samePadding(known, size[axis]!, node.strides[axis]!, dilation[axis]!);
  });
  const known = pads.filter((pad) => pad !== null);
  if (known.length === pads.length) {
    return { pads: ints([...known.map(([before]) => before), ...known.map(([, after]) => after)]) };
  }
  if (dilation.some((step) => step !== 1)) {
    throw new ExportError(
      'ERR_EXPORT',
      mustBe(`input of layer "${node.name}"`, 'of known length for padding "same" with strides and dilation', spatial),
    );
  }
  return { auto_pad: text('SAME_UPPER') };
}

export function writeConv(builder: OnnxBuilder, values: ValueTable, node: ConvNode): void {
  const source = node.inputs[0]!;
  const size = node.kernel.shape.slice(0, -2);
  const shape = [node.kernel.shape.at(-1)!, node.kernel.shape.at(-2)!, ...size];
  const x = values.get(source, 'channelsFirst');
  const kernel = builder.weight(`${node.kernel.name}/filtersFirst`, shape, () => filtersFirst(node.kernel));
  const bias = node.bias === null ? [] : [plain(builder, node.bias)];
  const attributes = {
    kernel_shape: ints(size),
    strides: ints(node.strides),
    dilations: ints(node.dilation),
    ...paddingAttributes(node, values.shape(source).slice(1, -1), size),
  };
  withActivation(builder, values, node, 'channelsFirst', (output) =>
    builder.op('Conv', node.name, [x, kernel, ...bias], { output, attributes }),
  );
}

export function writePool(builder: OnnxBuilder, values: ValueTable, node: PoolNode): void {
  const source = node.inputs[0]!;
  const { name, shape } = node.output;
  const attributes = {
    kernel_shape: ints(node.size),
    strides: ints(node.strides),
    ...paddingAttributes(node, values.shape(source).slice(1, -1), node.size),
  };
  const x = values.get(source, 'channelsFirst');
  const output = nameIn('channelsFirst', name);
  const opType = node.kind === 'max' ? 'MaxPool' : 'AveragePool';
  values.define(name, shape, 'channelsFirst', builder.op(opType, node.name, [x], { output, attributes }));
}

export function writeGlobalPool(builder: OnnxBuilder, values: ValueTable, node: GlobalPoolNode): void {
  const source = node.inputs[0]!;
  const rank = values.shape(source).length;
  const layout = values.has(source, 'channelsFirst') ? 'channelsFirst' : 'asIs';
  const first = layout === 'channelsFirst' ? 2 : 1;
  const axes = Array.from({ length: rank - 2 }, (_, axis) => axis + first);
  const opType = node.kind === 'max' ? 'ReduceMax' : 'ReduceMean';
  const x = values.get(source, layout);
  const { name, shape } = node.output;
  const attributes = { axes: ints(axes), keepdims: int(0) };
  values.define(name, shape, 'asIs', builder.op(opType, node.name, [x], { output: name, attributes }));
}

/**
 * Channels-first input is flattened as it lies; the dense layer behind it turns its kernel's rows once.
 * Where only one channel or one position is left, both orders are the same.
 */
export function writeFlatten(builder: OnnxBuilder, values: ValueTable, node: FlattenNode): void {
  const source = node.inputs[0]!;
  const { name, shape } = node.output;
  const from = values.shape(source);
  const size = itemSize(from);
  const asItLies = values.layout(source) === 'channelsFirst' && size !== null;
  const x = values.get(source, asItLies ? 'channelsFirst' : 'asIs');
  const permuted = asItLies && from.at(-1) !== 1 && from.at(-1) !== size;
  const layout = permuted ? 'flatChannelsFirst' : 'asIs';
  const y = builder.op('Flatten', node.name, [x], { output: nameIn(layout, name), attributes: { axis: int(1) } });
  values.define(name, shape, layout, y, permuted ? from : null);
}

export function writeReshape(builder: OnnxBuilder, values: ValueTable, node: ReshapeNode): void {
  const { name, shape } = node.output;
  const open = shape.slice(1).filter((dim) => dim === null).length;
  if (open > 1) {
    throw new ExportError('ERR_EXPORT', mustBe(`shape of layer "${node.name}"`, 'open on one axis at most', shape));
  }
  const target = open === 0 ? [-1, ...shape.slice(1)] : [0, ...shape.slice(1).map((dim) => dim ?? -1)];
  const numbers = target.map((dim) => dim ?? -1);
  const x = values.get(node.inputs[0]!, 'asIs');
  values.define(name, shape, 'asIs', builder.op('Reshape', node.name, [x, builder.int64(numbers)], { output: name }));
}

function normalizationConstants(node: BatchNormalizationNode): { scale: Float32Array; shift: Float32Array } {
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
    return values.define(name, shape, 'channelsFirst', y);
  }
  const layout = values.layout(source) === 'timeMajor' ? 'timeMajor' : 'asIs';
  const scaled = [values.get(source, layout), constant('scale', () => normalizationConstants(node).scale)];
  const x = builder.op('Mul', `${node.name}/scale`, scaled);
  const shifted = [x, constant('shift', () => normalizationConstants(node).shift)];
  values.define(name, shape, layout, builder.op('Add', node.name, shifted, { output: nameIn(layout, name) }));
}
