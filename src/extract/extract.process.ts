/**
 * The process that has the workers. Whatever brings it down (a crash in native code takes all threads with it) leaves its
 * parent alive, which gives it one order and hears how far it is. Its workers load while it waits for the order.
 */
import { type PlainError, toPlainError } from '../errors.js';
import { createPool, workerUrl } from '../pool/index.js';
import type { RunOrder, RunState, Workers } from './extract-run.js';

export type ToProcess = { readonly order: RunOrder } | { readonly abort: true };

export type FromProcess =
  | { readonly state: RunState }
  | { readonly done: RunState }
  | { readonly failed: PlainError; readonly state: RunState };

const TELL_EVERY_MS = 100;
/** Place in the command line of how many workers there are. */
const WORKERS = 2;

const stop = new AbortController();

process.on('message', (message: ToProcess) => {
  if ('abort' in message) stop.abort();
  else void work(message.order);
});
// Without its parent nobody would ever hear of it.
process.on('disconnect', () => process.exit(1));
// A terminal sends its interrupt to both; the parent says when to stop.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

const worker = workerUrl('extract/extract.worker.js');
const pool: Workers = createPool({ worker, workers: Number(process.argv[WORKERS]), signal: stop.signal });
// A worker that does not load fails with its first task.
pool.load().catch(() => {});
// While they start.
const loading = import('./extract-run.js');

async function work(order: RunOrder): Promise<void> {
  const { ExtractRun } = await loading;
  const run = new ExtractRun(order, pool, stop);
  const tell = (message: FromProcess): void => void process.send?.(message);
  tell({ state: run.state });
  const timer = setInterval(() => {
    tell({ state: run.state });
    run.watchErrors();
  }, TELL_EVERY_MS);
  let last: FromProcess;
  try {
    await run.all();
    last = { done: run.state };
  } catch (thrown) {
    last = { failed: toPlainError(thrown), state: run.state };
  }
  clearInterval(timer);
  await pool.close();
  // The channel keeps the process alive; once all is said it ends.
  process.send?.(last, () => process.disconnect());
}
