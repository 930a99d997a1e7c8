import { ModelError, mustBe, ParameterError } from '../errors.js';
import { initialiseWeights } from './initialise.js';
import { seededDropout } from './seeded-dropout.js';
import { type Layer, type LayersModel, loadTf, type SymbolicTensor } from './tf.js';

export interface ToneCnnOptions {
  /** Length of one frame's spectrum. */
  readonly bins: number;
  /** Filters of each block of convolution and pooling. Default: as many of `[8, 16, 24, 32]` as `bins` has room for. */
  readonly filters?: readonly number[];
  /** Taps of each convolution. Default 9. */
  readonly kernelSize?: number;
  /** Cells of each maximum pool, which is also its stride. Default 4. */
  readonly pool?: number;
  /** Default 64. */
  readonly denseUnits?: number;
  /** Rate after the first block. Default 0.2. */
  readonly dropout?: number;
  /** Rate after the dense layer. Default 0.5. */
  readonly denseDropout?: number;
  /** Initial bias of the score: the log-odds of the tone's share make training begin at the base rate. Default 0. */
  readonly scoreBias?: number;
  /** Of initial weights and dropout masks. Default 0. */
  readonly seed?: number;
}

const DEFAULT_FILTERS = [8, 16, 24, 32] as const;

/** Bins that `blocks` blocks need so that the last pool makes one cell. */
function binsNeeded(blocks: number, kernelSize: number, pool: number): number {
  let bins = 1;
  for (let block = 0; block < blocks; block++) bins = bins * pool + kernelSize - 1;
  return bins;
}

function positive(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new ParameterError('ERR_OPTION', mustBe(name, 'a positive whole number', value));
  }
  return value;
}

function finite(name: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new ParameterError('ERR_OPTION', mustBe(name, 'a finite number', value));
}

function rate(name: string, value: number): number {
  if (!(value >= 0 && value < 1)) throw new ParameterError('ERR_OPTION', mustBe(name, 'in [0, 1)', value));
  return value;
}

function blockFilters(bins: number, filters: readonly number[] | undefined, kernelSize: number, pool: number) {
  const fits = (blocks: number) => bins >= binsNeeded(blocks, kernelSize, pool);
  const chosen = filters ?? DEFAULT_FILTERS.filter((_, block) => fits(block + 1));
  const blocks = Math.max(chosen.length, 1);
  if (chosen.length === 0 && fits(blocks)) {
    throw new ParameterError('ERR_OPTION', mustBe('filters', 'at least one number', chosen));
  }
  if (!fits(blocks)) {
    const least = binsNeeded(blocks, kernelSize, pool);
    const why = `at least ${least} for ${blocks} block(s) of kernelSize ${kernelSize} and pool ${pool}`;
    throw new ParameterError('ERR_OPTION', mustBe('bins', why, bins));
  }
  return chosen.map((count, block) => positive(`filters[${block}]`, count));
}

/**
 * The tone detector: one frame's spectrum → probability of the tone. The shape of Hertel et al. 2016 as seed 0 uses it,
 * in small: blocks of Conv1D ('valid', ReLU) and MaxPooling1D, dropout after the first; then a dense layer with ReLU
 * and dropout, and one sigmoid unit.
 *
 * @returns a model `[batch, bins, 1]` → `[batch, 1]` with layers `input`, `conv1`, `pool1`, …, `dense1`, `score`
 * @throws ParameterError `ERR_OPTION` where `bins` leave no room for the blocks, naming how many they need
 */
