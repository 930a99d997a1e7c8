import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isUnfinished, replaceFile, writeSynced, writing } from '../../src/files/index.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cochlea-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('replaceFile', () => {
  it('leaves the new content and nothing beside it', async () => {
    const path = join(folder, 'a.json');
    await replaceFile(path, 'old, and longer');
    await replaceFile(path, Uint8Array.of(110, 101, 119));
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it('leaves one writer’s content whole where several write at once', async () => {
    const path = join(folder, 'a.txt');
    const contents = Array.from({ length: 8 }, (_, i) => String(i).repeat(200_000 - i));
    await Promise.all(contents.map((content) => replaceFile(path, content)));
    expect(contents).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('says where it cannot write, and leaves nothing', async () => {
    const taken = join(folder, 'taken');
    await mkdir(join(taken, 'inside'), { recursive: true });
    for (const path of [taken, join(folder, 'absent/a.txt')]) {
      const error = { code: 'ERR_WRITE', details: { path }, message: expect.stringContaining(`${path}: cannot be`) };
      await expect(replaceFile(path, 'x')).rejects.toMatchObject(error);
    }
    expect(await readdir(folder)).toEqual(['taken']);
  });

  it('writes under a name that is known as unfinished', async () => {
    const path = join(folder, 'a.txt');
    let done = false;
    const seen = new Set<string>();
    const written = replaceFile(path, 'x'.repeat(1 << 24)).then(() => {
      done = true;
    });
    while (!done) for (const name of await readdir(folder)) seen.add(name);
    await written;
    seen.delete('a.txt');
    expect([...seen].map(isUnfinished)).toEqual([true]);
    expect(['a.txt', 'a.tmp', 'shard-00000.arrow.tmp', ''].filter(isUnfinished)).toEqual([]);
  });
});

it('writeSynced takes no name that is taken', async () => {
  const path = join(folder, 'a.txt');
  await writeFile(path, 'mine');
  await expect(writeSynced(path, 'yours')).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await readFile(path, 'utf8')).toBe('mine');
});

it('writing lets other errors through', async () => {
  const other = new TypeError('something else');
  await expect(writing('a.txt', () => Promise.reject(other))).rejects.toBe(other);
});
