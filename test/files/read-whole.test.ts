import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readWhole } from '../../src/files/index.js';

async function fileOf(content: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cochlea-files-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'file');
  await writeFile(path, content);
  return path;
}

it.each([0, 1, 65_536, 65_537, 300_000])('reads a file of %i bytes', async (length) => {
  const content = Uint8Array.from({ length }, (_, i) => (i * 31) % 251);
  expect(new Uint8Array(await readWhole(await fileOf(content)))).toEqual(content);
});

it('says what the system says (a disk that breaks in the middle: test/extract/broken-disk.test.ts)', async () => {
  await expect(readWhole(join(tmpdir(), 'cochlea-no-such-file'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(readWhole(tmpdir())).rejects.toMatchObject({ code: 'EISDIR' });
});
