/**
 * The one table of everything that can go wrong, and the classes callers catch.
 * People read `message` (`<name> must be <expected>, got <value>`); programs branch on `code`.
 */

/** Code → the class that carries it and what it means (the text of `docs/errors.md`). */
export const ERRORS = {
  ERR_OPTION: ['ParameterError', 'an option has a value outside what it accepts'],
  ERR_UNKNOWN_OPTION: ['ParameterError', 'an option that does not exist'],
  ERR_SHAPE: ['ParameterError', 'an array whose length or shape does not fit'],
  ERR_SAMPLE_RATE: [
    'ParameterError',
    'a sample rate that is not a positive number, or not the one the features are configured for',
  ],
  ERR_WIN_LENGTH: ['ParameterError', 'a window longer than the transform, or not a positive whole number'],
  ERR_HOP_LENGTH: ['ParameterError', 'a hop that is not a positive whole number'],
  ERR_N_FFT: ['ParameterError', 'a transform size that is not a whole number from 1 to 2^23'],
  ERR_NOT_CAUSAL: ['ParameterError', 'an option that needs the whole clip was asked to stream'],
  ERR_TOO_SHORT: ['ParameterError', 'a signal too short for what was asked of it'],
  ERR_SPEC: ['ParameterError', 'a spec that does not follow the schema'],
  ERR_CORPUS: ['ParameterError', 'a corpus with no recording in it, or with one twice'],
  ERR_LABELS: ['ParameterError', 'a label file or label rule that cannot be read'],
  ERR_CSV_WIDTH: ['ParameterError', 'a table row with the wrong number of columns'],
  ERR_CSV_VALUE: ['ParameterError', 'a table cell that is not a finite number'],
  ERR_COLUMN: ['ParameterError', 'a table without a column that was asked for, or with one that holds no numbers'],
  ERR_TIMESTAMP: ['ParameterError', 'a time in a table that is missing, unreadable, twice, out of order or not there'],
  ERR_SPLIT: ['ParameterError', 'a split that would leave a part empty'],
  ERR_CONFIG: ['ParameterError', 'a configuration file that does not follow its schema'],
  ERR_WRITE: ['ParameterError', 'a file that cannot be written where it was asked for'],
  ERR_AUDIO_READ: ['AudioFormatError', 'a recording that cannot be opened or read'],
  ERR_AUDIO_FORMAT: ['AudioFormatError', 'bytes in no audio format this build reads'],
  ERR_AUDIO_EMPTY: ['AudioFormatError', 'a recording with no bytes or no samples'],
  ERR_AUDIO_NOT_FINITE: ['AudioFormatError', 'a recording with NaN or infinite samples'],
  ERR_AUDIO_CHANNEL: ['AudioFormatError', 'a channel the recording does not have'],
  ERR_WAV_HEADER: ['AudioFormatError', 'a WAV header that contradicts itself'],
  ERR_WAV_TRUNCATED: ['AudioFormatError', 'a WAV file that ends before its header says'],
  ERR_WAV_CODEC: ['AudioFormatError', 'a WAV encoding outside PCM, float, A-law and µ-law'],
  ERR_ADDON_MISSING: ['NativeError', 'the native addon is not built or cannot be loaded'],
  ERR_NATIVE: ['NativeError', 'the native addon failed inside'],
  ERR_OUT_OF_MEMORY: ['NativeError', 'the native addon could not allocate'],
  ERR_KERNELS: ['NativeError', 'COCHLEA_KERNELS names kernels this machine does not have'],
  ERR_DEVICE: ['DeviceError', 'a device that is absent or not supported by this build'],
  ERR_TASK_ABORTED: ['PoolError', 'the work was aborted by its signal'],
  ERR_WORKER_DIED: ['PoolError', 'a worker ended before its task did'],
  ERR_SHARD: ['DatasetError', 'a feature shard that is damaged or incomplete'],
  ERR_LEAK: [
    'DatasetError',
    'parts of a split that share frames, a group or a purge window, or recordings with the same features',
  ],
  ERR_PLAN: ['DatasetError', 'a plan of an extraction that cannot be used'],
  ERR_CRASHED: ['DatasetError', 'a recording that brought the process down'],
  ERR_TIMEOUT: ['DatasetError', 'a recording that took longer than it may'],
  ERR_RESUME: ['DatasetError', 'a folder that holds features of another spec'],
  ERR_TOO_MANY_ERRORS: ['DatasetError', 'more unreadable inputs than the run may have'],
  ERR_FETCH: ['DatasetError', 'recordings that a recipe needs and that cannot be fetched or used'],
  ERR_ENGINE: ['ModelError', 'a training engine that is absent or cannot train this model'],
  ERR_MODEL: ['ModelError', 'a model whose shape does not fit its data or spec'],
  ERR_LAYER: ['ModelError', 'a layer, or a layer option, that the model graph does not cover'],
  ERR_MODEL_FILE: ['ModelError', 'a file that is not a model, or one without cochlea metadata'],
  ERR_SPEC_MISMATCH: ['ModelError', 'spec and weights, or two artefacts, disagree'],
  ERR_DIVERGED: ['ModelError', 'training produced a loss that is not a number'],
  ERR_EXPORT: ['ExportError', 'a layer or option with no ONNX form'],
} as const satisfies Record<string, readonly [string, string]>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** Base of every error this library throws on purpose. */
export class CochleaError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }
}

