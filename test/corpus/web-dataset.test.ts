import { execFileSync } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAudio } from '../../src/audio/index.js';
import { listCorpus, type Recording } from '../../src/corpus/index.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { CochleaError } from '../../src/errors.js';
import { extract } from '../../src/extract/index.js';
import { put, smallSpec, temporaryFolder, toneWav } from './wav.js';

const SHARD = fileURLToPath(new URL('golden/web/shard-000000.tar', import.meta.url));
const LONG = `${'x'.repeat(120)}/ünï.flac`;

interface Entry {
  readonly name: string;
  readonly content: Uint8Array | string;
}

/** An archive that the system's tar makes. */
async function tarOf(path: string, entries: readonly Entry[], format = 'gnu'): Promise<string> {
  const folder = await temporaryFolder();
  for (const { name, content } of entries) await put(join(folder, name), content);
  const names = entries.map(({ name }) => name);
  execFileSync('tar', [`--format=${format}`, '-cf', path, '-C', folder, '--', ...names]);
  return path;
}

async function bytesOf({ path, member }: Recording, root: string): Promise<Buffer> {
  const file = await readFile(join(root, path));
  return file.subarray(member!.byteOffset, member!.byteOffset + member!.byteLength);
}

const clip = (i: number) => toneWav(800 + 80 * i, { seed: i + 1 });

