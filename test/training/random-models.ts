/**
 * Small random models of every layer that native training programs cover, with random weights and a random batch.
 * Left out, and held against central differences by the C++ tests: gradients that tfjs lacks (dilated convolutions, batch
 * normalisation without gamma or beta) or has wrong (average pooling with padding `same`, which its cpu backend divides by
 * the whole window, and upsampling, whose cells it adds to the wrong ones).
 */
import { type Layer, type LayersModel, loadTf, type SymbolicTensor } from '../../src/model/index.js';
import { LOSS_NAMES, type LossName } from '../../src/training/losses.js';
import { CELL_ACTIVATIONS } from '../../src/training/native-spec.js';
import { seededUniform } from '../graph/random.js';

const tf = loadTf();
const { layers: L } = tf;

type Random = () => number;

const MERGES = ['concat', 'sum', 'ave', 'mul'] as const;
const MOST_LAYERS = 3;
/** Steps of this value do not count. */
const MASK = 0.5;

export interface RandomCase {
  readonly name: string;
  readonly model: LayersModel;
  readonly loss: LossName;
  readonly inputShape: readonly number[];
  /** Of one window: as the loss has it. */
  readonly targetShape: readonly number[];
  readonly batch: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Of samples and steps; null for none. */
  readonly weights: Float32Array | null;
}

const whole = (random: Random, from: number, to: number) => from + Math.floor(random() * (to - from + 1));
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

function regularizer(random: Random) {
  return random() < 0.2
    ? { kernelRegularizer: tf.regularizers.l1l2({ l1: 0.01 * random(), l2: 0.02 * random() }) }
    : {};
}

/** A layer for inputs of a shape (without the batch), or null where none of this kind fits. */
function layerFor(random: Random, shape: readonly number[]) {
  const activation = pick(random, CELL_ACTIVATIONS) as 'relu';
  const useBias = random() < 0.8;
  const units = whole(random, 1, 9);
  const common = { activation, useBias, ...regularizer(random), trainable: random() < 0.85 };
  const dense = () => L.dense({ units, ...common });
  if (shape.length === 1) return pick(random, [dense, dense, () => L.activation({ activation })])();
  if (shape.length === 3) {
    const window = { strides: whole(random, 1, 2), padding: pick(random, ['valid', 'same'] as const) };
    const fits = Math.min(shape[0]!, shape[1]!);
    const size = whole(random, 1, Math.min(3, fits));
    return pick(random, [
      () => L.conv2d({ filters: units, kernelSize: [size, Math.min(size + 1, shape[1]!)], ...window, ...common }),
      () => L.maxPooling2d({ poolSize: size, ...window }),
      () => L.averagePooling2d({ poolSize: size, ...window, padding: 'valid' }),
      () => L.globalAveragePooling2d({}),
      () => L.conv2dTranspose({ filters: units, kernelSize: [size, size + 1], ...window, ...common }),
      () => L.batchNormalization({ epsilon: 0.01 }),
      () => L.flatten(),
    ])();
  }
  // tfjs has no gradient of a sequence of one step.
  if (shape[0]! < 2) return dense();
  const recurrent = {
    units,
    activation: pick(random, ['tanh', 'relu', 'hardSigmoid', 'softsign']) as 'tanh',
    recurrentActivation: pick(random, ['sigmoid', 'hardSigmoid']) as 'sigmoid',
    useBias,
    returnSequences: random() < 0.6,
    ...regularizer(random),
  };
  const kernelSize = whole(random, 1, Math.min(3, shape[0]!));
  const cell = () => (random() < 0.5 ? L.lstm(recurrent) : L.gru(recurrent));
  const passes = {
    lstm: () => L.lstm({ ...recurrent, goBackwards: random() < 0.3 }),
    gru: () => L.gru({ ...recurrent, goBackwards: random() < 0.3 }),
    bidirectional: () => L.bidirectional({ layer: cell() as never, mergeMode: pick(random, MERGES) }),
  };
  return pick(random, [
    passes.lstm,
    passes.gru,
    passes.bidirectional,
    dense,
    () => L.timeDistributed({ layer: L.dense({ units, activation, useBias }) }),
    () => L.conv1d({ filters: units, kernelSize, padding: pick(random, ['valid', 'same']), ...common }),
    () => L.maxPooling1d({ poolSize: kernelSize, strides: whole(random, 1, 2) }),
    () => L.globalMaxPooling1d({}),
    () => L.flatten(),
    () => L.reshape({ targetShape: [shape[1]!, shape[0]!] }),
    () => L.permute({ dims: [2, 1] }),
  ])();
}

