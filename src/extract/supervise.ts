/** Runs the work in a process of its own, and finds out which recording is to blame when it goes down. */
import { mustBe, PoolError } from '../errors.js';
import { revive } from '../pool/index.js';
import type { Quarantined, RunOrder, RunState } from './extract-run.js';
import { createJournal, type InFlight, readJournal } from './journal.js';
import { type End, type Listening, WorkProcess } from './work-process.js';

/** Times in a row that a process may go down with no recording to blame and no shard finished. */
const MOST_RESTARTS = 3;

export interface Supervision extends Listening {
  /** Told as soon as a recording is known to be to blame, before the work goes on. */
  readonly onQuarantine: (found: Quarantined) => Promise<void>;
}

/**
 * Carries an order out, through crashes: what was in hand is tried again one by one in processes of their own, what
 * brings one down is quarantined, and the rest goes on.
 *
 * @param first a process that was started ahead; others are started as it
 * @throws the run's own error; PoolError `ERR_WORKER_DIED` where the process keeps going down with no recording to blame
 */
export async function supervise(order: RunOrder, first: WorkProcess, o: Supervision): Promise<RunState> {
  const quarantined = [...order.quarantined];
  let finishedShards = -1;
  let process = first;
  for (let restarts = 0; ; process = new WorkProcess(first.workers)) {
    let atStart = 0;
    const onState = (state: RunState): void => {
      atStart = state.reusedShards;
      o.onState?.(state);
    };
    const end = await carriedOut({ ...order, quarantined }, process, { ...o, onState });
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
    const trial = { ...order, trial: { shard, input } };
    const end = await carriedOut(trial, new WorkProcess(1), { ...o, onState: () => {} });
    if ('how' in end) culprits.push({ shard, input, how: end.how });
    // A strict run will meet the same error in the run itself; a trial only asks whether there is an end.
  }
  return culprits;
}

function carriedOut(order: RunOrder, process: WorkProcess, o: Listening): Promise<End> {
  createJournal(order.journal);
  return process.carryOut(order, o);
}

function wentDown(how: string): PoolError {
  const message = mustBe('the extracting process', 'one that stays alive with each recording by itself', how);
  return new PoolError('ERR_WORKER_DIED', message, { reason: how });
}
