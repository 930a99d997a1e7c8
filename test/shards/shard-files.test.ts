import { readdirSync, readlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ShardFiles } from '../../src/shards/index.js';
import { temporaryFolder } from '../corpus/wav.js';

async function filesIn(folder: string, n: number): Promise<string[]> {
  const paths = Array.from({ length: n }, (_, i) => join(folder, `${i}.arrow`));
  for (const path of paths) await writeFile(path, path);
  return paths;
}

/** Files of a folder that this process has open, as the system knows it. */
const openIn = (folder: string): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // The one that listed them.
    }
  });

describe.skipIf(process.platform !== 'linux')('shard files (skipped without /proc)', () => {
  it('stay open between reads, not more than a few, and are closed when nobody has read for a while', async () => {
    const folder = await temporaryFolder();
    const paths = await filesIn(folder, 40);
    const files = new ShardFiles();
    for (const path of paths) {
      expect(await files.use(path, (file) => file.readFile('utf8'))).toBe(path);
      expect(openIn(folder).length).toBeLessThanOrEqual(16);
    }
    expect(openIn(folder)).toEqual(expect.arrayContaining(paths.slice(-16)));
    await vi.waitFor(() => expect(openIn(folder)).toEqual([]), { timeout: 5000 });
    expect(files.nOpen).toBe(0);
  });

  it('are not closed under a reader, and shared by several', async () => {
    const folder = await temporaryFolder();
    const paths = await filesIn(folder, 30);
    const files = new ShardFiles();
    const texts = await Promise.all(
      [...paths, ...paths].map((path) =>
        files.use(path, async (file) => {
          await new Promise((done) => setTimeout(done, 20));
          const buffer = Buffer.alloc(path.length);
          await file.read(buffer, 0, buffer.length, 0);
          return buffer.toString();
        }),
      ),
    );
    expect(texts).toEqual([...paths, ...paths]);
    expect(files.nOpen).toBeLessThanOrEqual(16);
  });

  it('that are not there are told of each time', async () => {
    const path = join(await temporaryFolder(), 'gone.arrow');
    const files = new ShardFiles();
    const read = () => files.use(path, (file) => file.readFile());
    await expect(read()).rejects.toMatchObject({ code: 'ERR_SHARD', message: expect.stringContaining('gone.arrow') });
    await writeFile(path, 'x');
    expect((await read()).toString()).toBe('x');
  });
});