/** The value beside what a layer makes of it, in one of the ways there are. */
function branched(random: Random, x: SymbolicTensor): SymbolicTensor {
  const width = shapeOf(x).at(-1)!;
  const kind = pick(random, ['add', 'multiply', 'average', 'maximum', 'concatenate'] as const);
  const units = kind === 'concatenate' ? whole(random, 1, 4) : width;
  const other = L.dense({ units, activation: 'tanh' }).apply(x) as SymbolicTensor;
  return L[kind]().apply([x, other]) as SymbolicTensor;
}

/** A sequence from one vector, no two steps alike: of equal maxima tfjs gives each the gradient, programs the first. */
function decoded(random: Random, x: SymbolicTensor): SymbolicTensor {
  const repeated = L.repeatVector({ n: whole(random, 2, 4) }).apply(x);
  return L.gru({ ...cellOptions(random), returnSequences: true }).apply(repeated) as SymbolicTensor;
}

const cellOptions = (random: Random) => ({ units: whole(random, 1, 5), recurrentActivation: 'sigmoid' as const });

/** A recurrent layer that begins with what the sequence as a whole says. */
function begun(random: Random, x: SymbolicTensor): SymbolicTensor {
  const kind = pick(random, ['lstm', 'gru'] as const);
  const o = cellOptions(random);
  const summary = L.flatten().apply(x) as SymbolicTensor;
  const state = () => L.dense({ units: o.units, activation: 'tanh' }).apply(summary) as SymbolicTensor;
  const initialState = kind === 'lstm' ? [state(), state()] : [state()];
  return L[kind]({ ...o, returnSequences: random() < 0.5 }).apply(x, { initialState }) as SymbolicTensor;
}

/** A recurrent layer, or one in both directions, behind a mask. */
function masked(random: Random, x: SymbolicTensor): SymbolicTensor {
  const kind = pick(random, ['lstm', 'gru'] as const);
  const o = { ...cellOptions(random), goBackwards: random() < 0.3 };
  const read = () => (random() < 0.5 ? L.lstm(cellOptions(random)) : L.gru(cellOptions(random)));
  const counted = L.masking({ maskValue: MASK }).apply(x);
  if (random() < 0.4)
    return L.bidirectional({ layer: read() as never, mergeMode: 'concat' }).apply(counted) as typeof x;
  const all = L[kind]({ ...o, returnSequences: true }).apply(counted);
  return read().apply(all) as SymbolicTensor;
}

/** The layer inside a model of its own. */
function nested(layer: Layer, x: SymbolicTensor): SymbolicTensor {
  const inside = tf.sequential({ layers: [L.inputLayer({ inputShape: shapeOf(x) }), layer] });
  return inside.apply(x) as SymbolicTensor;
}

function shapeOf(x: SymbolicTensor): number[] {
  return x.shape.slice(1).map(Number);
}

const LAST: Readonly<Record<LossName, string>> = {
  meanSquaredError: 'linear',
  meanAbsoluteError: 'tanh',
  binaryCrossentropy: 'sigmoid',
  categoricalCrossentropy: 'softmax',
  sparseCategoricalCrossentropy: 'softmax',
};

