#!/usr/bin/env node
/**
 * `npm run test:training`: the tests of training with the whole grid of random models, whose size and largest differences
 * from tfjs it prints and writes to bench/results/training.json. Exits 1 where a test fails.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveResult } from './lib/results.mjs';
import { ROOT } from './lib/tree.mjs';

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'cochlea-training-'));
const report = join(folder, 'report.json');
const env = { ...process.env, COCHLEA_CONFORMANCE: 'full', COCHLEA_CONFORMANCE_REPORT: report };
try {
  const vitest = join(ROOT, 'node_modules/.bin/vitest');
  const { status } = spawnSync(vitest, ['run', 'test/training'], { cwd: ROOT, stdio: 'inherit', env });
  const { cases, largest, tolerance } = JSON.parse(readFileSync(report, 'utf8'));
  const durationSec = (performance.now() - started) / 1000;
  saveResult('training', 'training', durationSec, { testsPassed: status === 0, cases, tolerance, largest });
  const parts = Object.entries(largest).map(([kind, value]) => `${kind} ${value.toExponential(1)}`);
  process.stdout.write(`${cases} random models; largest differences from tfjs: ${parts.join(', ')}\n`);
  process.exitCode = status === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
