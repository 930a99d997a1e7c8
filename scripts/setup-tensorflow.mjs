#!/usr/bin/env node
/**
 * `cochlea setup tensorflow`: makes the engine "tensorflow" work where the installer of tfjs-node cannot reach its host,
 * and on a newer TensorFlow than that would bring. The libraries come out of TensorFlow's wheel for Python, which has
 * all of its C interface; the package's binding is compiled against them.
 */
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { commandFor } from './lib/packages.mjs';
import { SetupError } from './lib/run.mjs';
import { bindingDrift, buildBinding, inspectTools } from './lib/tensorflow/binding.mjs';
import { fillLibraries, librariesDrift, librariesFrom } from './lib/tensorflow/libraries.mjs';
import { findProject, installPackage, packageDrift } from './lib/tensorflow/project.mjs';
import { findPip, sourceNamed } from './lib/tensorflow/wheel.mjs';
import { ROOT } from './lib/tree.mjs';

const HELP = `Usage: cochlea setup tensorflow [options]

Installs @tensorflow/tfjs-node (of the version of the installed @tensorflow/tfjs) into this project without its own
installer, puts the libraries of a TensorFlow wheel into it, builds its binding, and trains one step. Steps whose result
is there are left out. package.json stays as it is, so the next npm install takes the package away again.

  --gpu           @tensorflow/tfjs-node-gpu, the wheel tensorflow, and the wheels of CUDA (3 GB to download)
  --from <path>   a wheel, a folder of wheels, or a folder with an unpacked one, instead of what pip downloads
  --check         only say what is there and what is to do; exit 1 if something is
  --json          the result as JSON on stdout, all else on stderr
  --help          this text

Needs Linux on x86_64, a C++ compiler, make and Python 3 (for node-gyp); pip where nothing is given with --from.
Exit codes: 0 it works, 1 it does not and why is said, 2 wrong usage.
`;
const OPTIONS = /** @type {const} */ ({
  gpu: { type: 'boolean', default: false },
  from: { type: 'string' },
  check: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
});

/** @typedef {import('./lib/tensorflow/libraries.mjs').Request} Request */
/** @typedef {import('./lib/tensorflow/project.mjs').Project} Project */

function requirePlatform() {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  throw new SetupError(
    `this machine must be Linux on x64, got ${process.platform} on ${process.arch}: there, npm install @tensorflow/tfjs-node@4.22 runs its own installer`,
  );
}

/** @param {Project} project @param {Request} request */
function stepsFor(project, request) {
  return [
    { name: project.name, problem: () => packageDrift(project), fix: () => installPackage(project, request.stdout) },
    {
      name: 'libraries',
      problem: () => librariesDrift(project, request),
      fix: () => fillLibraries(project, request),
    },
    { name: 'binding', problem: () => bindingDrift(project), fix: () => buildBinding(project) },
  ];
}

/** Before anything is downloaded. @param {Project} project @param {Request} request @throws {SetupError} */
function requireTools(project, request) {
  if (bindingDrift(project) === null && librariesDrift(project, request) === null) return;
  const gaps = inspectTools().filter((finding) => finding.problem !== null);
  const needsPip = request.from === null && librariesDrift(project, request) !== null;
  if (needsPip && findPip() === null)
    gaps.push({ key: 'pip', name: 'pip (or a wheel with --from)', found: null, problem: 'not on the PATH' });
  if (gaps.length === 0) return;
  const lines = gaps.map(({ name, problem }) => `${name}: ${problem}`);
  throw new SetupError(
    `missing:\n  ${lines.join('\n  ')}\nto install, type\n\n  ${commandFor(gaps)}\n\nand run this again.`,
  );
}

/** Loads TensorFlow as training does, and trains one step. @param {Project} project @throws {SetupError} */
async function proveWorking(project) {
  const file = join(ROOT, 'dist', 'training', 'tensorflow-report.js');
  const { tensorflowReport } = await import(pathToFileURL(file).href);
  const report = await tensorflowReport();
  if (report === null) throw new SetupError(`${project.name} was installed, and cochlea does not find it`);
  if (report.failure !== null) throw new SetupError(`${report.package} does not work: ${report.failure}`);
  return report;
}

/** @param {Request} request */
async function setUp(request) {
  const started = performance.now();
  const project = findProject(process.cwd(), request.gpu);
  if (request.from !== null) sourceNamed(request.from, request.gpu);
  requireTools(project, request);
  for (const { name, problem, fix } of stepsFor(project, request)) {
    const reason = problem();
    if (reason === null) continue;
    request.say(`${name}: ${reason}`);
    fix();
  }
  const report = await proveWorking(project);
  request.say(`TensorFlow ${report.tensorflow} through ${report.package} ${report.packageVersion} trains`);
  if (request.gpu) request.say(report.usesGpu ? 'it uses a GPU' : `it finds no GPU: ${report.gpuLog.join(' ')}`);
  request.say(`ready (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return { ok: true, ...report, source: basename(librariesFrom(project) ?? '') };
}

/** @param {Request} request @returns {{ ok: boolean, steps: Record<string, string | null> }} */
function check(request) {
  const project = findProject(process.cwd(), request.gpu);
  const steps = stepsFor(project, request).map(({ name, problem }) => [name, problem()]);
  for (const [name, problem] of steps)
    request.say(`${problem === null ? 'ok     ' : 'TO DO  '} ${String(name).padEnd(26)} ${problem ?? 'up to date'}`);
  return { ok: steps.every(([, problem]) => problem === null), steps: Object.fromEntries(steps) };
}

/** @param {string[]} args @returns {Promise<number>} the exit code */
async function main(args) {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const stdout = values.json ? 2 : 1;
  const stream = values.json ? process.stderr : process.stdout;
  const say = (/** @type {string} */ line) => void stream.write(`setup: ${line}\n`);
  const request = { gpu: values.gpu, from: values.from ?? null, stdout: /** @type {1 | 2} */ (stdout), say };
  const print = (/** @type {object} */ value) =>
    values.json && process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  try {
    requirePlatform();
    const result = values.check ? check(request) : await setUp(request);
    print(result);
    return result.ok ? 0 : 1;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`setup: ${error.message}\n`);
    print({ ok: false, error: error.message });
    return 1;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exitCode = 2;
}
