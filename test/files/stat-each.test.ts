import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { statEach } from '../../src/files/index.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cochlea-stat-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const SECOND = 1e6;

it.each([
  ['a quick disk', () => 0, 3 + 150],
  ['a slow disk', () => SECOND, 1 + 64],
  ['a quick disk, where the processor was busy once', (call: number) => (call === 9 ? SECOND : 0), 3 + 150],
])('looks at every file in order, on %s', async (_, step, clocked) => {
  const names = Array.from({ length: 150 }, (_, i) => `${i}.wav`);
  for (const [i, name] of names.entries()) if (i % 7 !== 3) writeFileSync(join(folder, name), 'x'.repeat(i));
  let [now, calls] = [0, 0];
  // Once it is known that the disk is slow, several files are asked for at a time, and no clock is looked at.
  vi.spyOn(performance, 'now').mockImplementation(() => {
    calls += 1;
    now += step(calls);
    return now;
  });
  const found = await statEach(folder, names, (stats, i) => [i, stats === null ? null : Number(stats.size)]);
  expect(found).toEqual(names.map((_, i) => [i, i % 7 === 3 ? null : i]));
  expect(calls).toBe(clocked);
});
