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

it('lets --size win over a quick in a file', async () => {
  const cwd = await workFolder();
  await writeFile(join(cwd, 'job.yaml'), 'recipe: beep-sequence\nquick: true\nout: unused\nworkers: 1\nseed: 5\n');
  await writeFile(join(cwd, 'both.yaml'), 'recipe: beep-sequence\nquick: true\nsize: tiny\n');
  const env = { COCHLEA_CACHE: 'cache' };
  const [made, both] = await Promise.all([
    cochlea(['run', 'job.yaml', '--make-data', '--size', 'tiny', '--quiet'], { cwd, env }),
    cochlea(['run', 'both.yaml', '--make-data'], { cwd, env }),
  ]);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(await readdir(join(cwd, 'cache'))).toEqual(['beep-sequence-tiny-5']);
  expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('size must be left out beside quick') });
});

it('refuses what only a whole run uses where only data are made', async () => {
  const cwd = await workFolder();
  await writeFile(join(cwd, 'job.yaml'), 'recipe: beep-sequence\nmakeData: true\nsize: tiny\n');
  const unused = [
    ['--out', 'x'],
    ['--parity-seeds', '1'],
    ['--permute-labels'],
    ['--permutations', '9'],
    ['--engine', 'cpu'],
    ['--no-resume'],
  ];
  const starts = [['beep-sequence', '--size', 'tiny', '--make-data'], ['job.yaml']];
  for (const flags of unused) {
    const told = `${flags[0]} must be left out with --make-data`;
    const outcomes = await Promise.all(
      starts.map((start) => cochlea(['run', ...start, ...flags], { cwd, env: { COCHLEA_CACHE: 'cache' } })),
    );
    for (const outcome of outcomes) expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining(told) });
  }
  expect(await readdir(cwd)).toEqual(['job.yaml']);
});

it('takes what asks for nothing else, what a flag wins over, and what the environment says to all', async () => {
  const cwd = await workFolder();
  const file = 'recipe: beep-sequence\nsize: tiny\nworkers: 1\nseed: 5\n';
  await writeFile(join(cwd, 'as-is.yaml'), `${file}makeData: true\npermuteLabels: false\nresume: true\n`);
  await writeFile(join(cwd, 'whole.yaml'), `${file}engine: cpu\nresume: false\nout: x\n`);
  await writeFile(join(cwd, 'unused.yaml'), `${file}makeData: true\nresume: false\n`);
  const env = { COCHLEA_CACHE: 'cache', COCHLEA_ENGINE: 'cpu' };
  const run = (...args: string[]) => cochlea(['run', ...args, '--quiet'], { cwd, env });
  expect(await run('as-is.yaml', '--resume')).toMatchObject({ code: 0, stderr: '' });
  expect(await run('whole.yaml', '--make-data')).toMatchObject({ code: 0, stderr: '' });
  const told = '--no-resume must be left out with --make-data, got false';
  expect(await run('unused.yaml')).toMatchObject({ code: 2, stderr: expect.stringContaining(told) });
});

it('refuses a size for a corpus that is there', async () => {
  const cwd = await workFolder();
  await writeFile(join(cwd, 'sized.yaml'), 'recipe: beep-sequence\nsize: tiny\n');
  const run = (...args: string[]) => cochlea(['run', ...args], { cwd });
  const [size, quick, both, flagWins] = await Promise.all([
    run('beep-sequence', '--data', 'absent', '--size', 'tiny'),
    run('beep-sequence', '--data', 'absent', '--quick'),
    run('sized.yaml', '--size', 'full', '--data', 'absent'),
    run('sized.yaml', '--data', 'absent'),
  ]);
  for (const [outcome, flag] of [
    [size, '--size'],
    [quick, '--quick'],
    [both, '--size'],
  ] as const) {
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining(`${flag} must be left out with --data`) });
  }
  // The file's size is overruled with its corpus; what is wrong now is the corpus.
  expect(flagWins.stderr).not.toContain('must be left out');
  expect(flagWins.code).not.toBe(0);
});
