import { ExportError, mustBe } from '../errors.js';
import { itemSize, type Shape, showShape } from '../graph/index.js';
import { int, ints, type OnnxBuilder } from './builder.js';
import { ELEMENT_TYPES } from './proto.js';

/**
 * How the axes of a value lie in ONNX. A graph is channels-last; ONNX convolves channels-first and runs recurrent
 * layers time-first. A value is made in the layout its operator has and turned only where another one is read, so
 * that turns between consecutive layers of a kind cancel.
 *
 * `flatChannelsFirst` is a flattened image or sequence whose channels come first: the next dense layer permutes the
 * rows of its kernel once instead.
 */
export type Layout = 'asIs' | 'channelsFirst' | 'timeMajor' | 'flatChannelsFirst';

interface StoredValue {
  readonly shape: Shape;
  readonly names: Map<Layout, string>;
  /** Of a flattened value: what it was. */
  readonly unflattened: Shape | null;
}

/** For each axis of a layout, the axis of the graph's value that it is. */
export function axisOrder(layout: Layout, rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  if (layout === 'channelsFirst') return [0, rank - 1, ...axes.slice(1, -1)];
  if (layout === 'timeMajor') return [1, 0, ...axes.slice(2)];
  return axes;
}

/** The values of a graph, each in the layouts in which it exists so far. */
export class ValueTable {
  readonly #builder: OnnxBuilder;
  readonly #values = new Map<string, StoredValue>();
  readonly #integers = new Map<string, string>();

  constructor(builder: OnnxBuilder) {
    this.#builder = builder;
  }

  define(name: string, shape: Shape, layout: Layout, onnxName: string, unflattened: Shape | null = null): void {
    this.#values.set(name, { shape, names: new Map([[layout, onnxName]]), unflattened });
  }

  /** An input of whole numbers; as floats it is only made for who asks for them. */
  defineIntegers(name: string, shape: Shape): void {
    const attributes = { to: int(ELEMENT_TYPES.float32) };
    this.define(name, shape, 'asIs', this.#builder.op('Cast', `${name}/float`, [name], { attributes }));
    this.#integers.set(name, name);
  }

  /** The ONNX name of a value as whole numbers, where it is one of those. */
  integers(name: string): string | null {
    return this.#integers.get(name) ?? null;
  }

  /** `name` is the same value as `source`: the layer between them does nothing. */
  alias(name: string, source: string): void {
    this.#values.set(name, this.#stored(source));
    const integers = this.integers(source);
    if (integers !== null) this.#integers.set(name, integers);
  }

  shape(name: string): Shape {
    return this.#stored(name).shape;
  }

  /** The first layout in which a value exists: what layers take that work on any. */
  layout(name: string): Layout {
    return this.#stored(name).names.keys().next().value!;
  }

  has(name: string, layout: Layout): boolean {
    return this.#stored(name).names.has(layout);
  }

  unflattened(name: string): Shape | null {
    return this.#stored(name).unflattened;
  }

  /** The ONNX name of a value in a layout, turning it once if it is not there yet. */
  get(name: string, layout: Layout): string {
    const value = this.#stored(name);
    let onnxName = value.names.get(layout);
    if (onnxName === undefined) {
      onnxName = this.#turn(name, value, layout);
      value.names.set(layout, onnxName);
    }
    return onnxName;
  }

  #stored(name: string): StoredValue {
    const value = this.#values.get(name);
    if (value === undefined) throw new ExportError('ERR_EXPORT', mustBe('value', 'made before it is read', name));
    return value;
  }

  #turn(name: string, value: StoredValue, layout: Layout): string {
    const from = value.names.keys().next().value!;
    if (from === 'flatChannelsFirst') return this.#unpermute(name, value);
    const source = value.names.get(from)!;
    const current = axisOrder(from, value.shape.length);
    const perm = axisOrder(layout, value.shape.length).map((axis) => current.indexOf(axis));
    const output = layout === 'asIs' ? name : `${name}/${layout}`;
    return this.#builder.op('Transpose', output, [source], { output, attributes: { perm: ints(perm) } });
  }

  /** Channels-first flat → the graph's order, for a reader that is not a dense layer. */
  #unpermute(name: string, value: StoredValue): string {
    const image = value.unflattened!;
    const channels = image.at(-1)!;
    const size = itemSize(image);
    if (channels === null || size === null) {
      throw new ExportError('ERR_EXPORT', mustBe(`input of a flatten layer`, 'of known shape', showShape(image)));
    }
    const builder = this.#builder;
    const asImage = builder.int64([-1, channels, size / channels]);
    const rows = builder.op('Reshape', `${name}/image`, [value.names.get('flatChannelsFirst')!, asImage]);
    const turned = builder.op('Transpose', `${name}/turn`, [rows], { attributes: { perm: ints([0, 2, 1]) } });
    return builder.op('Reshape', name, [turned, builder.int64([-1, size])], { output: name });
  }
}
