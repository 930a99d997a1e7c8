import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadAddon } from '../../src/native/index.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

it('the C++ tests pass under the address and undefined-behaviour sanitizers', { timeout: 900_000 }, () => {
  const result = spawnSync(process.execPath, [join(root, 'scripts', 'test-native.mjs')], { encoding: 'utf8' });
  const summary = /(\d+) tests, (\d+) checks, (\d+) failures/.exec(result.stdout);
  expect(result.status, result.stdout + result.stderr).toBe(0);
  expect(Number(summary?.[1])).toBeGreaterThanOrEqual(24);
  expect(Number(summary?.[2])).toBeGreaterThan(100_000);
  expect(summary?.[3]).toBe('0');
  // Their comparisons are with every table that this machine has, so none of them escapes the sanitizers.
  expect(result.stdout).toContain(`kernels: ${loadAddon().kernels().available.join(' ')}\n`);
  expect(result.stdout).toContain('ok   every table of kernels gives the same features, bit for bit\n');
});
