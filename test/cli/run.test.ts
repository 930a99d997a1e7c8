import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cochlea, cochleaJson, workFolder } from './cli.js';

it('makes the data of a recipe and stops, from flags or from a file', async () => {
  const cwd = await workFolder();
  await writeFile(join(cwd, 'job.yaml'), 'recipe: beep-sequence\nsize: tiny\nmakeData: true\nworkers: 1\n');
  const env = { COCHLEA_CACHE: 'cache' };
  const made = await cochleaJson<{ made: number; files: object[] }>(['run', 'job.yaml', '--seed', '5'], { cwd, env });
  expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' });
  expect(made.value.files).toHaveLength(made.value.made);
  expect(await readdir(join(cwd, 'cache'))).toEqual(['beep-sequence-tiny-5']);

  const flags = ['--size', 'tiny', '--seed', '5', '--make-data', '--data', 'cache/beep-sequence-tiny-5', '--quiet'];
  const { code, stdout } = await cochlea(['run', 'beep-sequence', ...flags], { cwd, env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+ recordings \(0 made, \d+ kept\), .* → cache\/beep-sequence-tiny-5\n$/);
  expect(await readdir(cwd)).not.toContain('runs');
});

it('refuses a file that names no recipe, or a flag that does not exist', async () => {
  const cwd = await workFolder();
  await writeFile(join(cwd, 'none.yaml'), 'size: tiny\n');
  await writeFile(join(cwd, 'wrong.yaml'), 'recipe: beep-sequence\nsizes: tiny\n');
  const [none, wrong] = await Promise.all(['none.yaml', 'wrong.yaml'].map((file) => cochlea(['run', file], { cwd })));
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('recipe must be one of beep-sequence') });
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('a key of wrong.yaml must be one of') });
});
