import { setImmediate as nextTurn } from 'node:timers/promises';
import { PoolError } from '../errors.js';

/**
 * Between two steps: the event loop gets its turn, and an abort takes effect.
 * @throws PoolError `ERR_TASK_ABORTED`
 */
export async function turn(signal: AbortSignal | undefined, work: string): Promise<void> {
  await nextTurn();
  if (signal?.aborted) throw new PoolError('ERR_TASK_ABORTED', `${work} was aborted by its signal`);
}
