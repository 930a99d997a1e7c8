/** What may happen between epochs, as `train` takes it. */
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { checkNumber } from './check-number.js';

/** Figures of one epoch. Accuracy is there where the loss has one, `val…` where there is a validation part. */
export interface EpochRecord {
  /** From 1 on. */
  readonly epoch: number;
  /** Steps in this epoch. */
  readonly steps: number;
  /** Mean over the epoch's samples, while the weights moved; with class weights and regularisers. */
  readonly loss: number;
  readonly accuracy?: number;
  readonly valLoss?: number;
  readonly valAccuracy?: number;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  /** Wall time, validation included. */
  readonly seconds: number;
}

/** Figures that a callback can watch. */
export const MONITORS = ['loss', 'accuracy', 'valLoss', 'valAccuracy'] as const satisfies (keyof EpochRecord)[];
export type Monitor = (typeof MONITORS)[number];

/** Ends training when a figure no longer gets better. */
export interface EarlyStopping {
  readonly kind: 'earlyStopping';
  /** Default `'valLoss'` with a validation part, else `'loss'`. */
  readonly monitor?: Monitor;
  /** Epochs without a better figure before training ends. Default 1. */
  readonly patience?: number;
  /** What counts as better. Default 0: any improvement. */
  readonly minDelta?: number;
  /** Whether training ends with the weights of the best epoch; otherwise with the last. Default true. */
  readonly restoreBest?: boolean;
}

/** Lowers the learning rate when a figure no longer gets better. The rate must be a number, not a schedule. */
export interface ReduceLROnPlateau {
  readonly kind: 'reduceLROnPlateau';
  /** Default `'valLoss'` with a validation part, else `'loss'`. */
  readonly monitor?: Monitor;
  /** What is left of the rate each time, in (0, 1). Default .1. */
  readonly factor?: number;
  /** Epochs without a better figure before the rate falls. Default 10. */
  readonly patience?: number;
  /** What counts as better. Default 1e-4. */
  readonly minDelta?: number;
  /** Epochs after a fall that do not count as waiting. Default 0. */
  readonly cooldown?: number;
  /** The rate falls no further; Keras's `min_lr`. Default 0. */
  readonly minLearningRate?: number;
}

/** Called after every epoch, and waited for. */
export interface EpochCallback {
  readonly kind: 'epochEnd';
  run(record: EpochRecord): void | Promise<void>;
}

/** A table with a row an epoch, written anew after each; Keras's `CSVLogger`. */
export interface CsvLogger {
  readonly kind: 'csvLogger';
  readonly path: string;
}

/** A line of JSON an epoch, written anew after each. */
export interface JsonLogger {
  readonly kind: 'jsonLogger';
  readonly path: string;
}

/** Event files in `train/` and `validation/`, with Keras's tags: `tensorboard --logdir <folder>` draws them. */
export interface TensorBoardLogger {
  readonly kind: 'tensorBoard';
  readonly folder: string;
}

export type Callback = EarlyStopping | ReduceLROnPlateau | EpochCallback | CsvLogger | JsonLogger | TensorBoardLogger;

/** What a callback is checked against. */
interface Setting {
  readonly hasValidation: boolean;
  /** Whether the learning rate follows a schedule of its own. */
  readonly hasSchedule: boolean;
}

/** Callbacks on whose options the outcome of a run depends. */
export function decides(callback: Callback): boolean {
  return callback.kind === 'earlyStopping' || callback.kind === 'reduceLROnPlateau';
}

const EPOCH_KEYS: OptionKeys<EpochCallback> = { kind: true, run: true };
const PATH_KEYS: OptionKeys<CsvLogger> = { kind: true, path: true };
const FOLDER_KEYS: OptionKeys<TensorBoardLogger> = { kind: true, folder: true };
const STOPPING_KEYS: OptionKeys<EarlyStopping> = {
  kind: true,
  monitor: true,
  patience: true,
  minDelta: true,
  restoreBest: true,
};
const PLATEAU_KEYS: OptionKeys<ReduceLROnPlateau> = {
  kind: true,
  monitor: true,
  factor: true,
  patience: true,
  minDelta: true,
  cooldown: true,
  minLearningRate: true,
};

