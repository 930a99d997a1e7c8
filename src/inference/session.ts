/** Models of a detector in onnxruntime-node. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { DeviceError, ModelError, mustBe, ParameterError } from '../errors.js';
import { throwIfAborted } from './abort.js';

export interface SessionOptions {
  /** Execution providers in order of preference; default `['cpu']`. */
  readonly providers?: readonly string[];
  /** Threads inside one operator; default 1: small models lose by more. */
  readonly intraOpThreads?: number;
  /** Most windows in one call of the model; default 64. */
  readonly maxBatch?: number;
}

type Runtime = typeof import('onnxruntime-node');

const DEFAULT_MAX_BATCH = 64;
/** A call blocks the thread, so batches are sized to take no longer than this: half of what a socket may wait. */
const MAX_CALL_MS = 25;
/**
 * Element-wise kernels treat full vectors and the rest differently in the last bit. Batches of whole vectors (16 floats
 * with AVX-512) leave the same rest whatever their size, so a score does not depend on how fast the machine was.
 */
const VECTOR = 16;
export const CPU = 'cpu';
/** onnxruntime's severity "fatal": what fails reaches the caller as an error, and a library prints nothing. */
export const LOG_FATAL = 4;

/** A loaded model with one float32 input and output, both with a leading batch axis. */
export class ModelSession {
  readonly name: string;
  /** Shape of one item, without the batch axis. */
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** Floats per item. */
  readonly inputSize: number;
  readonly outputSize: number;
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;
  readonly #inputName: string;
  readonly #outputName: string;
  readonly #maxBatch: number;
  /** Least milliseconds that an item has taken so far: what other work on the loop adds does not count. */
  #itemMs = Number.POSITIVE_INFINITY;

  private constructor(name: string, runtime: Runtime, session: InferenceSession, maxBatch: number) {
    const input = tensorOf(session.inputMetadata, `input of ${name}`);
    const output = tensorOf(session.outputMetadata, `output of ${name}`);
    this.name = name;
    this.inputShape = input.shape;
    this.outputShape = output.shape;
    this.inputSize = product(input.shape);
    this.outputSize = product(output.shape);
    this.#runtime = runtime;
    this.#session = session;
    this.#inputName = input.name;
    this.#outputName = output.name;
    this.#maxBatch = Math.min(maxBatch, input.maxBatch, output.maxBatch);
  }

  /**
   * @param model path or bytes of an `.onnx` file
   * @param name what messages call it
   * @throws ModelError `ERR_MODEL_FILE` with the runtime's reason; `ERR_MODEL` for inputs other than one float32 tensor
   *   `[batch, …]` of known shape; DeviceError `ERR_DEVICE` for a provider that this machine does not have
   */
  static async load(model: string | Uint8Array, name: string, o: SessionOptions = {}): Promise<ModelSession> {
    const maxBatch = positive(o.maxBatch ?? DEFAULT_MAX_BATCH, 'maxBatch');
    const options: CreateOptions = {
      executionProviders: [...(o.providers ?? [CPU])],
      intraOpNumThreads: positive(o.intraOpThreads ?? 1, 'intraOpThreads'),
      interOpNumThreads: 1,
      logSeverityLevel: LOG_FATAL,
    };
    const runtime = await import('onnxruntime-node');
    const session = await createSession(runtime, model, name, options);
    const loaded = new ModelSession(name, runtime, session, maxBatch);
    await loaded.warmup();
    return loaded;
  }

