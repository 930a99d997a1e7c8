#!/usr/bin/env node
/**
 * `npm run test:parity`: the golden tests over the whole grid, then docs/parity.md and bench/results/parity.json (commit,
 * machine, duration, figures). Exits 1 where a test fails; the page is written all the same, as it says by how much.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { ROOT } from './lib/tree.mjs';

const started = performance.now();
const vitest = join(ROOT, 'node_modules/.bin/vitest');
const env = { ...process.env, COCHLEA_PARITY: 'full' };
const { status } = spawnSync(vitest, ['run', 'test/features/golden', 'test/golden'], {
  cwd: ROOT,
  stdio: 'inherit',
  env,
});

/** @param {string} file a TypeScript module of test/golden */
const load = async (file) => (await runnerImport(join(ROOT, 'test', 'golden', file), { root: ROOT })).module;
const rows = (await load('parity.ts')).parityRows();
const page = (await load('parity-page.ts')).parityPage(rows);
writeFileSync(join(ROOT, 'docs', 'parity.md'), page);

const git = (/** @type {string[]} */ ...words) => execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).trim();
const result = {
  suite: 'parity',
  commit: git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+'),
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  date: new Date().toISOString(),
  durationSec: Math.round((performance.now() - started) / 1000),
  testsPassed: status === 0,
  // Why some are not computed is on the page.
  rows: rows.map(({ missing, ...row }) => row),
};
const folder = join(ROOT, 'bench/results');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'parity.json'), `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`docs/parity.md: ${rows.length} rows\n`);
process.exitCode = status === 0 ? 0 : 1;
