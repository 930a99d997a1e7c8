/** What the grid of models is made of: seeded weights, inputs of known kinds. */
import { type Layer, type LayersModel, loadTf, type SymbolicTensor } from '../../../src/model/index.js';
import { namedWeights } from '../../../src/model/layer-weights.js';
import { namedLeaves } from '../../../src/model/named-layers.js';
import { seededUniform } from '../../graph/random.js';

export type Shape = readonly (number | null)[];

export interface CaseInput {
  /** Of one item; open axes get a length per run. */
  readonly shape: Shape;
  /** Whole numbers from 0 to below this; else numbers in [−1, 1). */
  readonly below?: number;
  /** Steps that hold this number alone, about a third of them; all of the first item of three and more, none of the second. */
  readonly gap?: number;
}

export interface ConformanceCase {
  readonly name: string;
  /** In the order of the model's. */
  readonly inputs: readonly CaseInput[];
  build(): LayersModel;
}

export const tf = loadTf();
export const { layers: L } = tf;

/** Uniform weights of unit gain; variances stay positive. */
export function randomiseWeights(model: LayersModel, seed: number): LayersModel {
  const random = seededUniform(seed);
  for (const [layer, layerName] of namedLeaves(model)) {
    const tensors = namedWeights(layer, layerName).map(({ name, tensor: { shape } }) => {
      const fanIn = shape.slice(0, -1).reduce((product, dim) => product * dim, 1);
      const scale = /ernel$/.test(name) ? Math.sqrt(3 / fanIn) : 0.3;
      const centre = name.endsWith('Variance') || name.endsWith('gamma') ? 1 : 0;
      const size = shape.reduce((product, dim) => product * dim, 1);
      return tf.tensor(
        Float32Array.from({ length: size }, () => centre + scale * (2 * random() - 1)),
        shape,
      );
    });
    layer.setWeights(tensors);
    tf.dispose(tensors);
  }
  return model;
}

export function through(layers: readonly Layer[], x: SymbolicTensor): SymbolicTensor {
  return layers.reduce((y, layer) => layer.apply(y) as SymbolicTensor, x);
}

export function stack(
  name: string,
  inputShape: Shape,
  make: () => Layer[],
  input: Partial<CaseInput> = {},
): ConformanceCase {
  const build = () => {
    const x = tf.input({ shape: [...inputShape], name: 'input' });
    return randomiseWeights(tf.model({ inputs: x, outputs: through(make(), x), name: 'stack' }), name.length);
  };
  return { name, inputs: [{ shape: inputShape, ...input }], build };
}

/** A functional model of inputs with these shapes; `make` returns its outputs. */
export function functional(
  name: string,
  inputs: readonly CaseInput[],
  make: (...inputs: SymbolicTensor[]) => SymbolicTensor | SymbolicTensor[],
): ConformanceCase {
  const build = () => {
    const given = inputs.map(({ shape, below }, i) =>
      tf.input({ shape: [...shape], name: `x${i}`, ...(below === undefined ? {} : { dtype: 'int32' }) }),
    );
    return randomiseWeights(tf.model({ inputs: given, outputs: make(...given), name: 'functional' }), name.length);
  };
  return { name, inputs, build };
}

/** Two branches from one input, brought together. */
export function branches(
  name: string,
  inputShape: Shape,
  make: () => [Layer[], Layer[], Layer, ...Layer[]],
): ConformanceCase {
  const build = () => {
    const input = tf.input({ shape: [...inputShape], name: 'input' });
    const [left, right, merge, ...rest] = make();
    const through = (layers: Layer[]) => layers.reduce((x, layer) => layer.apply(x) as typeof input, input);
    const merged = merge.apply([through(left), through(right), ...(right.length > 1 ? [through(left)] : [])]);
    const output = rest.reduce((x, layer) => layer.apply(x) as typeof input, merged as typeof input);
    return randomiseWeights(tf.model({ inputs: input, outputs: output, name: 'branches' }), name.length);
  };
  return { name, inputs: [{ shape: inputShape }], build };
}
