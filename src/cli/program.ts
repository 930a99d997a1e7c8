/** All verbs in one program. */
import { Command, CommanderError } from 'commander';
import { version } from './version.js';
import { EXIT } from './exit-codes.js';
import { detectCommand } from './verbs/detect.js';
import { doctorCommand } from './verbs/doctor.js';
import { evaluateCommand } from './verbs/evaluate.js';
import { exportCommand } from './verbs/export.js';
import { extractCommand } from './verbs/extract.js';
import { inspectCommand } from './verbs/inspect.js';
import { runCommand } from './verbs/run.js';
import { setupCommand } from './verbs/setup.js';
import { trainCommand } from './verbs/train.js';

export function makeProgram(): Command {
  const program = new Command('cochlea')
    .description('Recordings in, features, trained models, ONNX, fast inference out.')
    .version(version())
    .showHelpAfterError('(add --help for what it takes)')
    .addHelpText('after', '\nExample:\n  cochlea run beep-sequence\n  cochlea detect kitchen.flac -m runs/beep-sequence/bundle');
  const verbs = [
    runCommand(),
    extractCommand(),
    trainCommand(),
    evaluateCommand(),
    exportCommand(),
    detectCommand(),
    inspectCommand(),
    doctorCommand(),
    setupCommand(),
  ];
  for (const verb of verbs) program.addCommand(verb.copyInheritedSettings(program));
  return program.exitOverride();
}

/** Parses, runs and sets `process.exitCode`: 0 done, 1 failed, 2 wrong usage, 3 done with errors, 130 interrupted. */
export async function runCli(argv: readonly string[]): Promise<void> {
  const program = makeProgram();
  for (const verb of program.commands) verb.exitOverride();
  try {
    await program.parseAsync(argv);
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    // Help and version are answers, not errors; both say so with exit code 0.
    process.exitCode = thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}
