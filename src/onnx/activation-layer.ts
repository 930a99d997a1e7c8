import type { Activation, ConvNode, ConvTransposeNode, DenseNode, ValueInfo, Weight } from '../graph/index.js';
import { needsLastAxis, writeActivation } from './activations.js';
import type { OnnxBuilder } from './builder.js';
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
  node: DenseNode | ConvNode | ConvTransposeNode,
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
  { name, shape }: ValueInfo,
  activation: Activation,
): void {
  if (activation === 'linear') {
    values.alias(name, source);
    return;
  }
  const layout = needsLastAxis(activation) && values.layout(source) !== 'timeMajor' ? 'asIs' : values.layout(source);
  const unflattened = layout === 'flatChannelsFirst' ? values.unflattened(source) : null;
  const x = values.get(source, layout);
  const y = writeActivation(builder, activation, x, `${name}/${activation}`, nameIn(layout, name));
  values.define(name, shape, layout, y, unflattened);
}
