/** All verbs in one program. A verb loads what it works with when it runs, so that help and wrong usage answer at once. */
import { Command, CommanderError } from 'commander';
import type { ErrorCode } from '../errors.js';
import { libraryVersion } from '../packages.js';
import { EXIT } from './exit-codes.js';
import { checkCommand } from './verbs/check.js';
import { detectCommand } from './verbs/detect.js';
import { doctorCommand } from './verbs/doctor.js';
import { evaluateCommand } from './verbs/evaluate.js';
import { exportCommand } from './verbs/export.js';
import { extractCommand } from './verbs/extract.js';
import { inspectCommand } from './verbs/inspect.js';
import { mergeCommand } from './verbs/merge.js';
import { planCommand } from './verbs/plan.js';
import { runCommand } from './verbs/run.js';
import { setupCommand } from './verbs/setup.js';
import { trainCommand } from './verbs/train.js';

const EPILOGUE = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done with some inputs in errors.jsonl, 130 interrupted (resumable).
Environment: COCHLEA_KERNELS, COCHLEA_ENGINE, COCHLEA_CACHE, COCHLEA_LOG (quiet, lines or auto);
a flag wins over the environment, which wins over the file of --config.

Example:
  cochlea run beep-sequence
  cochlea detect kitchen.flac -m runs/beep-sequence/bundle`;

export function makeProgram(): Command {
  const program = new Command('cochlea')
    .description('Recordings in, features, trained models, ONNX, fast inference out.')
    .version(libraryVersion())
    .configureOutput({ outputError: (text, write) => write(usageError(text)) })
    .showHelpAfterError('(add --help for what it takes)')
    .addHelpText('after', EPILOGUE);
  const verbs = [
    runCommand(),
    extractCommand(),
    planCommand(),
    mergeCommand(),
    trainCommand(),
    evaluateCommand(),
    exportCommand(),
    detectCommand(),
    inspectCommand(),
    checkCommand(),
    doctorCommand(),
    setupCommand(),
  ];
  for (const verb of verbs) program.addCommand(verb.copyInheritedSettings(program).exitOverride());
  return program.exitOverride();
}

/** Parses, runs and sets `process.exitCode`: 0 done, 1 failed, 2 wrong usage, 3 done with errors, 130 interrupted. */
export async function runCli(argv: readonly string[]): Promise<void> {
  // Set to nothing is not set.
  if (process.env.COCHLEA_ENGINE === '') delete process.env.COCHLEA_ENGINE;
  try {
    await makeProgram().parseAsync(argv);
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    // Help and version are answers, not errors; both say so with exit code 0.
    process.exitCode = thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}

/** The parser's messages in the form of ours. */
function usageError(text: string): string {
  const message = text.replace(/^error: /, '').trimEnd();
  const code: ErrorCode = message.startsWith('unknown option') ? 'ERR_UNKNOWN_OPTION' : 'ERR_OPTION';
  return `cochlea: ${message} [${code}]\n`;
}
