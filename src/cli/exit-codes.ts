import { CommanderError } from 'commander';
import { CochleaError, type ErrorCode } from '../errors.js';

/** What the process says to the shell. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Done, with some inputs in `errors.jsonl`. */
  partial: 3,
  /** Stopped by a signal; the same command resumes. */
  interrupted: 130,
} as const;

const USAGE_CODES: readonly ErrorCode[] = ['ERR_OPTION', 'ERR_UNKNOWN_OPTION', 'ERR_CONFIG', 'ERR_SPEC'];

export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof CommanderError) return EXIT.usage;
  if (!(thrown instanceof CochleaError)) return EXIT.failed;
  if (thrown.code === 'ERR_TASK_ABORTED') return EXIT.interrupted;
  return USAGE_CODES.includes(thrown.code) ? EXIT.usage : EXIT.failed;
}