describe("WebDataset's shards", () => {
  it('are listed as the webdataset package writes them', async () => {
    const { root, recordings } = await listCorpus(SHARD);
    expect(recordings.map(({ id, columns }) => [id, columns])).toEqual([
      ['shard-000000.tar/fan/000.wav', { cls: '0', label: '0', speaker: 's0', snr: '6.5' }],
      ['shard-000000.tar/fan/001.wav', { cls: '1', label: '1', speaker: 's1', snr: '6.5' }],
      ['shard-000000.tar/fan/002.wav', { cls: '0', label: '0', speaker: 's2', snr: '6.5' }],
      [`shard-000000.tar/${LONG}`, { text: 'één twee', label: 'één twee' }],
    ]);
    for (const [i, { path, member, bytes }] of recordings.entries()) {
      const { byteOffset, byteLength } = member!;
      const pcm = await readAudio({ path: join(root, path), byteOffset, byteLength });
      expect(pcm.nSamples).toBe([800, 880, 960, 1600][i]);
      expect(bytes).toBe(byteLength);
    }
    // The system's tar says the same.
    const listed = execFileSync('tar', ['-tf', SHARD, '--quoting-style=literal'], { encoding: 'utf8' }).split('\n');
    expect(recordings.map(({ member }) => member!.name)).toEqual(listed.filter((name) => /\.(wav|flac)$/.test(name)));
  });

  it.each(['gnu', 'ustar', 'pax', 'v7', 'oldgnu'])('hold the same bytes in the format %s', async (format) => {
    const folder = await temporaryFolder();
    const name = format === 'v7' ? 'deep/a.wav' : `${'d'.repeat(60)}/${'e'.repeat(60)}/a.wav`;
    const entries = [
      { name: 'a.wav', content: clip(0) },
      { name: 'a.mic2.wav', content: clip(1) },
      { name, content: clip(2) },
      { name: 'empty.wav', content: '' },
    ];
    const { root, recordings } = await listCorpus(await tarOf(join(folder, 'a.tar'), entries, format));
    expect(recordings.map(({ id }) => id)).toEqual(entries.map((entry) => `a.tar/${entry.name}`));
    for (const [i, recording] of recordings.entries()) {
      expect(Buffer.compare(await bytesOf(recording, root), Buffer.from(entries[i]!.content))).toBe(0);
    }
  });

  it('keep what belongs together in a group, and nothing else', async () => {
    const folder = await temporaryFolder();
    const entries = [
      { name: 'a.cls', content: '3\n' },
      { name: 'a.wav', content: clip(0) },
      { name: 'a.jpg', content: 'picture' },
      { name: 'b.wav', content: clip(1) },
      { name: 'b.json', content: '{"label": "own", "n": 2, "none": null, "list": [1, "x"]}' },
      { name: 'b.txt', content: 'said' },
      { name: 'c/b.flac', content: 'fLaC' },
      { name: 'd.txt', content: 'no sound' },
    ];
    const { recordings } = await listCorpus(await tarOf(join(folder, 'a.tar'), entries));
    expect(recordings.map(({ id, columns }) => [id, columns])).toEqual([
      ['a.tar/a.wav', { cls: '3', label: '3' }],
      ['a.tar/b.wav', { text: 'said', label: 'own', n: '2', list: '[1,"x"]' }],
      ['a.tar/c/b.flac', undefined],
    ]);
    const broken = await tarOf(join(folder, 'b.tar'), [
      { name: 'a.wav', content: clip(0) },
      { name: 'a.json', content: '[1' },
    ]);
    await expect(listCorpus(broken)).rejects.toThrow(/a\.json of b\.tar must be JSON/);
  });

  it('come in braces, globs, by name; a missing one is told', async () => {
    const folder = await temporaryFolder();
    for (const i of [0, 1, 2]) await tarOf(join(folder, `s-00000${i}.tar`), [{ name: 'a.wav', content: clip(i) }]);
    const ids = async (pattern: string) => (await listCorpus(join(folder, pattern))).recordings.map(({ id }) => id);
    const all = ['s-000000.tar/a.wav', 's-000001.tar/a.wav', 's-000002.tar/a.wav'];
    expect(await ids('s-{000000..000002}.tar')).toEqual(all);
    expect(await ids('s-*.tar')).toEqual(all);
    expect(await ids('s-{000002,000000}.tar')).toEqual([all[2], all[0]]);
    expect(await ids('s-000001.tar')).toEqual([all[1]]);
    await expect(ids('s-{000001..000003}.tar')).rejects.toThrow(
      /s-000003\.tar must be a tar archive, got "no such file"/,
    );
    await expect(ids('t-*.tar')).rejects.toMatchObject({ code: 'ERR_CORPUS' });
    await symlink('s-000000.tar', join(folder, 's-again.tar'));
    expect(await ids('s-*.tar')).toEqual(all);
    await expect(ids('s-{000000,again}.tar')).rejects.toThrow(/which are one/);
    await expect(ids('s-000000.tar.gz')).rejects.toThrow(/a tar archive that is not packed/);
  });

  it('are refused with the byte where they are damaged', async () => {
    const folder = await temporaryFolder();
    const whole = await readFile(SHARD);
    const refused = async (bytes: Uint8Array) => listCorpus(await put(join(folder, 'x.tar'), bytes));
    const { recordings } = await listCorpus(SHARD);
    const { byteOffset, byteLength } = recordings[1]!.member!;
    await expect(refused(whole.subarray(0, byteOffset + 100))).rejects.toMatchObject({
      code: 'ERR_CORPUS',
      message: expect.stringContaining(`an end at byte ${byteOffset + 100} inside fan/001.wav`),
    });
    const end = byteOffset + Math.ceil(byteLength / 512) * 512;
    await expect(refused(whole.subarray(0, end))).rejects.toThrow(
      `an end at byte ${end} where another header or the mark of its end has to be`,
    );
    const wrong = Buffer.from(whole);
    wrong[end + 3] = 0xff;
    await expect(refused(wrong)).rejects.toThrow(
      `x.tar at byte ${end} must be a header of a tar archive, got "a wrong checksum"`,
    );
    await expect(refused(new Uint8Array(0))).rejects.toThrow(/an end at byte 0/);
    await expect(refused(new Uint8Array(10_240))).rejects.toThrow(/tar archives with recordings in them/);
    await expect(refused(Buffer.from('no tar'.repeat(200)))).rejects.toThrow(/at byte 0 must be a header/);
  });

  it('whatever else is wrong with them, are listed inside their files or refused', async () => {
    const folder = await temporaryFolder();
    const whole = await readFile(SHARD);
    const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.integer({ min: 0, max: 255 }) });
    const length = fc.integer({ min: 0, max: whole.length });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 20 }), length, async (changes, end) => {
        const bytes = Buffer.from(whole);
        for (const { at, to } of changes) bytes[at] = to;
        const path = await put(join(folder, 'mutated.tar'), bytes.subarray(0, end));
        try {
          for (const { member } of (await listCorpus(path)).recordings) {
            expect(member!.byteOffset + member!.byteLength).toBeLessThanOrEqual(end);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(CochleaError);
          expect((error as CochleaError).code).toBe('ERR_CORPUS');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are extracted as files are; a broken member is an error of its own', async () => {
    const folder = await temporaryFolder();
    const tar = await tarOf(join(folder, 'a.tar'), [
      { name: 'a.wav', content: clip(8) },
      { name: 'a.cls', content: 'loud' },
      { name: 'b.wav', content: clip(9).subarray(0, 900) },
      { name: 'c.wav', content: clip(10) },
    ]);
    const plain = await temporaryFolder();
    for (const [name, i] of [
      ['a', 8],
      ['c', 10],
    ] as const)
      await put(join(plain, `${name}.wav`), clip(i));
    const out = await temporaryFolder();
    const report = await extract(tar, { spec: smallSpec(), out, workers: 1 });
    expect(report.errors).toMatchObject([{ id: 'a.tar/b.wav', path: tar, code: 'ERR_WAV_TRUNCATED', byteOffset: 900 }]);
    const files = await temporaryFolder();
    await extract(plain, { spec: smallSpec(), out: files, workers: 1 });
    const [inside, outside] = [await FeatureDataset.open(out), await FeatureDataset.open(files)];
    const [ours, theirs] = [[...inside.items()], [...outside.items()]];
    expect(ours.map(({ id, label }) => [basename(id), label])).toEqual([
      ['a.wav', 'loud'],
      ['c.wav', undefined],
    ]);
    expect(ours.map(({ nFrames }) => nFrames)).toEqual(theirs.map(({ nFrames }) => nFrames));
  });
});
