import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

it('the C++ tests pass under the address and undefined-behaviour sanitizers', { timeout: 240_000 }, () => {
  const result = spawnSync(process.execPath, [join(root, 'scripts', 'test-native.mjs')], { encoding: 'utf8' });
  const summary = /(\d+) tests, (\d+) checks, (\d+) failures/.exec(result.stdout);
  expect(result.status, result.stdout + result.stderr).toBe(0);
  expect(Number(summary?.[1])).toBeGreaterThanOrEqual(19);
  expect(Number(summary?.[2])).toBeGreaterThan(100_000);
  expect(summary?.[3]).toBe('0');
});