export function toneCnn(options: ToneCnnOptions): LayersModel {
  const bins = positive('bins', options.bins);
  const kernelSize = positive('kernelSize', options.kernelSize ?? 9);
  const pool = positive('pool', options.pool ?? 4);
  const seed = options.seed ?? 0;
  const dropout = rate('dropout', options.dropout ?? 0.2);
  const denseDropout = rate('denseDropout', options.denseDropout ?? 0.5);
  const units = positive('denseUnits', options.denseUnits ?? 64);
  const filters = blockFilters(bins, options.filters, kernelSize, pool);
  const { layers, input, model } = loadTf();

  const spectrum = input({ shape: [bins, 1], name: 'input' });
  let x = spectrum;
  filters.forEach((count, block) => {
    const n = block + 1;
    x = through(layers.conv1d({ name: `conv${n}`, filters: count, kernelSize, activation: 'relu' }), x);
    x = through(layers.maxPooling1d({ name: `pool${n}`, poolSize: pool, strides: pool }), x);
    if (block === 0) x = through(seededDropout({ name: 'dropout1', rate: dropout, seed: 2 * seed }), x);
  });
  x = through(layers.flatten({ name: 'flatten' }), x);
  x = through(layers.dense({ name: 'dense1', units, activation: 'relu' }), x);
  x = through(seededDropout({ name: 'dropout2', rate: denseDropout, seed: 2 * seed + 1 }), x);
  const score = layers.dense({ name: 'score', units: 1, activation: 'sigmoid' });
  x = through(score, x);
  const made = initialised(model({ inputs: spectrum, outputs: x, name: 'tone_cnn' }), seed);
  if (options.scoreBias !== undefined) setBias(score, finite('scoreBias', options.scoreBias));
  return made;
}

export interface SequenceLstmOptions {
  /** Values per window. Default 40. */
  readonly length?: number;
  /** Numbers per value. Default 1. */
  readonly features?: number;
  /** Of each of the two LSTM layers. Default 40. */
  readonly units?: number;
  /** Rate after each LSTM layer. Default 0.2. */
  readonly dropout?: number;
  /** `'hardSigmoid'` is what Keras 1 had when seed 0 was written. Default `'sigmoid'`. */
  readonly recurrentActivation?: 'sigmoid' | 'hardSigmoid';
  /** Of initial weights and dropout masks. Default 0. */
  readonly seed?: number;
}

/**
 * Seed 0's sequence detector: LSTM → dropout → LSTM → dropout → one sigmoid unit; 19 721 parameters by default.
 *
 * @returns a model `[batch, length, features]` → `[batch, 1]` with layers `input`, `lstm1`, `dropout1`, `lstm2`, `dropout2`, `score`
 */
export function sequenceLstm(options: SequenceLstmOptions = {}): LayersModel {
  const length = positive('length', options.length ?? 40);
  const features = positive('features', options.features ?? 1);
  const units = positive('units', options.units ?? 40);
  const dropout = rate('dropout', options.dropout ?? 0.2);
  const seed = options.seed ?? 0;
  const recurrentActivation = options.recurrentActivation ?? 'sigmoid';
  const tf = loadTf();
  const { layers } = tf;

  const window = tf.input({ shape: [length, features], name: 'input' });
  const first = { name: 'lstm1', units, recurrentActivation, returnSequences: true } as const;
  const second = { name: 'lstm2', units, recurrentActivation } as const;
  let x = through(layers.lstm({ ...first, ...PLAIN_INITIALISER }), window);
  x = through(seededDropout({ name: 'dropout1', rate: dropout, seed: 2 * seed }), x);
  x = through(layers.lstm({ ...second, ...PLAIN_INITIALISER }), x);
  x = through(seededDropout({ name: 'dropout2', rate: dropout, seed: 2 * seed + 1 }), x);
  x = through(layers.dense({ name: 'score', units: 1, activation: 'sigmoid' }), x);
  return initialised(tf.model({ inputs: window, outputs: x, name: 'sequence_lstm' }), seed);
}

/** A cheap start for weights that `initialiseWeights` sets right after. */
const PLAIN_INITIALISER = { recurrentInitializer: 'glorotUniform' } as const;

/** The one symbolic output of a layer on `x`; none of the layers above has more. */
function through(layer: Layer, x: SymbolicTensor): SymbolicTensor {
  const y = layer.apply(x);
  if (y instanceof loadTf().SymbolicTensor) return y;
  throw new ModelError('ERR_MODEL', mustBe(`output of layer "${layer.name}"`, 'one symbolic tensor', typeof y));
}

function setBias(layer: Layer, value: number): void {
  const tf = loadTf();
  const [kernel, bias] = layer.getWeights();
  const filled = tf.fill(bias!.shape, value);
  layer.setWeights([kernel!, filled]);
  filled.dispose();
}

function initialised(model: LayersModel, seed: number): LayersModel {
  initialiseWeights(model, seed);
  return model;
}
