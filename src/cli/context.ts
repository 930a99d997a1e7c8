/** What every verb gets: where to print, how to stop, whom to tell. */
import type { Command } from 'commander';
import { toPlainError } from '../errors.js';
import type { LongWork } from '../types.js';
import { applyConfigFile } from './config-file.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { type ProgressView, progressView } from './progress.js';

export interface Context extends Required<LongWork> {
  readonly json: boolean;
  /** Prints the verb's result: JSON with `--json`, else the text. */
  print(value: unknown, text: () => string): void;
  /** One line of output as it is, e.g. an event as JSON. */
  line(text: string): void;
  /** One line for people, beside the output. */
  note(text: string): void;
}

export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly config?: string;
}

/** What a verb's own options look like once those of all verbs are taken away. */
export function ownOptions<O extends CommonOptions>(options: O): Omit<O, keyof CommonOptions> {
  const { json: _json, quiet: _quiet, config: _config, ...own } = options;
  return own;
}

/** Options that every verb takes. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'no progress')
    .option('--config <file.yaml>', 'options from a YAML file; flags and the environment win over it');
}

/**
 * Wraps what a verb does: config file, signals, progress, errors and exit code.
 * @param work returns the exit code; nothing means done
 */
export function action<O extends CommonOptions>(
  work: (args: readonly string[], options: O, context: Context, command: Command) => Promise<number | undefined>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    const stop = new AbortController();
    const interrupt = () => stop.abort();
    // Once: a second signal ends the process at once.
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    let progress: ProgressView | null = null;
    try {
      await applyConfigFile(command);
      const { json = false, quiet = false } = command.opts<CommonOptions>();
      progress = progressView({ quiet, json });
      const args = command.processedArgs.flat().filter((arg): arg is string => typeof arg === 'string');
      const context = { ...printers(json, progress), json, signal: stop.signal, onProgress: progress.show };
      process.exitCode = (await work(args, command.opts<O>(), context, command)) ?? EXIT.done;
    } catch (thrown) {
      progress?.stop();
      const code = stop.signal.aborted ? EXIT.interrupted : exitCodeOf(thrown);
      report(thrown, code, command.opts<CommonOptions>().json === true);
      process.exitCode = code;
    } finally {
      progress?.stop();
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    }
  };
}

function printers(json: boolean, progress: ProgressView): Pick<Context, 'print' | 'line' | 'note'> {
  const write = (stream: NodeJS.WriteStream, text: string) => {
    progress.stop();
    stream.write(`${text}\n`);
  };
  return {
    print: (value, text) => write(process.stdout, json ? JSON.stringify(value, null, 2) : text()),
    line: (text) => write(process.stdout, text),
    note: (text) => write(process.stderr, text),
  };
}

function report(thrown: unknown, exitCode: number, json: boolean): void {
  const { code, message, details } = toPlainError(thrown);
  if (json) {
    process.stderr.write(`${JSON.stringify({ error: { code, message, details } })}\n`);
    return;
  }
  const told = exitCode === EXIT.interrupted ? 'interrupted; the same command goes on from here' : message;
  process.stderr.write(`cochlea: ${told}${code === null ? '' : ` [${code}]`}\n`);
  if (exitCode === EXIT.usage) process.stderr.write('(add --help for what it takes)\n');
  // A bug of ours has neither our code nor the system's; its stack is what a report needs.
  if (exitCode === EXIT.failed && code === null && thrown instanceof Error && !('syscall' in thrown)) {
    process.stderr.write(`${thrown.stack}\n`);
  }
}
