/** What crosses a thread: a task going in; its value, or an error as plain data, coming out. */
import type { MessagePort } from 'node:worker_threads';
import { errorFromCode, type PlainError, toPlainError } from '../errors.js';

export interface Request<Task> {
  readonly task: Task;
  /** Where the worker posts notes while the task runs; absent when nobody listens. */
  readonly port?: MessagePort;
}

/** Asks for nothing: whoever answers has loaded its modules. */
export const LOAD = 'load';
const LOADED = { ok: true, value: undefined as never } as const;

export type Envelope<Result> =
  | { readonly ok: true; readonly value: Result }
  | { readonly ok: false; readonly error: PlainError };

/**
 * Wraps the work of a `*.worker.ts` file: its default export is `answer(work)`.
 * Errors become plain data, since structured cloning strips their class and code.
 *
 * @param work gets the task and a function that posts a note (progress) to the thread that asked
 */
export function answer<Task, Result, Note = never>(
  work: (task: Task, note: (note: Note) => void) => Result | Promise<Result>,
): (request: Request<Task> | typeof LOAD) => Promise<Envelope<Result>> {
  return async (request) => {
    if (request === LOAD) return LOADED;
    const { task, port } = request;
    try {
      return { ok: true, value: await work(task, (note) => port?.postMessage(note)) };
    } catch (thrown) {
      return { ok: false, error: toPlainError(thrown) };
    } finally {
      port?.close();
    }
  };
}

/** The value, or the worker's error thrown here with its class and code. */
export function open<Result>(envelope: Envelope<Result>): Result {
  if (envelope.ok) return envelope.value;
  throw revive(envelope.error);
}

/** Gives a plain error its class back; one without a code is a plain `Error`, as it was in the worker. */
export function revive({ code, message, details }: PlainError): Error {
  return code === null ? new Error(message) : errorFromCode(code, message, details);
}
