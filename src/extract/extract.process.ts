/**
 * The process that has the workers. Whatever brings it down (a crash in native code takes all threads with it) leaves its
 * parent alive, which asks for an order and hears how far it is.
 */
import { type PlainError, toPlainError } from '../errors.js';
import { ExtractRun, type RunOrder, type RunState } from './extract-run.js';

export type ToProcess = { readonly order: RunOrder } | { readonly abort: true };

export type FromProcess =
  | { readonly state: RunState }
  | { readonly done: RunState }
  | { readonly failed: PlainError; readonly state: RunState };

const TELL_EVERY_MS = 100;

const abort = new AbortController();

process.on('message', (message: ToProcess) => {
  if ('abort' in message) abort.abort();
  else void work(message.order);
});
// Without its parent nobody would ever hear of it.
process.on('disconnect', () => process.exit(1));
// A terminal sends its interrupt to both; the parent says when to stop.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

async function work(order: RunOrder): Promise<void> {
  const run = new ExtractRun(order, abort.signal);
  const tell = (message: FromProcess): void => void process.send?.(message);
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
  // The channel keeps the process alive; once all is said it ends.
  process.send?.(last, () => process.disconnect());
}
