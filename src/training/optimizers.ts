/** Optimisers by their Keras names, with tfjs's update rules. */
import { mustBe, ParameterError } from '../errors.js';
import { loadTf, type Tensor, type Tf } from '../model/index.js';
import { checkNumber } from './check-number.js';
import { checkSchedule, type LearningRateSchedule, learningRateAt } from './schedules.js';

type Optimizer = InstanceType<Tf['Optimizer']>;

/** What makes an optimiser. Options that its rule does not have are refused. */
export interface OptimizerOptions {
  readonly name: OptimizerName;
  /** Default: adam .001, sgd .01, rmsprop .001, adadelta 1.0. */
  readonly learningRate?: number | LearningRateSchedule;
  /** Gradients whose norm over all weights together is larger are scaled down to it. Default: none are. */
  readonly globalClipNorm?: number;
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

/** What `optimizer` may be. */
export const OPTIMIZER_NAMES = Object.keys(DEFAULTS) as readonly OptimizerName[];

export type OptimizerConfig = { readonly name: OptimizerName } & Readonly<Partial<Numbers>>;

/**
 * Fills in defaults and checks every number.
 * @throws ParameterError `ERR_OPTION` for an unknown name or a number out of range, `ERR_UNKNOWN_OPTION` for an option the rule does not have
 */
export function optimizerConfig(given: OptimizerName | OptimizerOptions): OptimizerConfig {
  const options = typeof given === 'string' ? { name: given } : given;
  const name: unknown = options?.name;
  if (typeof name !== 'string' || !Object.hasOwn(DEFAULTS, name)) {
    throw new ParameterError('ERR_OPTION', mustBe('optimizer', OPTIMIZER_NAMES.join(' | '), name ?? given));
  }
  const defaults: Partial<Numbers> = DEFAULTS[options.name];
  const known = [...Object.keys(defaults), 'globalClipNorm'];
  for (const [key, value] of Object.entries(options)) {
    if (key === 'name' || value === undefined) continue;
    if (!known.includes(key)) {
      throw new ParameterError(
        'ERR_UNKNOWN_OPTION',
        mustBe(`option of optimizer ${name}`, `one of ${known.join(', ')}`, key),
      );
    }
    if (key === 'learningRate' && typeof value === 'object') checkSchedule('optimizer.learningRate', value);
    else checkNumber(`optimizer.${key}`, value, FRACTIONS.includes(key) ? 'fraction' : 'positive');
  }
  return Object.freeze({ ...defaults, ...options });
}

const FRACTIONS: readonly string[] = ['beta1', 'beta2', 'rho', 'momentum'];

type Gradients = Readonly<Record<string, Tensor>>;

/** Moves weights by their gradients, one step after the other. The caller disposes it. */
export class Updater {
  readonly #optimizer: Optimizer;
  readonly #globalClipNorm: number | undefined;

  constructor(config: OptimizerConfig) {
    this.#optimizer = makeOptimizer(config);
    this.#globalClipNorm = config.globalClipNorm;
  }

  apply(gradients: Gradients, learningRate: number): void {
    const limit = this.#globalClipNorm;
    setLearningRate(this.#optimizer, learningRate);
    loadTf().tidy(() => {
      const clipped = limit === undefined ? gradients : clipByGlobalNorm(gradients, limit);
      this.#optimizer.applyGradients({ ...clipped });
    });
  }

  dispose(): void {
    this.#optimizer.dispose();
  }
}

/** Pascanu, Mikolov and Bengio 2013: g · min(1, limit / ‖g‖), with the norm over all gradients. */
function clipByGlobalNorm(gradients: Gradients, limit: number): Gradients {
  const tf = loadTf();
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(tf.addN(squares));
  const factor = tf.div(limit, tf.maximum(norm, limit));
  return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, factor)]));
}

/** tfjs reads the rate anew at each step, but only its SGD has a setter for it. */
function setLearningRate(optimizer: Optimizer, learningRate: number): void {
  if (hasSetter(optimizer)) optimizer.setLearningRate(learningRate);
  else Reflect.set(optimizer, 'learningRate', learningRate);
}

/** `instanceof` says yes to every optimiser: tfjs asks for methods that all of them have. */
function hasSetter(optimizer: Optimizer): optimizer is Optimizer & { setLearningRate(rate: number): void } {
  return 'setLearningRate' in optimizer;
}

function makeOptimizer(config: OptimizerConfig): Optimizer {
  const { train } = loadTf();
  const { beta1, beta2, rho, momentum, epsilon } = config;
  const learningRate = learningRateAt(0, config.learningRate ?? 0);
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
