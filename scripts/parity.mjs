#!/usr/bin/env node
/**
 * `npm run test:parity`: the golden tests over the whole grid, then docs/parity.md and bench/results/parity.json (commit,
 * machine, duration, figures). Exits 1 where a test fails; the page is written all the same, as it says by how much.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { saveResult } from './lib/results.mjs';
import { ROOT } from './lib/tree.mjs';

const started = performance.now();
const vitest = join(ROOT, 'node_modules/.bin/vitest');
const env = { ...process.env, COCHLEA_PARITY: 'full' };
const suites = ['test/features/golden', 'test/features/helpers-golden', 'test/features/packed', 'test/golden'];
const { status } = spawnSync(vitest, ['run', ...suites], { cwd: ROOT, stdio: 'inherit', env });

/** @param {string} file a TypeScript module of test/golden */
const load = async (file) => (await runnerImport(join(ROOT, 'test', 'golden', file), { root: ROOT })).module;
const rows = (await load('parity.ts')).parityRows();
const page = (await load('parity-page.ts')).parityPage(rows);
writeFileSync(join(ROOT, 'docs', 'parity.md'), page);

// Why some are not computed is on the page.
const figures = { testsPassed: status === 0, rows: rows.map(({ missing, ...row }) => row) };
saveResult('parity', 'parity', (performance.now() - started) / 1000, figures);
process.stdout.write(`docs/parity.md: ${rows.length} rows\n`);
process.exitCode = status === 0 ? 0 : 1;
