/** What `train` accepts, and its checked form. */
import { type Balance, checkBalance } from '../dataset/index.js';
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import type { LongWork } from '../types.js';
import { type Callback, checkCallbacks } from './callbacks.js';
import type { Target, TrainingData } from './data.js';
import { checkDevice, checkGpuMemory, type DeviceOption, type GpuMemory } from './device.js';
import { ENGINES, type EngineOption } from './engine.js';
import { type CheckedTerm, dataLoss, dataTerms, type LossName, type LossTerm, lossTerms } from './losses.js';
import { type OptimizerConfig, type OptimizerName, type OptimizerOptions, optimizerConfig } from './optimizers.js';

export interface TrainOptions extends LongWork {
  /** What the model learns to give: the label of a window, or the window itself. Default `'label'`. */
  readonly target?: Target;
  /** Between the model's output and `target`; or a sum of terms, also between the outputs of two layers. */
  readonly loss: LossName | readonly LossTerm[];
  /** Default `'adam'`. */
  readonly optimizer?: OptimizerName | OptimizerOptions;
  /** Passes over the data. One of `epochs` and `steps` is given. */
  readonly epochs?: number;
  /** Batches, over as many passes as they take. */
  readonly steps?: number;
  /** Windows a step. Default 32 (Keras's). */
  readonly batchSize?: number;
  /** `'index'` draws every class equally often, `{ strata, shares }` every kind of window as often as it says. Default `'none'`. */
  readonly balance?: Balance;
  /** Windows an epoch draws, each epoch others. Default: as many as the data hold. */
  readonly epochWindows?: number;
  /** Factor of a sample's loss by its class number; 1 where absent. Not applied to validation. */
  readonly classWeight?: Readonly<Record<number, number>>;
  /** Judged after every epoch. */
  readonly validation?: TrainingData;
  /** Early stopping, a rate that falls on plateaus, functions to call: after every epoch. */
  readonly callbacks?: readonly Callback[];
  /** Stops after this many seconds, at the next step; `stoppedBy` says so. Default: no limit. */
  readonly maxSeconds?: number;
  /** Default `'auto'`. */
  readonly engine?: EngineOption;
  /**
   * Default `'auto'`: a GPU where TensorFlow finds one, and says so in `engine.why`. A GPU asked for that is not there is
   * a `DeviceError`. TensorFlow starts once a process, so a later run cannot ask for another device.
   */
  readonly device?: DeviceOption;
  /** How much of a GPU's memory TensorFlow takes. Default: all of it, as TensorFlow does. */
  readonly gpuMemory?: GpuMemory;
  /**
   * Threads of the native engine, which cut each batch between them; a number of threads gives the same bits every time,
   * another one others. Default 1. Batch normalisation needs the whole batch, so a model with it trains on one. Other
   * engines have their own.
   */
  readonly threads?: number;
  /**
   * Folder for `history.json` and `weights.bin`. A finished run of the same configuration found there is not redone; one
   * that was interrupted goes on where its last `state.safetensors` was written, on the native engine to the same bits as
   * without the interruption. Other engines begin it again.
   */
  readonly out?: string;
  /** Seconds from one state to the next, so at most this much is lost to a crash; an error or abort writes one at once. Default 30. Only with `out`. */
  readonly stateSec?: number;
  /** Of batch order and dropout; initial weights are the model's. Default 0. */
  readonly seed?: number;
}

/** Options as a run uses them: all present, all checked. */
export interface TrainConfig {
  readonly target: Target;
  /** That of the data's target first, if there is one. */
  readonly terms: readonly CheckedTerm[];
  readonly optimizer: OptimizerConfig;
  readonly epochs: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly balance: Balance;
  /** Undefined: as many as the data hold. */
  readonly epochWindows: number | undefined;
  readonly classWeight: ReadonlyMap<number, number>;
  readonly callbacks: readonly Callback[];
  readonly maxSeconds: number;
  readonly engine: EngineOption;
  /** Both undefined where nobody said anything, so that they are no part of such a run's configuration. */
  readonly device: DeviceOption | undefined;
  readonly gpuMemory: GpuMemory | undefined;
  readonly threads: number;
  readonly stateSec: number;
  readonly seed: number;
}

const KEYS: OptionKeys<TrainOptions> = {
  target: true,
  loss: true,
  optimizer: true,
  epochs: true,
  steps: true,
  batchSize: true,
  balance: true,
  epochWindows: true,
  classWeight: true,
  validation: true,
  callbacks: true,
  maxSeconds: true,
  engine: true,
  device: true,
  gpuMemory: true,
  threads: true,
  out: true,
  stateSec: true,
  seed: true,
  signal: true,
  onProgress: true,
};
const DEFAULT_BATCH_SIZE = 32;
const DEFAULT_STATE_SEC = 30;

/**
 * @throws ParameterError `ERR_UNKNOWN_OPTION` for an option that does not exist (in this version), `ERR_OPTION` for one
 *   with a value outside what it accepts
 */
