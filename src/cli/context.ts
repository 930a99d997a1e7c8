/** What every verb gets: where to print, how to stop, whom to tell. */
import type { Command } from 'commander';
import { toPlainError } from '../errors.js';
import type { LongWork } from '../types.js';
import { applyConfigFile } from './config-file.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { progressView } from './progress.js';

export interface Context extends Required<LongWork> {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Prints the verb's result: JSON with `--json`, else the text. */
  print(value: unknown, text: () => string): void;
  /** One line of output as it is, e.g. an event as JSON. */
  line(text: string): void;
}

export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly config?: string;
}

/** Options that every verb takes. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'no progress')
    .option('--config <file.yaml>', 'options from a YAML file; flags win over it');
}

/**
 * Wraps what a verb does: config file, signals, progress, errors and exit code.
 * @param work returns the exit code; nothing means done
 */
export function action<O extends CommonOptions>(
  work: (args: readonly string[], options: O, context: Context) => Promise<number | undefined>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    const stop = new AbortController();
    const interrupt = () => stop.abort();
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    const { json = false, quiet = false } = command.opts<CommonOptions>();
    const progress = progressView({ quiet: quiet || process.env.COCHLEA_LOG === 'quiet' });
    const print: Context['print'] = (value, text) => {
      progress.stop();
      process.stdout.write(`${json ? JSON.stringify(value, null, 2) : text()}\n`);
    };
    const line: Context['line'] = (text) => process.stdout.write(`${text}\n`);
    try {
      await applyConfigFile(command);
      const args = command.processedArgs.flat().filter((arg): arg is string => typeof arg === 'string');
      const context = { json, quiet, print, line, signal: stop.signal, onProgress: progress.show };
      process.exitCode = (await work(args, command.opts<O>(), context)) ?? EXIT.done;
    } catch (thrown) {
      progress.stop();
      report(thrown, json);
      process.exitCode = stop.signal.aborted ? EXIT.interrupted : exitCodeOf(thrown);
    } finally {
      progress.stop();
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    }
  };
}

function report(thrown: unknown, json: boolean): void {
  const { code, message, details } = toPlainError(thrown);
  if (json) {
    process.stderr.write(`${JSON.stringify({ error: { code, message, details } })}\n`);
    return;
  }
  process.stderr.write(`cochlea: ${message}${code === null ? '' : ` [${code}]`}\n`);
  // A bug of ours has no code; its stack is what a report needs.
  if (code === null && thrown instanceof Error && thrown.stack !== undefined) process.stderr.write(`${thrown.stack}\n`);
}
