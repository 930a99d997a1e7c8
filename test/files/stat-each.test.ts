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

it.each(['quick', 'slow'])('looks at every file in order, on a %s disk', async (speed) => {
  const names = Array.from({ length: 150 }, (_, i) => `${i}.wav`);
  for (const [i, name] of names.entries()) if (i % 7 !== 3) writeFileSync(join(folder, name), 'x'.repeat(i));
  let now = 0;
  // Where each look takes a second, the rest are asked for at a time.
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += speed === 'slow' ? 1e6 : 0));
  const found = await statEach(folder, names, (stats, i) => [i, stats === null ? null : Number(stats.size)]);
  expect(found).toEqual(names.map((_, i) => [i, i % 7 === 3 ? null : i]));
  expect(clock).toHaveBeenCalled();
});
