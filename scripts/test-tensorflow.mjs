#!/usr/bin/env node
/**
 * `npm run test:tensorflow [-- --gpu --from <path>]`: sets TensorFlow up in a copy of this tree by `cochlea setup
 * tensorflow`, runs the tests of training and the workloads M1 to M5 on it, prints its versions and writes
 * bench/results/tensorflow.json. Exits 1 where a step fails.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npmCommand } from './lib/npm.mjs';
import { saveResult } from './lib/results.mjs';
import { SetupError } from './lib/run.mjs';
import { ROOT } from './lib/tree.mjs';

const started = performance.now();
const args = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'cochlea-tensorflow-'));
const MAIN = 'dist/cli/main.js';
/** Made from the sources, and no part of them. */
const MADE = ['dist', 'build/Release/cochlea.node'];

/** @param {string} program @param {string[]} args @param {NodeJS.ProcessEnv} [env] @returns {string} what it printed */
function run(program, args, env = {}) {
  const stdio = /** @type {const} */ (['ignore', 'pipe', 'inherit']);
  const options = { cwd: scratch, env: { ...process.env, ...env }, stdio, encoding: /** @type {const} */ ('utf8') };
  const { status, stdout } = spawnSync(program, args, { ...options, maxBuffer: 2 ** 28 });
  if (status !== 0) throw new SetupError(`${[program, ...args].join(' ')} ended with ${status}:\n${stdout}`);
  return stdout;
}

function copyTree() {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = spawnSync('git', list, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 28 });
  for (const file of [...stdout.split('\0').filter((name) => name !== ''), ...MADE])
    cpSync(join(ROOT, file), join(scratch, file), { recursive: true });
  const { program, first } = npmCommand();
  run(program, [...first, 'ci', '--no-audit', '--no-fund'], { ONNXRUNTIME_NODE_INSTALL: 'skip' });
}

/** @returns {{ report: Record<string, unknown>, seconds: number }} */
function setUp() {
  const before = performance.now();
  const report = JSON.parse(run(process.execPath, [MAIN, 'setup', 'tensorflow', '--json', ...args]));
  return { report, seconds: (performance.now() - before) / 1000 };
}

/** @param {string[]} filters @param {NodeJS.ProcessEnv} [env] @returns {{ passed: number, failed: string[], skipped: string[] }} */
function runTests(filters, env = {}) {
  const report = join(scratch, 'report.json');
  const reporters = ['--reporter=default', '--reporter=./scripts/test-reporter.mjs'];
  spawnSync(join(scratch, 'node_modules/.bin/vitest'), ['run', ...reporters, ...filters], {
    cwd: scratch,
    stdio: 'inherit',
    env: { ...process.env, COCHLEA_ENGINE: 'tensorflow', TEST_REPORT: report, ...env },
  });
  return JSON.parse(readFileSync(report, 'utf8'));
}

try {
  copyTree();
  const first = setUp();
  const again = setUp();
  const suite = runTests(['test/training']);
  const curvesFile = join(scratch, 'curves.json');
  const whole = { COCHLEA_CONFORMANCE: 'full', COCHLEA_WORKLOADS_REPORT: curvesFile };
  const workloads = runTests(['test/training/native-steps', '-t', 'training curves'], whole);
  const { tolerance, curves } = JSON.parse(readFileSync(curvesFile, 'utf8'));

  const { ok, failure, ...versions } = again.report;
  const failed = [...suite.failed, ...workloads.failed];
  const figures = {
    ...versions,
    setUpSeconds: { first: Math.round(first.seconds), again: Number(again.seconds.toFixed(1)) },
    tests: { passed: suite.passed, failed, skipped: suite.skipped },
    workloads: { tolerance, curves },
  };
  saveResult('tensorflow', 'tensorflow', (performance.now() - started) / 1000, figures);
  for (const title of failed) process.stdout.write(`failed: ${title}\n`);
  process.stdout.write(`TensorFlow ${versions.tensorflow} through ${versions.package} ${versions.packageVersion}, `);
  process.stdout.write(versions.usesGpu ? 'on a GPU\n' : 'on the processor\n');
  for (const { name, steps, firstLoss, lastLoss, largestDifference } of curves)
    process.stdout.write(
      `${name}: loss ${firstLoss.toFixed(4)} to ${lastLoss.toFixed(4)} in ${steps} steps, native within ${largestDifference.toExponential(1)}\n`,
    );
  process.stdout.write(`${suite.passed + workloads.passed} passed, ${failed.length} failed\n`);
  process.exitCode = failed.length > 0 || curves.length === 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`tensorflow: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
