import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PlainError } from '../errors.js';
import { workerUrl } from '../pool/index.js';
import type { FromProcess, ToProcess } from './extract.process.js';
import type { RunOrder, RunState } from './extract-run.js';

export interface Listening {
  readonly signal?: AbortSignal | undefined;
  readonly onState?: (state: RunState) => void;
}

export type End =
  | { readonly done: RunState }
  | { readonly failed: PlainError }
  /** The process went down, by a signal or with an exit code. */
  | { readonly how: string };

/** Garbage of a few megabytes is collected, not kept: the work is native, and its memory is elsewhere. */
const V8_OPTIONS = ['--max-semi-space-size=4'];

/**
 * A process with workers, for one order. It is up, its workers too, some tenths of a second after it was started, so it is
 * started before what it will be asked for is known.
 */
export class WorkProcess {
  readonly workers: number;
  readonly #child: ChildProcess;
  readonly #end: Promise<End>;
  #onState: Listening['onState'];

  constructor(workers: number) {
    this.workers = workers;
    this.#child = fork(fileURLToPath(workerUrl('extract/extract.process.js')), [String(workers)], {
      serialization: 'advanced',
      execArgv: V8_OPTIONS,
    });
    this.#end = this.#ended();
    // Whoever carries an order out is told; without one nobody asks.
    this.#end.catch(() => {});
  }

  /** Carries an order out. @throws Error where there is no starting a process */
  async carryOut(order: RunOrder, { signal, onState }: Listening): Promise<End> {
    this.#onState = onState;
    const abort = (): void => this.#say({ abort: true });
    signal?.addEventListener('abort', abort, { once: true });
    this.#say({ order });
    if (signal?.aborted) abort();
    try {
      return await this.#end;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Ends it where it has no order. */
  dismiss(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  #say(message: ToProcess): void {
    // One that is gone has nothing to stop.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #ended(): Promise<End> {
    return new Promise((resolve, reject) => {
      let end: End | null = null;
      let how: string | null = null;
      // Its last words may arrive after its end; nothing comes once the channel is closed.
      const over = (): void => {
        if (how !== null && !this.#child.connected) resolve(end ?? { how });
      };
      this.#child.on('message', (message: FromProcess) => {
        if ('done' in message) end = { done: message.done };
        else if ('failed' in message) end = diedInside(message.failed) ?? { failed: message.failed };
        this.#onState?.('done' in message ? message.done : message.state);
      });
      this.#child.on('error', reject);
      this.#child.on('disconnect', over);
      this.#child.on('exit', (code, by) => {
        how = by ?? `exit code ${code}`;
        over();
      });
    });
  }
}

/** A thread that ended (out of memory, say) is as good as a process that went down. */
function diedInside({ code, message }: PlainError): End | null {
  return code === 'ERR_WORKER_DIED' ? { how: message } : null;
}
