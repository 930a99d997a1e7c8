#!/usr/bin/env node
/** `npm test`: lint, types, then every test. Ends with `N passed, N failed, N skipped` and exits 1 when anything failed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
const checks = filters.length > 0 ? [] : [
  ['lint and format', process.execPath, ['scripts/lint.mjs']],
  ['types of tests and benches', join(root, 'node_modules/.bin/tsc'), ['-p', 'test', '--noEmit']],
];

const failedChecks = checks.filter(([title, command, args]) => !run(title, command, args)).map(([title]) => title);
const vitest = join(root, 'node_modules/.bin/vitest');
const testsRan = run('tests', vitest, ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters]);

let passed = checks.length - failedChecks.length;
let failed = failedChecks.length;
let skipped = 0;
try {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  skipped += result.numPendingTests + result.numTodoTests;
  // A file that fails to load has no test to count.
  failed += result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
} catch (error) {
  process.stderr.write(`test: vitest left no report: ${error.message}\n`);
  failed += 1;
}
if (!testsRan && failed === 0) failed = 1;
rmSync(scratch, { recursive: true, force: true });

for (const title of failedChecks) process.stdout.write(`failed: ${title}\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed > 0 ? 1 : 0;
