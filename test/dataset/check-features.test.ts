import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFeatures } from '../../src/dataset/index.js';
import { extract } from '../../src/extract/index.js';
import type { Manifest } from '../../src/shards/index.js';
import { put, smallCorpus, smallSpec, temporaryFolder } from '../corpus/wav.js';

let whole: string;
beforeAll(async () => {
  whole = await mkdtemp(join(tmpdir(), 'cochlea-check-'));
  await smallCorpus(join(whole, 'corpus'), 4);
  await extract(join(whole, 'corpus'), { spec: smallSpec(), out: join(whole, 'features'), shardBytes: 3300 });
});
afterAll(() => rm(whole, { recursive: true, force: true }));

/** A copy of the same folder, to be damaged. */
async function features(): Promise<string> {
  const folder = join(await temporaryFolder(), 'features');
  await cp(join(whole, 'features'), folder, { recursive: true });
  return folder;
}

const manifestOf = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
const rewrite = (folder: string, manifest: unknown) =>
  writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
const failures = async (folder: string) =>
  (await checkFeatures(folder)).findings.flatMap(({ name, status, found }) =>
    status === 'failed' ? [[name, found] as const] : [],
  );

/** Changes a shard and has the manifest say that it is right, so that only what is inside can tell. */
async function forge(folder: string, change: (bytes: Buffer) => void): Promise<string> {
  const manifest = await manifestOf(folder);
  const file = manifest.shards[0]!.files[0]!;
  const bytes = await readFile(join(folder, file.file));
  change(bytes);
  await writeFile(join(folder, file.file), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const [first, ...rest] = manifest.shards;
  await rewrite(folder, { ...manifest, shards: [{ ...first, files: [{ ...file, sha256 }] }, ...rest] });
  return file.file;
}

describe('checkFeatures', () => {
  it('finds a whole folder whole, and says how far it is', async () => {
    const folder = await features();
    const stages = new Map<string, number>();
    const { ok, findings } = await checkFeatures(folder, {
      onProgress: ({ stage, done, total }) => stages.set(stage, done / total!),
    });
    expect(ok).toBe(true);
    const { shards, frames } = await manifestOf(folder);
    expect(shards.length).toBeGreaterThan(1);
    expect(findings).toEqual([
      { name: 'manifest', status: 'passed', found: expect.stringMatching(/^4 recordings in \d shards, spec /) },
      { name: 'files', status: 'passed', found: `${shards.length} with the length and SHA-256 of the manifest` },
      { name: 'features', status: 'passed', found: `${frames} frames of 4 recordings, all finite` },
      { name: 'errors.jsonl', status: 'passed', found: 'no recording failed' },
    ]);
    expect([...stages]).toEqual([
      ['checksums (bytes)', 1],
      ['features (frames)', 1],
    ]);
  });

  it('names every file with a changed byte, and one cut short or gone', async () => {
    const folder = await features();
    const files = (await manifestOf(folder)).shards.flatMap((shard) => shard.files.map(({ file }) => file));
    const [changed, short, gone] = files as [string, string, string];
    const bytes = await readFile(join(folder, changed));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(join(folder, changed), bytes);
    await writeFile(join(folder, short), (await readFile(join(folder, short))).subarray(0, -8));
    await rm(join(folder, gone));
    const found = (await failures(folder)).filter(([name]) => name === 'files').map(([, text]) => text);
    expect(found).toHaveLength(3);
    expect(found[0]).toMatch(new RegExp(`${changed} must have the SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}$`));
    expect(found[1]).toMatch(new RegExp(`${short} must be \\d+ bytes long, got \\d+$`));
    expect(found[2]).toMatch(new RegExp(`ENOENT.*${gone}`));
  });

  it('finds a number that is none though its checksum is right', async () => {
    const folder = await features();
    const value = Buffer.from(Float32Array.of(Number.NaN).buffer);
    let file = '';
    // Features come last in a record batch; some bytes before the file's footer lie in the last recording.
    file = await forge(folder, (bytes) => {
      const footer = bytes.readInt32LE(bytes.length - 10);
      value.copy(bytes, bytes.length - 10 - footer - 16 - 64);
    });
    const [[name, text] = ['', '']] = await failures(folder);
    expect(name).toBe('features');
    expect(text).toMatch(new RegExp(`${file} must be of finite numbers, got "?NaN in (quiet|loud)/clip`));
  });

  it('finds features of another spec, one id twice, and counts that are not so', async () => {
    const folder = await features();
    const manifest = await manifestOf(folder);
    const [first, second] = manifest.shards;
    await rewrite(folder, { ...manifest, featureHash: 'other' });
    expect(await failures(folder)).toContainEqual(['features', expect.stringContaining('a shard of features other')]);

    const doubled = { ...first!, name: 'again' };
    const path = join(folder, 'again.arrow');
    await writeFile(path, await readFile(join(folder, first!.files[0]!.file)));
    const { items, frames, audioSec } = doubled;
    await rewrite(folder, {
      ...manifest,
      recordings: manifest.recordings + items,
      frames: manifest.frames + frames,
      audioSec: manifest.audioSec + audioSec,
      stats: { ...manifest.stats, n: manifest.frames + frames },
      shards: [...manifest.shards, { ...doubled, files: [{ ...first!.files[0]!, file: 'again.arrow' }] }],
    });
    expect(await failures(folder)).toEqual([
      ['ids', expect.stringMatching(/^ids must be different.*clip-\d\d.wav twice/)],
    ]);

    const miscounted = [
      { ...first, frames: first!.frames + 1 },
      { ...second, frames: second!.frames - 1 },
    ];
    await rewrite(folder, { ...manifest, shards: [...miscounted, ...manifest.shards.slice(2)] });
    expect((await failures(folder)).map(([name]) => name)).toEqual(['features', 'features']);
  });

  it('finds what a manifest cannot say', async () => {
    const folder = await features();
    const manifest = await manifestOf(folder);
    const complaints = async (change: object): Promise<string> => {
      await rewrite(folder, { ...manifest, ...change });
      const found = await failures(folder);
      expect(found[0]?.[0]).toBe('manifest');
      return found[0]![1];
    };
    expect(await complaints({ complete: false })).toMatch(/^complete of .* must be true \(extract again to go on\)/);
    expect(await complaints({ specHash: 'x' })).toMatch(/^specHash of .* must be .*that of its spec, got "?x/);
    expect(await complaints({ frames: manifest.frames + 1 })).toMatch(/^frames of .*the sum over its shards/);
    const shard = manifest.shards[0]!;
    const outside = { ...shard, files: [{ ...shard.files[0]!, file: '../secret.arrow' }] };
    expect(await complaints({ shards: [outside] })).toMatch(
      /^shards.0.files.0.file of .* must be a name without folders/,
    );
    expect(await complaints({ cochlea: 99 })).toMatch(/of this version/);
    await rm(join(folder, 'manifest.json'));
    expect(await failures(folder)).toEqual([['manifest', expect.stringContaining('must be there')]]);
  });

  it('reads errors.jsonl, whose lines the manifest has counted', async () => {
    const folder = await temporaryFolder();
    await smallCorpus(join(folder, 'corpus'), 3);
    await put(join(folder, 'corpus', 'quiet', 'broken.wav'), 'RIFF');
    await extract(join(folder, 'corpus'), { spec: smallSpec(), out: join(folder, 'features') });
    const out = join(folder, 'features');
    expect((await checkFeatures(out)).findings.at(-1)).toEqual({
      name: 'errors.jsonl',
      status: 'passed',
      found: '1 recording without features',
    });
    const path = join(out, 'errors.jsonl');
    await writeFile(path, `${await readFile(path, 'utf8')}{"path":`);
    expect(await failures(out)).toEqual([
      ['errors.jsonl', expect.stringContaining('errors.jsonl line 2 must be JSON')],
    ]);
    await rm(path);
    expect(await failures(out)).toEqual([['errors.jsonl', expect.stringContaining('must be 1 lines')]]);
  });

  it('stops when it is told to', async () => {
    await expect(checkFeatures(await features(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});
