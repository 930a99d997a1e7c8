import { PoolError } from '../errors.js';

/** @throws PoolError `ERR_TASK_ABORTED` once the signal has fired */
export function throwIfAborted(signal: AbortSignal | undefined, task: string): void {
  if (!signal?.aborted) return;
  throw new PoolError('ERR_TASK_ABORTED', `${task} must not be aborted, got an abort signal`, {
    reason: String(signal.reason),
  });
}

/** Lets the event loop turn, then goes on unless the signal has fired. */
export async function nextTurn(signal: AbortSignal | undefined, task: string): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  throwIfAborted(signal, task);
}
