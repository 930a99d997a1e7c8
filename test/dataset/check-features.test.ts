import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkFeatures } from '../../src/dataset/index.js';
import { extract } from '../../src/extract/index.js';
import type { Manifest } from '../../src/shards/index.js';
import { smallCorpus, smallSpec, temporaryFolder } from '../corpus/wav.js';

async function features(): Promise<string> {
  const folder = await temporaryFolder();
  await smallCorpus(join(folder, 'corpus'), 3);
  await extract(join(folder, 'corpus'), { spec: smallSpec(), out: join(folder, 'features') });
  return join(folder, 'features');
}

describe('checkFeatures', () => {
  it('finds a whole folder whole', async () => {
    expect(await checkFeatures(await features())).toMatchObject({
      ok: true,
      findings: [
        { name: 'shards', status: 'passed', found: expect.stringContaining('SHA-256') },
        {
          name: 'features',
          status: 'passed',
          found: expect.stringMatching(/^\d+ frames of 3 recordings, all finite$/),
        },
      ],
    });
  });

  it('finds one byte that was changed', async () => {
    const folder = await features();
    const manifest: Manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    const path = join(folder, manifest.shards[0]!.files[0]!.file);
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
    const { ok, findings } = await checkFeatures(folder);
    expect(ok).toBe(false);
    expect(findings[0]).toMatchObject({
      name: 'shards',
      status: 'failed',
      found: expect.stringContaining('must have the SHA-256'),
    });
  });

  it('finds a shard cut short, an extraction cut off, and no features at all', async () => {
    const folder = await features();
    const path = join(folder, 'manifest.json');
    const manifest: Manifest = JSON.parse(await readFile(path, 'utf8'));
    const shard = join(folder, manifest.shards[0]!.files[0]!.file);
    await writeFile(shard, (await readFile(shard)).subarray(0, -8));
    expect((await checkFeatures(folder)).findings).toMatchObject([{ status: 'failed' }, { status: 'failed' }]);
    await writeFile(path, JSON.stringify({ ...manifest, complete: false, shards: [] }));
    expect((await checkFeatures(folder)).findings[0]).toMatchObject({
      status: 'failed',
      found: expect.stringContaining('extract again'),
    });
    expect(await checkFeatures(join(folder, 'absent'))).toMatchObject({ ok: false });
  });

  it('stops when it is told to', async () => {
    await expect(checkFeatures(await features(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});
