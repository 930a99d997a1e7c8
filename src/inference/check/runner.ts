/** Any model in onnxruntime-node, with all its inputs and outputs by name. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { ModelError, mustBe } from '../../errors.js';
import { CPU, createSession, LOG_FATAL } from '../session.js';

type Runtime = typeof import('onnxruntime-node');

/** Numbers of a tensor, row-major. */
export interface NamedArray {
  readonly data: Float32Array | Float64Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;
  readonly shape: readonly number[];
}
export type NamedArrays = Readonly<Record<string, NamedArray>>;
/** What computes a model's outputs from its inputs, by their names. */
export type Predict = (inputs: NamedArrays) => NamedArrays | Promise<NamedArrays>;

export const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;
export type RunnableType = keyof typeof ARRAYS;

export function isRunnable(type: string): type is RunnableType {
  return Object.hasOwn(ARRAYS, type);
}

/** A session on one thread that keeps nothing between runs. */
export class ModelRunner {
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;
  readonly #types: ReadonlyMap<string, RunnableType>;

  private constructor(runtime: Runtime, session: InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
    const tensors = session.inputMetadata.flatMap((input) => (input.isTensor ? [input] : []));
    this.#types = new Map(tensors.flatMap(({ name, type }) => (isRunnable(type) ? [[name, type] as const] : [])));
  }

  /** @throws ModelError `ERR_MODEL_FILE` with the runtime's reason */
  static async load(model: Uint8Array, name: string): Promise<ModelRunner> {
    const runtime = await import('onnxruntime-node');
    const options = {
      executionProviders: [CPU],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: LOG_FATAL,
    } as const;
    return new ModelRunner(
      runtime,
      await createSession(runtime, model, name, { ...options, executionProviders: [CPU] }),
    );
  }

  /** @throws ModelError `ERR_MODEL` with the runtime's reason, or for outputs that are no numbers */
  async run(inputs: NamedArrays): Promise<Record<string, NamedArray>> {
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, this.#feed(name, value)]));
    const outputs = await this.#session.run(feeds, { logSeverityLevel: LOG_FATAL }).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message.trim() : String(cause);
      throw new ModelError('ERR_MODEL', `the model must run, got: ${reason}`);
    });
    return Object.fromEntries(this.#session.outputNames.map((name) => [name, arrayOf(name, outputs[name])]));
  }

  #feed(name: string, { data, shape }: NamedArray): Tensor {
    const type = this.#types.get(name);
    if (type === undefined) throw new ModelError('ERR_MODEL', mustBe(`input "${name}"`, 'one of the model', 'another'));
    return new this.#runtime.Tensor(type, data, shape);
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

function arrayOf(name: string, tensor: Tensor | undefined): NamedArray {
  const { data, dims = [] } = tensor ?? {};
  const isArray = Object.values(ARRAYS).some((one) => data instanceof one);
  if (data === undefined || !isArray) {
    throw new ModelError(
      'ERR_MODEL',
      mustBe(`output "${name}"`, 'numbers that can be compared', tensor?.type ?? 'none'),
    );
  }
  return { data: data as NamedArray['data'], shape: dims };
}
