/** Losses and the accuracy that goes with them, by their Keras names. */
import { mustBe, ParameterError } from '../errors.js';
import { loadTf, type Tensor } from '../model/index.js';

/** One value per sample (and per step, where the output has steps): a mean over the last axis. */
type PerSample = (yTrue: Tensor, yPred: Tensor) => Tensor;

export interface Loss {
  readonly name: LossName;
  readonly perSample: PerSample;
  /** Targets are class numbers `[…, 1]`, not one value per output. */
  readonly sparse: boolean;
  /** How many samples are right, where that means something. */
  readonly correct: PerSample | null;
}

const binaryCorrect: PerSample = (yTrue, yPred) => {
  const tf = loadTf();
  // A target between 0 and 1 counts as the nearer of the two.
  return tf.mean(tf.equal(tf.greater(yPred, 0.5), tf.greaterEqual(yTrue, 0.5)).toFloat(), -1);
};

const categoricalCorrect: PerSample = (yTrue, yPred) => {
  const tf = loadTf();
  return tf.equal(tf.argMax(yTrue, -1), tf.argMax(yPred, -1)).toFloat();
};

const sparseCorrect: PerSample = (yTrue, yPred) => {
  const tf = loadTf();
  return tf.equal(tf.squeeze(yTrue, [-1]).toInt(), tf.argMax(yPred, -1)).toFloat();
};

const sparseCrossentropy: PerSample = (yTrue, yPred) => {
  const tf = loadTf();
  const nClasses = yPred.shape.at(-1) ?? 1;
  const oneHot = tf.oneHot(tf.squeeze(yTrue, [-1]).toInt(), nClasses).toFloat();
  return tf.metrics.categoricalCrossentropy(oneHot, yPred);
};

const LOSSES = {
  binaryCrossentropy: { perSample: (t, p) => loadTf().metrics.binaryCrossentropy(t, p), correct: binaryCorrect },
  categoricalCrossentropy: {
    perSample: (t, p) => loadTf().metrics.categoricalCrossentropy(t, p),
    correct: categoricalCorrect,
  },
  sparseCategoricalCrossentropy: { perSample: sparseCrossentropy, correct: sparseCorrect },
  meanSquaredError: { perSample: (t, p) => loadTf().metrics.meanSquaredError(t, p), correct: null },
  meanAbsoluteError: { perSample: (t, p) => loadTf().metrics.meanAbsoluteError(t, p), correct: null },
} as const satisfies Record<string, Pick<Loss, 'perSample' | 'correct'>>;

export type LossName = keyof typeof LOSSES;

/** What `loss` may be. */
export const LOSS_NAMES = Object.keys(LOSSES) as readonly LossName[];

/** @throws ParameterError `ERR_OPTION` for a name that is not in the table, and for losses of terms, which come later */
export function lossNamed(name: unknown): Loss {
  if (typeof name !== 'string' || !Object.hasOwn(LOSSES, name)) {
    const names = LOSS_NAMES.join(' | ');
    const note = typeof name === 'object' ? ' (losses made of terms are not part of this version)' : '';
    throw new ParameterError('ERR_OPTION', mustBe('loss', `${names}${note}`, name));
  }
  const key = name as LossName;
  return { name: key, ...LOSSES[key], sparse: key === 'sparseCategoricalCrossentropy' };
}
