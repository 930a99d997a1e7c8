#!/usr/bin/env node
/**
 * `npm run bench -- [all|dsp|peers|training|onnx|bulk] [options]`: builds the addon, the C++ contestants and the peers' environments where
 * they are missing or old, then runs bench/main.ts as it stands. Vite's module runner strips the types, so the code
 * measured is the source and imports resolve from its own folder.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

/** Output goes to stderr: stdout is the report's. */
function build(what, program, args) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) process.stderr.write(`bench: ${what}: ${program}: ${error.message}\n`);
  else if (status !== 0) process.stderr.write(`bench: ${what}: ${program} ended with exit code ${status}\n`);
  return !error && status === 0;
}

/** @param {string[]} targets */
function buildCpp(...targets) {
  const peers = process.env.COCHLEA_BENCH_PEERS ?? join(root, '.cache', 'peers');
  const configure = ['-S', root, '-B', join(root, 'build-bench'), '-DCMAKE_BUILD_TYPE=Release', '--log-level=WARNING'];
  const options = ['-DCOCHLEA_BUILD_ADDON=OFF', '-DCOCHLEA_BUILD_BENCH=ON', `-DCOCHLEA_BENCH_PEERS=${peers}`];
  const compile = [
    '--build',
    join(root, 'build-bench'),
    '--target',
    ...targets,
    '--parallel',
    String(availableParallelism()),
  ];
  return build('C++ contestants', 'cmake', [...configure, ...options]) && build('C++ contestants', 'cmake', compile);
}

/** Suites with a command line of their own. */
const OWN_MAIN = { onnx: 'onnx/main.ts', bulk: 'bulk/main.ts' };
const [suiteAsked = 'all'] = process.argv.slice(2);
const measuresNothing = process.argv.some((arg) => arg === '--help' || arg.startsWith('--from'));

if (!build('set-up', process.execPath, ['scripts/setup.mjs'])) process.exit(1);
if (suiteAsked === 'bulk' && !measuresNothing) {
  build('peers', join(root, 'bench', 'peers', 'setup'), ['python']);
  if (!buildCpp('cochlea_bulk')) process.exit(1);
} else if (suiteAsked !== 'onnx' && !measuresNothing) {
  const suite = process.argv.slice(2).find((arg) => ['dsp', 'peers', 'training'].includes(arg));
  const perSuite = { dsp: ['native', 'npm'], peers: ['native', 'python'], training: ['training'] };
  const parts = perSuite[suite] ?? ['native', 'npm', 'python'];
  // What a peer lacks is said, and the peer absent from the table; without the C++ contestants there is no roofline.
  build('peers', join(root, 'bench', 'peers', 'setup'), parts);
  if (!buildCpp('cochlea_bench')) process.exit(1);
}
const main = OWN_MAIN[suiteAsked] ?? 'main.ts';
// Not there before the set-up.
const { runnerImport } = await import('vite');
await runnerImport(fileURLToPath(new URL(main, import.meta.url)), { configFile: false, logLevel: 'error', root });
