import { ExportError, mustBe } from '../errors.js';
import {
  type ConvNode,
  type ConvTransposeNode,
  type DepthwiseConvNode,
  type Dim,
  type GlobalPoolNode,
  type PoolNode,
  samePadding,
  type Weight,
} from '../graph/index.js';
import { nameIn, plainWeight, withActivation } from './activation-layer.js';
import { int, ints, type OnnxBuilder, text } from './builder.js';
import type { ValueTable } from './layout.js';
import type { AttributeValue } from './proto.js';

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
  node: ConvNode | DepthwiseConvNode | PoolNode,
  spatial: readonly Dim[],
  size: readonly number[],
): Record<string, AttributeValue> {
  if (node.padding === 'valid') return {};
  const dilation = node.op === 'Pool' ? size.map(() => 1) : node.dilation;
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
  const size = node.kernel.shape.slice(0, -2);
  const shape = [node.kernel.shape.at(-1)!, node.kernel.shape.at(-2)!, ...size];
  const kernel = builder.weight(`${node.kernel.name}/filtersFirst`, shape, () => filtersFirst(node.kernel));
  writeConvWith(builder, values, node, kernel, 1);
}

/** Filters of each channel in a group of their own. `[...size, in, multiplier]` → `[in·multiplier, 1, ...size]` */
export function writeDepthwiseConv(builder: OnnxBuilder, values: ValueTable, node: DepthwiseConvNode): void {
  const { name, shape, data } = node.kernel;
  const [channels, multiplier] = [shape.at(-2)!, shape.at(-1)!];
  const asOne = { name, shape: [...shape.slice(0, -2), 1, channels * multiplier], data };
  const turned = [channels * multiplier, 1, ...shape.slice(0, -2)];
  const kernel = builder.weight(`${name}/filtersFirst`, turned, () => filtersFirst(asOne));
  writeConvWith(builder, values, node, kernel, channels);
}

function writeConvWith(
  builder: OnnxBuilder,
  values: ValueTable,
  node: ConvNode | DepthwiseConvNode,
  kernel: string,
  groups: number,
): void {
  const source = node.inputs[0]!;
  const size = node.kernel.shape.slice(0, -2);
  const x = values.get(source, 'channelsFirst');
  const bias = node.bias === null ? [] : [plainWeight(builder, node.bias)];
  const attributes = {
    kernel_shape: ints(size),
    strides: ints(node.strides),
    dilations: ints(node.dilation),
    ...(groups > 1 ? { group: int(groups) } : {}),
    ...paddingAttributes(node, values.shape(source).slice(1, -1), size),
  };
  withActivation(builder, values, node, 'channelsFirst', (output) =>
    builder.op('Conv', node.name, [x, kernel, ...bias], { output, attributes }),
  );
}

/** `[...size, out, in]` → `[in, out, ...size]`, which is a convolution's turn with the roles of both changed. */
export function writeConvTranspose(builder: OnnxBuilder, values: ValueTable, node: ConvTransposeNode): void {
  const size = node.kernel.shape.slice(0, -2);
  const shape = [node.kernel.shape.at(-1)!, node.kernel.shape.at(-2)!, ...size];
  const x = values.get(node.inputs[0]!, 'channelsFirst');
  const kernel = builder.weight(`${node.kernel.name}/inputsFirst`, shape, () => filtersFirst(node.kernel));
  const bias = node.bias === null ? [] : [plainWeight(builder, node.bias)];
  // Of the cells that windows reach beyond each other, padding "same" cuts these off; windows that leave a gap make it up.
  const beyond = size.map((length, axis) => length - node.strides[axis]!);
  const cut = beyond.map((cells) => (node.padding === 'same' ? Math.max(cells, 0) : 0));
  const attributes = {
    kernel_shape: ints(size),
    strides: ints(node.strides),
    pads: ints([...cut.map((cells) => Math.floor(cells / 2)), ...cut.map((cells) => Math.ceil(cells / 2))]),
    output_padding: ints(beyond.map((cells) => Math.max(-cells, 0))),
  };
  withActivation(builder, values, node, 'channelsFirst', (output) =>
    builder.op('ConvTranspose', node.name, [x, kernel, ...bias], { output, attributes }),
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
  values.define(name, shape, 'asIs', builder.reduce(opType, node.name, x, axes, { output: name }));
}
