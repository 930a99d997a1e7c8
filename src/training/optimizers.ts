/** Optimisers by their Keras names, with tfjs's update rules. */
import { mustBe, ParameterError } from '../errors.js';
import { loadTf, type Tf } from '../model/index.js';

export type Optimizer = InstanceType<Tf['Optimizer']>;

/** What makes an optimiser. Options that its rule does not have are refused. */
export interface OptimizerOptions {
  readonly name: OptimizerName;
  /** Default: adam .001, sgd .01, rmsprop .001, adadelta 1.0. */
  readonly learningRate?: number;
  /** adam: decay of the mean gradient, default .9. */
  readonly beta1?: number;
  /** adam: decay of the mean squared gradient, default .999. */
  readonly beta2?: number;
  /** adadelta, rmsprop: decay of the running squares, defaults .95 and .9. */
  readonly rho?: number;
  /** sgd, rmsprop: default 0. */
  readonly momentum?: number;
  /** adam, rmsprop, adadelta: default 1e-7. */
  readonly epsilon?: number;
}

type Numbers = Omit<Required<OptimizerOptions>, 'name'>;

/** Keras 1's adadelta is `lr 1.0, rho .95`; tfjs's own factory would take lr .001. Epsilon is tfjs's for float32. */
const DEFAULTS = {
  adam: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  sgd: { learningRate: 0.01, momentum: 0 },
  rmsprop: { learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7 },
  adadelta: { learningRate: 1, rho: 0.95, epsilon: 1e-7 },
} as const satisfies Record<string, Partial<Numbers>>;

export type OptimizerName = keyof typeof DEFAULTS;

export type OptimizerConfig = { readonly name: OptimizerName } & Readonly<Partial<Numbers>>;

/**
 * Fills in defaults and checks every number.
 * @throws ParameterError `ERR_OPTION` for an unknown name or a number out of range, `ERR_UNKNOWN_OPTION` for an option the rule does not have
 */
export function optimizerConfig(given: OptimizerName | OptimizerOptions): OptimizerConfig {
  const options = typeof given === 'string' ? { name: given } : given;
  const name: unknown = options?.name;
  if (typeof name !== 'string' || !Object.hasOwn(DEFAULTS, name)) {
    throw new ParameterError('ERR_OPTION', mustBe('optimizer', Object.keys(DEFAULTS).join(' | '), name ?? given));
  }
  const defaults: Partial<Numbers> = DEFAULTS[options.name];
  for (const [key, value] of Object.entries(options)) {
    if (key === 'name' || value === undefined) continue;
    if (!Object.hasOwn(defaults, key)) {
      const known = Object.keys(defaults).join(', ');
      throw new ParameterError('ERR_UNKNOWN_OPTION', mustBe(`option of optimizer ${name}`, `one of ${known}`, key));
    }
    checkNumber(key, value);
  }
  return Object.freeze({ ...defaults, ...options });
}

function checkNumber(key: string, value: unknown): void {
  const isFraction = key === 'beta1' || key === 'beta2' || key === 'rho' || key === 'momentum';
  const fits = typeof value === 'number' && (isFraction ? value >= 0 && value < 1 : value > 0 && value < Infinity);
  if (fits) return;
  const expected = isFraction ? 'in [0, 1)' : 'a positive number';
  throw new ParameterError('ERR_OPTION', mustBe(`optimizer.${key}`, expected, value));
}

/** The caller disposes it. */
export function makeOptimizer(config: OptimizerConfig): Optimizer {
  const { train } = loadTf();
  const { learningRate = 0, beta1, beta2, rho, momentum, epsilon } = config;
  switch (config.name) {
    case 'adam':
      return train.adam(learningRate, beta1, beta2, epsilon);
    case 'sgd':
      return momentum ? train.momentum(learningRate, momentum) : train.sgd(learningRate);
    case 'rmsprop':
      return train.rmsprop(learningRate, rho, momentum, epsilon);
    case 'adadelta':
      return train.adadelta(learningRate, rho, epsilon);
  }
}
