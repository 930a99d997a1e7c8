import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { PACKAGE_ROOT } from '../../packages.js';
import { refuseWithout } from '../arguments.js';
import { action, type CommonOptions, type Context, withCommonOptions } from '../context.js';
import { EXIT } from '../exit-codes.js';

/** In a clone and in the package alike. */
const script = (name: string) => join(PACKAGE_ROOT, 'scripts', name);
const MACHINE = script('setup.mjs');
const TENSORFLOW = script('setup-tensorflow.mjs');

interface SetupOptions extends CommonOptions {
  readonly check?: boolean;
  readonly gpu?: boolean;
  readonly from?: string;
}

const HELP = `
setup tensorflow makes the engine "tensorflow" work in this project, also where the installer of @tensorflow/tfjs-node
cannot reach its host: it installs the package of the version of your @tensorflow/tfjs without that installer, puts the
libraries of TensorFlow's newest wheel for Python into it (pip downloads it, unless --from names one), builds its binding
and trains one step. What is there already is kept. package.json stays as it is, as a line there would run the package's
own installer on other machines; so the next npm install takes the package away, and the same command brings it back.
It needs Linux on x86_64, a C++ compiler, make and Python 3, and 1.5 GB of disk (9 GB with --gpu).

Examples:
  cochlea setup --check
  cochlea setup tensorflow
  cochlea setup tensorflow --gpu --from ~/wheels`;

export function setupCommand(): Command {
  return withCommonOptions(new Command('setup'))
    .description('finds compiler, CMake and audio libraries, installs what is missing where it can, builds')
    .addArgument(new Argument('[what]', 'also sets up the engine "tensorflow"').choices(['tensorflow']))
    .option('--check', 'only say what is missing')
    .option('--gpu', 'of tensorflow: the package for GPUs, with the libraries of CUDA')
    .option('--from <path>', 'of tensorflow: a wheel, a folder of wheels, or an unpacked one, instead of downloads')
    .addHelpText('after', HELP)
    .action(
      action<SetupOptions>(async ([what], options, context, command) => {
        if (what === 'tensorflow') return setUpTensorflow(options, context);
        for (const name of ['gpu', 'from']) refuseWithout(command, name, 'the argument tensorflow');
        const exitCode = await run(MACHINE, options.check === true ? ['--check'] : [], context.json ? 2 : 1);
        if (context.json) context.print({ ok: exitCode === 0, exitCode }, () => '');
        return exitCode;
      }),
    );
}

/** The script prints its result itself. */
function setUpTensorflow({ check = false, gpu = false, from }: SetupOptions, { json }: Context): Promise<number> {
  const flags = Object.entries({ check, gpu, json }).flatMap(([name, isOn]) => (isOn ? [`--${name}`] : []));
  return run(TENSORFLOW, [...flags, ...(from === undefined ? [] : ['--from', from])], 1);
}

/** @param stdout 2 where JSON stands on stdout, so that what the script says goes to stderr */
function run(file: string, flags: readonly string[], stdout: 1 | 2): Promise<number> {
  const child = spawn(process.execPath, [file, ...flags], { stdio: ['inherit', stdout, 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? EXIT.failed));
  });
}
