#!/usr/bin/env node
/**
 * `npm test [-- filters]`: lint, types, then every test, or only the files whose path holds a filter. Names what was
 * skipped and what failed, ends with `N passed, N failed`, and exits with 1 when anything failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const filters = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'cochlea-test-'));
const report = join(scratch, 'vitest.json');

function run(title, command, args) {
  process.stdout.write(`\n== ${title}\n`);
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

/** Checks that are not vitest's count as one test each. */
const checks = [
  ['lint and format', process.execPath, ['scripts/lint.mjs']],
  ['types of tests and benches', join(root, 'node_modules/.bin/tsc'), ['-p', 'test', '--noEmit']],
].filter(() => filters.length === 0);

const failures = checks.filter(([title, command, args]) => !run(title, command, args)).map(([title]) => title);
let passed = checks.length - failures.length;
const skipped = [];

const vitest = join(root, 'node_modules/.bin/vitest');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const testsPassed = run('tests', vitest, ['run', ...reporters, ...filters]);
try {
  for (const file of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    const titles = (status) =>
      file.assertionResults.filter((test) => test.status === status).map((test) => test.fullName);
    passed += titles('passed').length;
    failures.push(...titles('failed'));
    skipped.push(...['skipped', 'pending', 'todo'].flatMap(titles));
    // A file that does not load has no test to count.
    if (file.status === 'failed' && titles('failed').length === 0) failures.push(relative(root, file.name));
  }
} catch (error) {
  process.stderr.write(`test: vitest left no report: ${error.message}\n`);
  failures.push('tests');
}
// What happens outside all tests (an unhandled rejection) fails the run as well.
if (!testsPassed && failures.length === 0) failures.push('tests: see the messages above');
if (passed === 0 && failures.length === 0) failures.push('tests: none was found');
rmSync(scratch, { recursive: true, force: true });

const lines = [...skipped.map((title) => `skipped: ${title}`), ...failures.map((title) => `failed: ${title}`)];
process.stdout.write(`\n${[...lines, `${passed} passed, ${failures.length} failed`].join('\n')}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
