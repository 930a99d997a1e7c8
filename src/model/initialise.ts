import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { namedWeights } from './layer-weights.js';
import { namedLeaves } from './named-layers.js';
import { type LayersModel, loadTf } from './tf.js';

type Random = () => number;

function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

/** Standard normal by Box and Muller; `1 − u` keeps the logarithm's argument above 0. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Glorot and Bengio 2010: uniform in ±√(6 / (fanIn + fanOut)); the last two axes are in and out, the rest the window. */
function glorotUniform(shape: readonly number[], random: Random): Float32Array {
  const window = shape.slice(0, -2).reduce((product, dim) => product * dim, 1);
  const limit = Math.sqrt(6 / (window * (shape.at(-2)! + shape.at(-1)!)));
  const size = shape.reduce((product, dim) => product * dim, 1);
  return Float32Array.from({ length: size }, () => (2 * random() - 1) * limit);
}

/** Saxe et al. 2013: `rows` orthonormal rows of `columns ≥ rows` numbers, by Gram and Schmidt in double precision. */
function orthogonalRows(rows: number, columns: number, random: Random): Float32Array {
  const basis: Float64Array[] = [];
  while (basis.length < rows) {
    const row = Float64Array.from({ length: columns }, () => normal(random));
    for (const other of basis) {
      const overlap = row.reduce((sum, value, i) => sum + value * other[i]!, 0);
      for (let i = 0; i < columns; i++) row[i]! -= overlap * other[i]!;
    }
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    basis.push(row.map((value) => value / length));
  }
  return Float32Array.from(basis.flatMap((row) => [...row]));
}

/** LSTM gates lie side by side as input, forget, cell, output; the forget gate starts at 1 (Jozefowicz et al. 2015). */
function forgetBias(size: number): Float32Array {
  const units = size / 4;
  return new Float32Array(size).fill(1, units, 2 * units);
}

function initial(name: string, shape: readonly number[], isLstm: boolean, random: Random): Float32Array {
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (name.endsWith('/recurrentKernel')) return orthogonalRows(shape[0]!, shape[1]!, random);
  if (name.endsWith('/kernel')) return glorotUniform(shape, random);
  if (name.endsWith('/bias') && isLstm) return forgetBias(size);
  return new Float32Array(size);
}

/**
 * Sets Keras' default initial weights (Glorot uniform kernels, orthogonal recurrent kernels, zero biases, forget
 * bias 1) of a model of dense, convolution and LSTM layers from one seed, so that two runs start from the same bits.
 * tfjs's own orthogonal initialiser is slow and prints a warning above 2 000 numbers.
 */
export function initialiseWeights(model: LayersModel, seed: number): void {
  const tf = loadTf();
  const random = seededRandom(seed);
  for (const [layer, layerName] of namedLeaves(model)) {
    const isLstm = layer.getClassName() === 'LSTM';
    const tensors = namedWeights(layer, layerName).map(({ name, tensor: { shape } }) =>
      tf.tensor(initial(name, shape, isLstm, random), shape),
    );
    layer.setWeights(tensors);
    tf.dispose(tensors);
  }
}
