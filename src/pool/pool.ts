import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { mustBe, ParameterError, PoolError } from '../errors.js';
import { runtimeInfo } from '../native/index.js';
import { type Envelope, LOAD, open, type Request } from './envelope.js';

export interface PoolOptions {
  /** A compiled `*.worker.js` whose default export is `answer(…)`; see `workerUrl`. */
  readonly worker: URL;
  /** Threads; default: what affinity and container quota allow. They start when tasks come, or with `load`. */
  readonly workers?: number | undefined;
  /** Ends every running and waiting task. */
  readonly signal?: AbortSignal | undefined;
}

export interface RunOptions<Note> {
  /** Called for each note of the worker. Notes may arrive late or, after the result, not at all: progress, not results. */
  readonly onNote?: (note: Note) => void;
}

/** A fixed number of threads that all do one kind of task. */
export interface WorkerPool<Task, Result, Note = never> {
  readonly workers: number;
  /**
   * @throws the worker's own error with its class and code
   * @throws PoolError `ERR_TASK_ABORTED` by the pool's signal, `ERR_WORKER_DIED` when its thread ended
   */
  run(task: Task, o?: RunOptions<Note>): Promise<Result>;
  /**
   * Runs tasks as fast as the threads take them, drawing each only when a thread is free; stops at the first error. A
   * thread goes on while the results of its last tasks are handled, `HANDLED_AT_ONCE` of them.
   */
  each(
    tasks: Iterable<Task> | AsyncIterable<Task>,
    handle: (result: Result, task: Task) => void | Promise<void>,
    o?: RunOptions<Note>,
  ): Promise<void>;
  /** Starts all threads, so that tasks find them ready. @throws PoolError as `run` */
  load(): Promise<void>;
  /** Ends all threads. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @throws ParameterError `ERR_OPTION` unless `workers` is a positive whole number */
export function createPool<Task, Result, Note = never>(o: PoolOptions): WorkerPool<Task, Result, Note> {
  return new PiscinaPool(o);
}

/** Of a thread's results, in `each`: waiting for a disk several times in a row shall not keep the thread waiting. */
const HANDLED_AT_ONCE = 3;

/**
 * Piscina first tries to `require` a worker file. Where Node.js can require ESM, ending the thread in the middle of that
 * aborts the whole process (FATAL ERROR in ModuleWrap::InstantiateSync, Node.js 20.20); `import` does not.
 * The process's own options are left out: a thread refuses those that concern the process, such as a heap size.
 */
const REQUIRE_OF_ESM = '--experimental-require-module';
const NO_REQUIRE_OF_ESM = process.allowedNodeEnvironmentFlags.has(REQUIRE_OF_ESM)
  ? ['--no-experimental-require-module']
  : [];

class PiscinaPool<Task, Result, Note> implements WorkerPool<Task, Result, Note> {
  readonly workers: number;
  readonly #piscina: Piscina<Request<Task> | typeof LOAD, Envelope<Result>>;
  readonly #filename: string;
  readonly #signal: AbortSignal | undefined;
  #idleFailure: Error | undefined;

  constructor({ worker, workers = runtimeInfo().threads, signal }: PoolOptions) {
    if (!Number.isSafeInteger(workers) || workers < 1) {
      throw new ParameterError('ERR_OPTION', mustBe('workers', 'a positive whole number', workers));
    }
    this.workers = workers;
    this.#filename = fileURLToPath(worker);
    this.#signal = signal;
    // The file goes with each task, not here: Piscina gives up on a pool whose workers fail while they start, and
    // leaves waiting tasks waiting for ever.
    this.#piscina = new Piscina({
      minThreads: 0,
      maxThreads: workers,
      idleTimeout: Number.POSITIVE_INFINITY,
      execArgv: NO_REQUIRE_OF_ESM,
    });
    this.#piscina.on('error', (error: Error) => {
      this.#idleFailure = error;
    });
  }

  async run(task: Task, { onNote }: RunOptions<Note> = {}): Promise<Result> {
    if (this.#idleFailure !== undefined) throw this.#asPoolError(this.#idleFailure);
    const channel = onNote && listen(onNote);
    try {
      const port = channel?.port2;
      return open(await (port ? this.#submit({ task, port }, [port]) : this.#submit({ task })));
    } finally {
      channel?.port1.close();
    }
  }

  async load(): Promise<void> {
    // A thread takes one request at a time, so as many go to as many threads.
    await Promise.all(Array.from({ length: this.workers }, () => this.#submit(LOAD)));
  }

  async #submit(request: Request<Task> | typeof LOAD, transferList: MessagePort[] = []): Promise<Envelope<Result>> {
    try {
      return await this.#piscina.run(request, {
        filename: this.#filename,
        transferList,
        ...(this.#signal && { signal: this.#signal }),
      });
    } catch (thrown) {
      throw this.#asPoolError(thrown);
    }
  }

  async each(
    tasks: Iterable<Task> | AsyncIterable<Task>,
    handle: (result: Result, task: Task) => void | Promise<void>,
    o: RunOptions<Note> = {},
  ): Promise<void> {
    const queue = Symbol.asyncIterator in tasks ? tasks[Symbol.asyncIterator]() : tasks[Symbol.iterator]();
    const failures: unknown[] = [];
    const fail = (error: unknown): void => void failures.push(error);
    const lane = async (): Promise<void> => {
      const handled: Promise<void>[] = [];
      try {
        for (let next = await queue.next(); !next.done && failures.length === 0; next = await queue.next()) {
          const task = next.value;
          const result = await this.run(task, o);
          if (handled.length === HANDLED_AT_ONCE) await handled.shift();
          handled.push((async () => handle(result, task))().catch(fail));
        }
      } finally {
        await Promise.all(handled);
      }
    };
    // Every lane is awaited, so that no thread is still at work when this returns.
    await Promise.all(Array.from({ length: this.workers }, () => lane().catch(fail)));
    if (failures.length > 0) throw failures[0];
  }

  /** The worker answers its own errors in an envelope; what arrives here is the thread's end. */
  #asPoolError(thrown: unknown): Error {
    const worker = basename(this.#filename);
    if (this.#signal?.aborted || (thrown instanceof Error && thrown.name === 'AbortError')) {
      return new PoolError('ERR_TASK_ABORTED', `task of ${worker} must not be aborted, got an abort signal`, {
        worker,
      });
    }
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return new PoolError('ERR_WORKER_DIED', `${worker} must live until its task is done, got: ${reason}`, {
      worker,
      reason,
    });
  }

  close(): Promise<void> {
    return this.#piscina.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function listen<Note>(onNote: (note: Note) => void): MessageChannel {
  const channel = new MessageChannel();
  channel.port1.on('message', onNote);
  return channel;
}
