import type {
  Activation,
  ConvNode,
  ConvTransposeNode,
  DenseNode,
  DepthwiseConvNode,
  PReluNode,
  RectifierNode,
  ValueInfo,
  Weight,
} from '../graph/index.js';
import { needsLastAxis, writeActivation } from './activations.js';
import { float, type OnnxBuilder } from './builder.js';
import type { Layout, ValueTable } from './layout.js';

/** The ONNX name under which a layer makes its value in a layout. */
export function nameIn(layout: Layout, name: string): string {
  return layout === 'asIs' ? name : `${name}/${layout}`;
}

/** A weight as it lies in the graph. */
export function plainWeight(builder: OnnxBuilder, weight: Weight): string {
  return builder.weight(weight.name, weight.shape, () => weight.data);
}

/** Adds a layer's activation to what `write` makes (given the name of its output) and defines the layer's value. */
export function withActivation(
  builder: OnnxBuilder,
  values: ValueTable,
  node: DenseNode | ConvNode | DepthwiseConvNode | ConvTransposeNode,
  layout: Layout,
  write: (output: string) => string,
): void {
  const { name, shape } = node.output;
  const output = nameIn(layout, name);
  if (node.activation === 'linear') {
    values.define(name, shape, layout, write(output));
    return;
  }
  const linear = write(nameIn(layout, `${name}/linear`));
  if (!needsLastAxis(node.activation) || layout !== 'channelsFirst') {
    const y = writeActivation(builder, node.activation, linear, `${name}/${node.activation}`, output);
    values.define(name, shape, layout, y);
    return;
  }
  values.define(`${name}/linear`, shape, layout, linear);
  writeActivationOf(builder, values, `${name}/linear`, node.output, node.activation);
}

/** An activation layer: on whatever layout its input has, unless it needs the channels last. */
export function writeActivationOf(
  builder: OnnxBuilder,
  values: ValueTable,
  source: string,
  output: ValueInfo,
  activation: Activation,
): void {
  if (activation === 'linear') {
    values.alias(output.name, source);
    return;
  }
  const layout = needsLastAxis(activation) && values.layout(source) !== 'timeMajor' ? 'asIs' : values.layout(source);
  writeElementwise(values, source, output, layout, (x, y) =>
    writeActivation(builder, activation, x, `${output.name}/${activation}`, y),
  );
}

/** Defines a value that `write` makes number by number of another one, in a layout of that one. */
export function writeElementwise(
  values: ValueTable,
  source: string,
  { name, shape }: ValueInfo,
  layout: Layout,
  write: (x: string, output: string) => string,
): void {
  const unflattened = layout === 'flatChannelsFirst' ? values.unflattened(source) : null;
  values.define(name, shape, layout, write(values.get(source, layout), nameIn(layout, name)), unflattened);
}

export function writeRectifier(builder: OnnxBuilder, values: ValueTable, node: RectifierNode): void {
  const source = node.inputs[0]!;
  writeElementwise(values, source, node.output, values.layout(source), (x, output) => {
    if (node.maximum !== null) {
      return builder.op('Clip', node.name, [x, builder.scalar(0), builder.scalar(node.maximum)], { output });
    }
    const [opType, alpha] =
      node.threshold === 0 ? (['LeakyRelu', node.slope] as const) : (['ThresholdedRelu', node.threshold] as const);
    return builder.op(opType, node.name, [x], { output, attributes: { alpha: float(alpha) } });
  });
}

export function writePRelu(builder: OnnxBuilder, values: ValueTable, node: PReluNode): void {
  const source = node.inputs[0]!;
  const layout = values.layout(source) === 'channelsFirst' ? 'channelsFirst' : 'asIs';
  const { name, shape, data } = node.alpha;
  const channels = shape.at(-1)!;
  const slope =
    layout === 'asIs'
      ? plainWeight(builder, node.alpha)
      : builder.weight(`${name}/channelsFirst`, [channels, ...shape.slice(0, -1)], () => transposed(data, channels));
  writeElementwise(values, source, node.output, layout, (x, output) =>
    builder.op('PRelu', node.name, [x, slope], { output }),
  );
}

/** `[rows, columns]` → `[columns, rows]` */
function transposed(data: Float32Array, columns: number): Float32Array {
  const rows = data.length / columns;
  return data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}