  /** Items in the next call of the model: as many as fit `MAX_CALL_MS` by the fastest call so far. */
  get batchSize(): number {
    const affordable = Math.min(this.#maxBatch, Math.floor(MAX_CALL_MS / this.#itemMs));
    if (affordable >= VECTOR) return affordable - (affordable % VECTOR);
    return Math.min(this.#maxBatch, 2 ** Math.floor(Math.log2(Math.max(1, affordable))));
  }

  /** Two calls on silence: the first pays for first allocations, the second says what an item costs. */
  async warmup(): Promise<void> {
    const x = new Float32Array(this.inputSize);
    for (let i = 0; i < 2; i++) await this.run(x, 1, new Float32Array(this.outputSize));
  }

  /**
   * Runs the model on `n` items without copying them, and lets the event loop turn between batches.
   *
   * @param x `[n, …inputShape]`
   * @param out `[n, …outputShape]`, overwritten
   * @throws ParameterError `ERR_SHAPE` where a length does not fit
   * @throws PoolError `ERR_TASK_ABORTED`, between batches
   */
  async run(x: Float32Array, n: number, out: Float32Array, signal?: AbortSignal): Promise<void> {
    checkLength(x, n, this.inputShape, `x of ${this.name}`);
    checkLength(out, n, this.outputShape, `out of ${this.name}`);
    for (let first = 0; first < n; ) {
      throwIfAborted(signal, this.name);
      const count = Math.min(this.batchSize, n - first);
      await this.#call(
        x.subarray(first * this.inputSize, (first + count) * this.inputSize),
        out.subarray(first * this.outputSize, (first + count) * this.outputSize),
        count,
      );
      first += count;
    }
  }

  async #call(x: Float32Array, out: Float32Array, n: number): Promise<void> {
    const { Tensor } = this.#runtime;
    const feeds = { [this.#inputName]: new Tensor('float32', x, [n, ...this.inputShape]) };
    const target: Tensor = new Tensor('float32', out, [n, ...this.outputShape]);
    // onnxruntime-node computes in a setImmediate callback, so the event loop turns before each call.
    const started = performance.now();
    try {
      await this.#session.run(feeds, { [this.#outputName]: target }, { logSeverityLevel: LOG_FATAL });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message.trim() : String(cause);
      throw new ModelError('ERR_MODEL', `${this.name} must run on [${n}, ${this.inputShape}], got: ${reason}`);
    }
    this.#itemMs = Math.min(this.#itemMs, (performance.now() - started) / n);
  }

  /** Frees the model's memory; the session cannot run after it. */
  async release(): Promise<void> {
    await this.#session.release();
  }
}

export interface CreateOptions {
  readonly executionProviders: string[];
  readonly intraOpNumThreads: number;
  readonly interOpNumThreads: number;
  readonly logSeverityLevel: 4;
}

/** @throws ModelError `ERR_MODEL_FILE`; DeviceError `ERR_DEVICE` */
export async function createSession(
  runtime: Runtime,
  model: string | Uint8Array,
  name: string,
  options: CreateOptions,
): Promise<InferenceSession> {
  // The runtime would drop a provider it does not know and say so on the console.
  const known = runtime.listSupportedBackends().map((backend) => backend.name);
  const unknown = options.executionProviders.find((provider) => !known.includes(provider));
  if (unknown !== undefined) throw new DeviceError('ERR_DEVICE', mustBe('providers', known.join(', '), unknown));
  try {
    return await create(runtime, model, options);
  } catch (cause) {
    const onCpu = await create(runtime, model, { ...options, executionProviders: [CPU] }).catch(() => null);
    await onCpu?.release();
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (onCpu === null) {
      throw new ModelError('ERR_MODEL_FILE', `${name} must be a model onnxruntime can load, got: ${reason}`, { name });
    }
    const asked = options.executionProviders.join(', ');
    throw new DeviceError('ERR_DEVICE', `providers must be usable on this machine, got ${asked}: ${reason}`);
  }
}

function create(runtime: Runtime, model: string | Uint8Array, options: CreateOptions): Promise<InferenceSession> {
  return typeof model === 'string'
    ? runtime.InferenceSession.create(model, options)
    : runtime.InferenceSession.create(model, options);
}

interface Port {
  readonly name: string;
  readonly shape: readonly number[];
  readonly maxBatch: number;
}

function tensorOf(metadata: readonly InferenceSession.ValueMetadata[], what: string): Port {
  const [first, ...others] = metadata;
  if (first === undefined || others.length > 0) {
    throw new ModelError('ERR_MODEL', mustBe(what, 'one tensor', metadata.map((value) => value.name).join(', ')));
  }
  if (!first.isTensor || first.type !== 'float32') {
    throw new ModelError('ERR_MODEL', mustBe(what, 'float32', first.isTensor ? first.type : 'no tensor'));
  }
  const [batch, ...item] = first.shape;
  const known = item.filter((dimension) => typeof dimension === 'number');
  if (batch === undefined || known.length !== item.length || (typeof batch === 'number' && batch !== 1)) {
    throw new ModelError('ERR_MODEL', mustBe(what, '[batch, …] with known dimensions after the batch', first.shape));
  }
  return { name: first.name, shape: known, maxBatch: batch === 1 ? 1 : Number.POSITIVE_INFINITY };
}

function checkLength(x: Float32Array, n: number, shape: readonly number[], name: string): void {
  const expected = n * product(shape);
  if (x.length === expected) return;
  throw new ParameterError('ERR_SHAPE', mustBe(name, `[${[n, ...shape]}] = ${expected} floats`, x.length));
}

function positive(value: number, name: string): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new ParameterError('ERR_OPTION', mustBe(name, 'a positive whole number', value));
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}