/** The same seed gives the same case. */
export function randomCase(seed: number): RandomCase {
  const random = seededUniform(seed);
  const inputShape = pick(random, [
    [whole(random, 1, 20)],
    [whole(random, 3, 7), whole(random, 1, 6)],
    [whole(random, 3, 7), whole(random, 1, 6)],
    [whole(random, 3, 6), whole(random, 3, 6), whole(random, 1, 3)],
  ]);
  const input = tf.input({ shape: inputShape });
  let x = input;
  const isMasked = inputShape.length === 2 && random() < 0.3;
  if (isMasked) x = masked(random, x);
  for (let n = whole(random, 1, MOST_LAYERS); n > 0; n -= 1) {
    const layer = layerFor(random, shapeOf(x));
    x = random() < 0.15 ? nested(layer, x) : (layer.apply(x) as typeof x);
    if (random() < 0.25) x = branched(random, x);
    // tfjs hands a mask on to recurrent layers behind that have none.
    if (!isMasked && random() < 0.25 && shapeOf(x).length === 1) x = decoded(random, x);
  }
  // Last of them: tfjs hands the state on to recurrent layers behind.
  if (random() < 0.4 && shapeOf(x).length === 2 && shapeOf(x)[0]! > 1) x = begun(random, x);
  const loss = pick(random, LOSS_NAMES);
  const width = loss.endsWith('ategoricalCrossentropy') ? whole(random, 2, 5) : whole(random, 1, 5);
  x = L.dense({ units: width, activation: LAST[loss] as 'relu', ...regularizer(random) }).apply(x) as typeof x;
  const model = tf.model({ inputs: input, outputs: x });
  model.setWeights(
    model.weights.map(({ originalName, shape }) => {
      const values = floats(
        random,
        shape.reduce<number>((n, dim) => n * (dim ?? 1), 1),
        0.7,
      );
      return tf.tensor(originalName.endsWith('variance') ? values.map((x) => 0.1 + x * x) : values, shape.map(Number));
    }),
  );
  const batch = whole(random, 1, 7);
  const output = shapeOf(x);
  const rows = output.slice(0, -1).reduce((n, dim) => n * dim, batch);
  const sparse = loss === 'sparseCategoricalCrossentropy';
  const values = floats(
    random,
    inputShape.reduce((n, dim) => n * dim, batch),
    1,
  );
  if (isMasked) leaveOut(random, values, inputShape[1]!);
  return {
    name: model.layers.map(described).join(' → '),
    model,
    loss,
    inputShape,
    targetShape: sparse ? [...output.slice(0, -1), 1] : output,
    batch,
    x: values,
    y: targets(random, loss, rows, width),
    weights: random() < 0.4 ? Float32Array.from({ length: rows }, () => 2 * random()) : null,
  };
}

/** Steps of `width` numbers that do not count. */
function leaveOut(random: Random, x: Float32Array, width: number): void {
  for (let at = 0; at < x.length; at += width) if (random() < 0.3) x.fill(MASK, at, at + width);
}

/** A layer with the options that tell one case from another. */
function described(layer: (typeof tf.LayersModel.prototype.layers)[number]): string {
  const { activation, kernelRegularizer, layer: inner } = layer.getConfig() as Record<string, unknown>;
  const within = inner as { config?: { activation?: unknown } } | undefined;
  const kind = [activation ?? within?.config?.activation, kernelRegularizer ? 'l1l2' : null].filter(Boolean).join(' ');
  return `${layer.getClassName()}(${kind})`;
}

function floats(random: Random, n: number, scale: number): Float32Array {
  return Float32Array.from({ length: n }, () => scale * (2 * random() - 1));
}

function targets(random: Random, loss: LossName, rows: number, width: number): Float32Array {
  if (loss === 'sparseCategoricalCrossentropy')
    return Float32Array.from({ length: rows }, () => whole(random, 0, width - 1));
  if (loss === 'categoricalCrossentropy') {
    const y = new Float32Array(rows * width);
    for (let row = 0; row < rows; row += 1) y[row * width + whole(random, 0, width - 1)] = 1;
    return y;
  }
  return Float32Array.from({ length: rows * width }, () =>
    loss === 'binaryCrossentropy' ? whole(random, 0, 1) : 2 * random() - 1,
  );
}