/** @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION` */
export function checkCallbacks(callbacks: readonly Callback[], setting: Setting): void {
  for (const callback of callbacks) checkCallback(callback, setting);
  const stopping = callbacks.filter(({ kind }) => kind === 'earlyStopping').length;
  if (stopping <= 1) return;
  throw new ParameterError('ERR_OPTION', mustBe('callbacks', 'at most one of kind earlyStopping', stopping));
}

function checkCallback(callback: Callback, { hasValidation, hasSchedule }: Setting): void {
  if (callback.kind === 'epochEnd' && typeof callback.run === 'function') {
    refuseUnknown(callback, EPOCH_KEYS, 'a callback of kind epochEnd');
    return;
  }
  if (callback.kind === 'csvLogger' || callback.kind === 'jsonLogger') {
    refuseUnknown(callback, PATH_KEYS, `a callback of kind ${callback.kind}`);
    checkPath(`path of ${callback.kind}`, callback.path);
    return;
  }
  if (callback.kind === 'tensorBoard') {
    refuseUnknown(callback, FOLDER_KEYS, 'a callback of kind tensorBoard');
    checkPath('folder of tensorBoard', callback.folder);
    return;
  }
  if (callback.kind !== 'earlyStopping' && callback.kind !== 'reduceLROnPlateau') {
    const expected = 'of kind earlyStopping | reduceLROnPlateau | epochEnd | csvLogger | jsonLogger | tensorBoard';
    throw new ParameterError('ERR_OPTION', mustBe('callback', expected, callback));
  }
  refuseUnknown(
    callback,
    callback.kind === 'earlyStopping' ? STOPPING_KEYS : PLATEAU_KEYS,
    `a callback of kind ${callback.kind}`,
  );
  checkMonitor(callback.monitor, hasValidation);
  checkNumber('patience', callback.patience ?? 1, 'count');
  checkNumber('minDelta', callback.minDelta ?? 0, 'notNegative');
  if (callback.kind === 'earlyStopping') return;
  checkNumber('factor', callback.factor ?? 0.1, 'factor');
  checkNumber('cooldown', callback.cooldown ?? 0, 'countFrom0');
  checkNumber('minLearningRate', callback.minLearningRate ?? 0, 'notNegative');
  if (hasSchedule) {
    throw new ParameterError(
      'ERR_OPTION',
      mustBe('optimizer.learningRate', 'a number with reduceLROnPlateau', 'a schedule'),
    );
  }
}

function checkPath(name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return;
  throw new ParameterError('ERR_OPTION', mustBe(name, 'a path', value));
}

function checkMonitor(monitor: Monitor | undefined, hasValidation: boolean): void {
  if (monitor === undefined) return;
  if (!MONITORS.includes(monitor)) {
    throw new ParameterError('ERR_OPTION', mustBe('monitor', MONITORS.join(' | '), monitor));
  }
  if (monitor.startsWith('val') && !hasValidation) {
    throw new ParameterError('ERR_OPTION', mustBe('monitor', 'loss | accuracy without a validation part', monitor));
  }
}

/**
 * The watched figure of an epoch, as something that is better when lower.
 * @throws ParameterError `ERR_OPTION` for a figure that the record does not have
 */
export function costOf(record: EpochRecord, given: Monitor | undefined): number {
  const monitor = given ?? (record.valLoss === undefined ? 'loss' : 'valLoss');
  const value = record[monitor];
  if (value === undefined) throw new ParameterError('ERR_OPTION', mustBe('monitor', 'a figure this loss has', monitor));
  return monitor === 'accuracy' || monitor === 'valAccuracy' ? -value : value;
}