/** @param size windows of the data */
export function trainConfig(o: TrainOptions, size: number): TrainConfig {
  refuseUnknown(o, KEYS, 'train');
  if ((o.epochs === undefined) === (o.steps === undefined)) {
    const got = o.epochs === undefined ? 'none' : 'both';
    throw new ParameterError('ERR_OPTION', mustBe('length of training', 'one of epochs and steps', got));
  }
  const target = oneOf('target', o.target ?? 'label', ['label', 'input']);
  const terms = lossTerms(o.loss);
  const loss = dataLoss(terms);
  const nTargets = dataTerms(terms).length;
  if (target === 'input' && nTargets > 1) {
    throw new ParameterError('ERR_OPTION', mustBe('terms without target', 'one for target "input"', nTargets));
  }
  if (target === 'input' && loss?.sparse) {
    throw new ParameterError('ERR_OPTION', mustBe('loss', 'one of values for target "input"', loss.name));
  }
  if (o.target !== undefined && loss === null) {
    throw new ParameterError(
      'ERR_OPTION',
      mustBe('target', 'left out where every term of the loss has its own', target),
    );
  }
  if (o.stateSec !== undefined && o.out === undefined) {
    throw new ParameterError('ERR_OPTION', mustBe('stateSec', 'left out where there is no out', o.stateSec));
  }
  const optimizer = optimizerConfig(o.optimizer ?? 'adam');
  const hasSchedule = typeof optimizer.learningRate === 'object';
  checkCallbacks(o.callbacks ?? [], { hasValidation: o.validation !== undefined, hasSchedule });
  return Object.freeze({
    target,
    terms,
    optimizer,
    epochs: o.epochs === undefined ? Number.POSITIVE_INFINITY : count('epochs', o.epochs),
    steps: o.steps === undefined ? Number.POSITIVE_INFINITY : count('steps', o.steps),
    batchSize: count('batchSize', o.batchSize ?? DEFAULT_BATCH_SIZE),
    balance: checkBalance(o.balance ?? 'none', size),
    epochWindows: o.epochWindows === undefined ? undefined : count('epochWindows', o.epochWindows),
    classWeight: classWeights(o.classWeight ?? {}, target === 'label' && nTargets === 1 && loss?.correct !== null),
    callbacks: o.callbacks ?? [],
    maxSeconds: o.maxSeconds === undefined ? Number.POSITIVE_INFINITY : positive('maxSeconds', o.maxSeconds),
    engine: oneOf('engine', o.engine ?? 'auto', ENGINES),
    device: o.device === undefined ? undefined : checkDevice(o.device),
    gpuMemory: gpuMemory(o),
    threads: count('threads', o.threads ?? 1),
    stateSec: positive('stateSec', o.stateSec ?? DEFAULT_STATE_SEC),
    seed: seedOf(o.seed ?? 0),
  });
}

/** @throws ParameterError `ERR_OPTION` also where no GPU is in question */
function gpuMemory({ gpuMemory, engine = 'auto', device = 'auto' }: TrainOptions): GpuMemory | undefined {
  if (gpuMemory === undefined) return undefined;
  const isUsed = (engine === 'auto' || engine === 'tensorflow') && device !== 'cpu';
  if (isUsed) return checkGpuMemory(gpuMemory);
  const expected = 'left out where TensorFlow is not asked for a GPU';
  throw new ParameterError('ERR_OPTION', mustBe('gpuMemory', expected, gpuMemory));
}

function oneOf<T extends string>(name: string, value: T, accepted: readonly T[]): T {
  if (accepted.includes(value)) return value;
  throw new ParameterError('ERR_OPTION', mustBe(name, accepted.join(' | '), value));
}

/** @throws ParameterError `ERR_OPTION` */
export function count(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new ParameterError('ERR_OPTION', mustBe(name, 'a positive whole number', value));
}

function positive(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new ParameterError('ERR_OPTION', mustBe(name, 'a positive number', value));
}

function seedOf(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new ParameterError('ERR_OPTION', mustBe('seed', 'a whole number from 0 on', value));
}

function classWeights(given: Readonly<Record<number, number>>, hasClasses: boolean): ReadonlyMap<number, number> {
  const weights = new Map<number, number>();
  if (!hasClasses && Object.keys(given).length > 0) {
    const expected =
      'left out where windows have no classes (a loss of values or of several targets, or target "input")';
    throw new ParameterError('ERR_OPTION', mustBe('classWeight', expected, given));
  }
  for (const [key, weight] of Object.entries(given)) {
    const label = Number(key);
    if (!Number.isSafeInteger(label) || label < 0) {
      throw new ParameterError('ERR_OPTION', mustBe('class of classWeight', 'a class number', key));
    }
    if (!(Number.isFinite(weight) && weight >= 0)) {
      throw new ParameterError('ERR_OPTION', mustBe(`classWeight[${key}]`, 'a number from 0 on', weight));
    }
    weights.set(label, weight);
  }
  return weights;
}
