import { ExportError, mustBe } from '../errors.js';
import { type DenseNode, type FlattenNode, itemSize, type ReshapeNode, type Weight } from '../graph/index.js';
import { nameIn, plainWeight, withActivation } from './activation-layer.js';
import { int, type OnnxBuilder } from './builder.js';
import type { ValueTable } from './layout.js';

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
  const bias = node.bias === null ? [] : [plainWeight(builder, node.bias)];
  if (rank === 2) {
    const flat = values.has(source, 'flatChannelsFirst') ? values.unflattened(source) : null;
    const x = values.get(source, flat === null ? 'asIs' : 'flatChannelsFirst');
    const kernel =
      flat === null
        ? plainWeight(builder, node.kernel)
        : builder.weight(`${node.kernel.name}/channelsFirst/${flat.at(-1)}`, node.kernel.shape, () =>
            channelsFirstRows(node.kernel, flat.at(-1)!),
          );
    const gemm = (output: string) => builder.op('Gemm', node.name, [x, kernel, ...bias], { output });
    withActivation(builder, values, node, 'asIs', gemm);
    return;
  }
  const layout = values.layout(source) === 'timeMajor' ? 'timeMajor' : 'asIs';
  const inputs = [values.get(source, layout), plainWeight(builder, node.kernel)];
  withActivation(builder, values, node, layout, (output) => {
    if (bias.length === 0) return builder.op('MatMul', node.name, inputs, { output });
    return builder.op('Add', `${node.name}/add`, [builder.op('MatMul', node.name, inputs), ...bias], { output });
  });
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
