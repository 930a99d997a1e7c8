import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { action, type CommonOptions, withCommonOptions } from '../context.js';
import { EXIT } from '../exit-codes.js';

/** The script lies beside `dist/` in a clone and in the package alike. */
const SCRIPT = fileURLToPath(new URL('../../../scripts/setup.mjs', import.meta.url));

interface SetupOptions extends CommonOptions {
  readonly check?: boolean;
}

export function setupCommand(): Command {
  return withCommonOptions(new Command('setup'))
    .description('finds compiler, CMake and audio libraries, installs what is missing where it can, builds')
    .option('--check', 'only say what is missing')
    .addHelpText('after', '\nExample:\n  cochlea setup --check')
    .action(
      action<SetupOptions>(async (_, { check = false }, context) => {
        const exitCode = await runScript(check ? ['--check'] : [], context.json);
        if (context.json) context.print({ ok: exitCode === 0, exitCode }, () => '');
        return exitCode;
      }),
    );
}

/** With JSON on stdout, what the script says goes to stderr. */
function runScript(flags: readonly string[], json: boolean): Promise<number> {
  const child = spawn(process.execPath, [SCRIPT, ...flags], { stdio: ['inherit', json ? 2 : 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? EXIT.failed));
  });
}
