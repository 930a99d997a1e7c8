/** Losses and the accuracy that goes with them, by their Keras names. */
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { loadTf, type Tensor } from '../model/index.js';
import { checkNumber } from './check-number.js';

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

/** @throws ParameterError `ERR_OPTION` for a name that is not in the table */
export function lossNamed(name: unknown): Loss {
  if (typeof name !== 'string' || !Object.hasOwn(LOSSES, name)) {
    throw new ParameterError('ERR_OPTION', mustBe('loss', LOSS_NAMES.join(' | '), name));
  }
  const key = name as LossName;
  return { name: key, ...LOSSES[key], sparse: key === 'sparseCategoricalCrossentropy' };
}

/** One part of a loss that is a sum: between the output of a layer and the data's target, or the output of another layer. */
export interface LossTerm {
  /** Name of the layer whose output is judged. Default: the model's output. */
  readonly of?: string;
  /** Name of the layer whose output it should be. Default: the data's target, one for each such term and each of another layer. */
  readonly target?: string;
  readonly loss: LossName;
  /** Factor. Default 1. */
  readonly weight?: number;
  /** Which side learns nothing from this term: `'target'` keeps a target from coming to meet its prediction. Default: none. */
  readonly stopGradient?: 'of' | 'target';
}

/** A term with all that it needs; a null `of` is the model's output, a null `target` the data's. */
export interface CheckedTerm {
  readonly of: string | null;
  readonly target: string | null;
  readonly loss: Loss;
  readonly weight: number;
  readonly stopGradient: LossTerm['stopGradient'] | null;
}

/** Those whose targets come from the data. */
export function dataTerms(terms: readonly CheckedTerm[]): CheckedTerm[] {
  return terms.filter(({ target }) => target === null);
}

/** The loss of the data's first target; null where every term has a target of its own. */
export function dataLoss(terms: readonly CheckedTerm[]): Loss | null {
  return dataTerms(terms)[0]?.loss ?? null;
}

const TERM_KEYS: OptionKeys<LossTerm> = { of: true, target: true, loss: true, weight: true, stopGradient: true };

/**
 * The terms of a loss, those with a target of the data first.
 * @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION`
 */
export function lossTerms(given: LossName | readonly LossTerm[]): CheckedTerm[] {
  if (!Array.isArray(given)) {
    return [{ of: null, target: null, loss: lossNamed(given), weight: 1, stopGradient: null }];
  }
  const terms = given.map(checkTerm);
  const judged = dataTerms(terms).map(({ of }) => of);
  const areClear = judged.length < 2 || (!judged.includes(null) && new Set(judged).size === judged.length);
  if (terms.length === 0 || !areClear) {
    const expected = 'one term or more; of several without target, each of another layer, named in `of`';
    throw new ParameterError('ERR_OPTION', mustBe('loss', expected, given));
  }
  return terms.sort((a, b) => Number(a.target !== null) - Number(b.target !== null));
}

function checkTerm(term: LossTerm): CheckedTerm {
  refuseUnknown(term, TERM_KEYS, 'a term of the loss');
  const { of = null, target = null, weight = 1, stopGradient = null } = term;
  for (const [name, value] of [['of', of] as const, ['target', target] as const]) {
    if (value === null || (typeof value === 'string' && value !== '')) continue;
    throw new ParameterError('ERR_OPTION', mustBe(`${name} of a term of the loss`, "a layer's name", value));
  }
  checkNumber('weight of a term of the loss', weight, 'positive');
  if (stopGradient !== null && stopGradient !== 'of' && stopGradient !== 'target') {
    throw new ParameterError('ERR_OPTION', mustBe('stopGradient', '"of" or "target"', stopGradient));
  }
  const loss = lossNamed(term.loss);
  if (target === null && stopGradient === 'target') {
    throw new ParameterError(
      'ERR_OPTION',
      mustBe('stopGradient', '"of" or absent where the data have the target', stopGradient),
    );
  }
  if (target !== null && loss.sparse) {
    throw new ParameterError(
      'ERR_OPTION',
      mustBe('loss between two layers', 'one of values, not of class numbers', loss.name),
    );
  }
  if (target !== null && stopGradient !== 'target' && loss.name !== 'meanSquaredError') {
    // The other losses are no function that a target could learn from.
    throw new ParameterError(
      'ERR_OPTION',
      mustBe('loss between two layers that both learn', 'meanSquaredError', loss.name),
    );
  }
  return { of, target, loss, weight, stopGradient };
}
