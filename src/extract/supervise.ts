/** Runs the work in a process of its own, and finds out which recording is to blame when it goes down. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mustBe, type PlainError, PoolError } from '../errors.js';
import { revive, workerUrl } from '../pool/index.js';
import type { FromProcess, ToProcess } from './extract.process.js';
import type { Quarantined, RunOrder, RunState } from './extract-run.js';
import { createJournal, type InFlight, readJournal } from './journal.js';

/** Times in a row that a process may go down with no recording to blame and no shard finished. */
const MOST_RESTARTS = 3;

export interface Supervision {
  readonly signal?: AbortSignal | undefined;
  readonly onState?: (state: RunState) => void;
  /** Told as soon as a recording is known to be to blame, before the work goes on. */
  readonly onQuarantine: (found: Quarantined) => Promise<void>;
}

/**
 * Carries an order out, through crashes: what was in hand is tried again one by one in processes of their own, what
 * brings one down is quarantined, and the rest goes on.
 *
 * @throws the run's own error; PoolError `ERR_WORKER_DIED` where the process keeps going down with no recording to blame
 */
export async function supervise(order: RunOrder, o: Supervision): Promise<RunState> {
  const quarantined = [...order.quarantined];
  let finishedShards = -1;
  for (let restarts = 0; ; ) {
    let atStart = 0;
    const onState = (state: RunState): void => {
      atStart = state.reusedShards;
      o.onState?.(state);
    };
    const end = await inProcess({ ...order, quarantined }, { ...o, onState });
    if ('done' in end) return end.done;
    if ('failed' in end) throw revive(end.failed);
    const culprits = await culpritsAmong(readJournal(order.journal), order, o);
    for (const culprit of culprits) await o.onQuarantine(culprit);
    quarantined.push(...culprits);
    restarts = culprits.length > 0 || atStart > finishedShards ? 0 : restarts + 1;
    finishedShards = Math.max(finishedShards, atStart);
    if (restarts > MOST_RESTARTS) throw wentDown(end.how);
  }
}

/** Those of the recordings in hand that bring a process down by themselves. */
async function culpritsAmong(inHand: readonly InFlight[], order: RunOrder, o: Supervision): Promise<Quarantined[]> {
  const culprits: Quarantined[] = [];
  for (const { shard, input } of inHand) {
    const end = await inProcess({ ...order, workers: 1, trial: { shard, input } }, { ...o, onState: () => {} });
    if ('how' in end) culprits.push({ shard, input, how: end.how });
    // A strict run will meet the same error in the run itself; a trial only asks whether there is an end.
  }
  return culprits;
}

type End =
  | { readonly done: RunState }
  | { readonly failed: PlainError }
  /** The process went down, by a signal or with an exit code. */
  | { readonly how: string };

function inProcess(order: RunOrder, { signal, onState }: Supervision): Promise<End> {
  createJournal(order.journal);
  const child = fork(fileURLToPath(workerUrl('./extract.process.js', import.meta.url)), {
    serialization: 'advanced',
    // Garbage of a few megabytes is collected, not kept: the work is native, and its memory is elsewhere.
    execArgv: ['--max-semi-space-size=4'],
  });
  const say = (message: ToProcess): void => {
    // One that is gone has nothing to stop.
    if (child.connected) child.send(message, () => {});
  };
  const abort = (): void => say({ abort: true });
  signal?.addEventListener('abort', abort, { once: true });
  say({ order });
  if (signal?.aborted) abort();
  return endOf(child, onState).finally(() => signal?.removeEventListener('abort', abort));
}

function endOf(child: ChildProcess, onState: Supervision['onState']): Promise<End> {
  return new Promise((resolve, reject) => {
    let end: End | null = null;
    let how: string | null = null;
    // Its last words may arrive after its end; nothing comes once the channel is closed.
    const over = (): void => {
      if (how !== null && !child.connected) resolve(end ?? { how });
    };
    child.on('message', (message: FromProcess) => {
      if ('done' in message) end = { done: message.done };
      else if ('failed' in message) end = diedInside(message.failed) ?? { failed: message.failed };
      const state = 'done' in message ? message.done : message.state;
      onState?.(state);
    });
    child.on('error', reject);
    child.on('disconnect', over);
    child.on('exit', (code, by) => {
      how = by ?? `exit code ${code}`;
      over();
    });
  });
}

/** A thread that ended (out of memory, say) is as good as a process that went down. */
function diedInside({ code, message }: PlainError): End | null {
  return code === 'ERR_WORKER_DIED' ? { how: message } : null;
}

function wentDown(how: string): PoolError {
  const message = mustBe('the extracting process', 'one that stays alive with each recording by itself', how);
  return new PoolError('ERR_WORKER_DIED', message, { reason: how });
}