/** The caller's option or array is wrong. */
export class ParameterError extends CochleaError {}
/** The bytes are not audio we read; `details.byteOffset` says where, when known. */
export class AudioFormatError extends CochleaError {}
/** The addon cannot be loaded, or failed inside. */
export class NativeError extends CochleaError {}
/** An accelerator is absent or failed. */
export class DeviceError extends CochleaError {}
/** A pooled task was aborted, or its worker died. */
export class PoolError extends CochleaError {}
/** A feature folder is damaged, foreign or incomplete. */
export class DatasetError extends CochleaError {}
/** A model, its spec and its engine do not go together. */
export class ModelError extends CochleaError {}
/** A model has no ONNX form. */
export class ExportError extends CochleaError {}

const CLASSES = {
  ParameterError,
  AudioFormatError,
  NativeError,
  DeviceError,
  PoolError,
  DatasetError,
  ModelError,
  ExportError,
} as const;

/** Makes the error of the right class for a code: how native and worker errors come back to life. */
export function errorFromCode(code: ErrorCode, message: string, details?: ErrorDetails): CochleaError {
  return new CLASSES[ERRORS[code][0]](code, message, details);
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}

/** What survives structured cloning: the three fields that matter. */
export interface PlainError {
  code: ErrorCode | null;
  message: string;
  details?: ErrorDetails;
}

/** Reduces any thrown value to a plain object that can cross a thread or be written as a JSON line. */
export function toPlainError(thrown: unknown): PlainError {
  if (thrown instanceof CochleaError) return { code: thrown.code, message: thrown.message, details: thrown.details };
  return { code: null, message: thrown instanceof Error ? thrown.message : String(thrown) };
}

/** Formats the project's message formula. */
export function mustBe(name: string, expected: string, got: unknown): string {
  return `${name} must be ${expected}, got ${show(got)}`;
}

/** Every key of an options interface: a list that lacks one, or has one too many, does not compile. */
export type OptionKeys<O> = Readonly<Record<keyof O, true>>;

/**
 * Refuses an option that does not exist: a misspelt one would otherwise do nothing and say nothing.
 * One whose value is undefined counts as left out.
 *
 * @param of what takes the options, as its caller writes it
 * @throws ParameterError `ERR_UNKNOWN_OPTION`
 */
export function refuseUnknown(options: object, known: Readonly<Record<string, true>>, of: string): void {
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(known, option)) continue;
    const expected = `one of ${Object.keys(known).join(', ')}`;
    throw new ParameterError('ERR_UNKNOWN_OPTION', mustBe(`an option of ${of}`, expected, option), { option });
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}
