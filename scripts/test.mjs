#!/usr/bin/env node
/**
 * `npm test [-- filters]`: lint, types, then every test, or only the files whose path holds a filter. Names what was
 * skipped and what failed, ends with `N passed, N failed`, and exits with 1 when anything failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const filters = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'cochlea-test-'));
const report = join(scratch, 'report.json');

function run(title, command, args) {
  process.stdout.write(`\n== ${title}\n`);
  return (
    spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, TEST_REPORT: report } }).status === 0
  );
}

/** Checks that are not vitest's count as one test each. */
const checks = [
  ['lint and format', process.execPath, ['scripts/lint.mjs']],
  ['types of tests and benches', join(root, 'node_modules/.bin/tsc'), ['-p', 'test', '--noEmit']],
].filter(() => filters.length === 0);

const failed = checks.filter(([title, command, args]) => !run(title, command, args)).map(([title]) => title);
let passed = checks.length - failed.length;
let skipped = [];

const vitest = join(root, 'node_modules/.bin/vitest');
const reporters = ['--reporter=default', '--reporter=./scripts/test-reporter.mjs'];
const exitedWell = run('tests', vitest, ['run', ...reporters, ...filters]);
if (existsSync(report)) {
  const tests = JSON.parse(readFileSync(report, 'utf8'));
  passed += tests.passed;
  failed.push(...tests.failed);
  skipped = tests.skipped;
} else {
  failed.push('tests: they did not come to their end');
}
if (!exitedWell && failed.length === 0) failed.push('tests: see the messages above');
if (passed === 0 && failed.length === 0) failed.push('tests: none was found');
rmSync(scratch, { recursive: true, force: true });

const lines = [...skipped.map((title) => `skipped: ${title}`), ...failed.map((title) => `failed: ${title}`)];
process.stdout.write(`\n${[...lines, `${passed} passed, ${failed.length} failed`].join('\n')}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
