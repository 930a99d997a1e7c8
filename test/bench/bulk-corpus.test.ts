import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BROKEN_KINDS, breakSome } from '../../bench/bulk/broken.js';
import { type CorpusPlan, clipLengths, clipOf, renderClip } from '../../bench/bulk/clips.js';
import { namesIn } from '../../bench/bulk/corpus.js';
import { makeOptions } from '../../bench/bulk/make.js';
import { readAudio, toFloat } from '../../src/audio/index.js';
import { temporaryFolder } from '../corpus/wav.js';
import { CLIPS, corpus, PLAN, recordings, samples } from './small-corpus.js';

describe('a corpus made of recordings', () => {
  it('has the hours asked for, and the same bytes however many processes make it', async () => {
    const one = corpus(join(await temporaryFolder(), 'one'));
    const two = corpus(join(await temporaryFolder(), 'two'), PLAN, 2);
    const names = namesIn(one);
    expect(names.length).toBe(CLIPS);
    expect(namesIn(two)).toEqual(names);
    for (const name of names)
      expect(readFileSync(join(two, name)).equals(readFileSync(join(one, name))), name).toBe(true);
    const lengths = await Promise.all(names.map(async (name) => (await readAudio(join(one, name))).nSamples));
    expect(lengths.reduce((sum, n) => sum + n, 0)).toBe(20 * 16_000);
    expect(lengths.toSorted((a, b) => a - b).slice(0, 3)).toEqual([8000, 24_000, 32_000]);
  });

  it('has the package a clip begins in for a label, and no two clips alike', () => {
    const clips = Array.from({ length: 40 }, (_, i) => clipOf(i, 0.01, 1, recordings));
    for (const { name, first } of clips) expect(name.split('/')[0]).toBe(first < 50_000 ? 'bells' : 'voices');
    expect(new Set(clips.map(({ name }) => name.split('/')[0])).size).toBe(2);
    const silence = { ...recordings, samples: new Int16Array(16_000) };
    const silent = clips.map((clip) => renderClip({ ...clip, offset: 3 }, silence).join());
    expect(new Set(silent).size).toBe(40);
    expect(clipOf(3, 0.01, 2, recordings).first).not.toBe(clipOf(3, 0.01, 1, recordings).first);
  });

  it('goes on from the beginning where the recordings end', () => {
    const clip = { ...clipOf(0, 0.01, 1, recordings), first: samples.length - 40, gain: 1, offset: 0, length: 100 };
    expect(Array.from(renderClip(clip, recordings).subarray(40))).toEqual(Array.from(samples.subarray(0, 60)));
  });

  it('is as long with long clips as without, and has one clip at least', () => {
    const sum = (plan: CorpusPlan) => clipLengths(plan).reduce((total, sec) => total + sec, 0);
    expect(sum({ ...PLAN, hours: 1, long: [{ sec: 600, count: 2 }] })).toBe(3600);
    expect(clipLengths({ ...PLAN, hours: 1e-6, long: [] })).toEqual([2]);
  });

  it('is the same sound as FLAC', async () => {
    const wav = corpus(await temporaryFolder());
    const flac = corpus(await temporaryFolder(), { ...PLAN, format: 'flac' });
    const [name] = namesIn(flac);
    const sound = toFloat(await readAudio(join(flac, name!)), 0);
    expect(sound).toEqual(toFloat(await readAudio(join(wav, name!.replace('.flac', '.wav'))), 0));
    expect(sound.some((x) => Math.abs(x) > 0.01)).toBe(true);
  });
});

describe('broken files', () => {
  it('are of every kind, listed, and the only ones that cannot be read', async () => {
    const folder = corpus(await temporaryFolder());
    const broken = breakSome(folder, namesIn(folder), 0.01, 1);
    expect(broken.map(({ kind }) => kind).toSorted()).toEqual([...BROKEN_KINDS].toSorted());
    const read = namesIn(folder).map(async (name) => ({ name, ok: await isReadable(join(folder, name)) }));
    const failed = (await Promise.all(read)).filter(({ ok }) => !ok).map(({ name }) => name);
    expect(failed).toEqual(broken.map(({ path }) => path));
  });

  it('take turns of kinds where they are many, the same ones for the same seed', async () => {
    const plan: CorpusPlan = { ...PLAN, clipSec: 0.1, hours: 4 / 3600, long: [] };
    const folders = await Promise.all([0, 1].map(async () => corpus(await temporaryFolder(), plan)));
    const [a, b] = folders.map((folder) => breakSome(folder, namesIn(folder), 0.5, 3));
    expect(a!.length).toBe(20);
    expect(b).toEqual(a);
    for (const kind of BROKEN_KINDS) expect(a!.filter((each) => each.kind === kind).length).toBeGreaterThanOrEqual(2);
    expect(() => breakSome(folders[0]!, ['one.wav'], 0.5, 1)).toThrow('files must be 8 or more to break some, got 1');
  });

  async function isReadable(path: string): Promise<boolean> {
    return readAudio(path).then(
      () => true,
      () => false,
    );
  }
});

describe('the command line of the maker', () => {
  it('says what it does not know', () => {
    expect(makeOptions(['clips', '--long', '600:3', '--broken', '0.01', '--format', 'flac'])).toMatchObject({
      ...{ folder: 'clips', hours: 1, clipSec: 10, format: 'flac', broken: 0.01, seed: 1 },
      long: [{ sec: 600, count: 3 }],
    });
    expect(() => makeOptions([])).toThrow('folder must be given');
    expect(() => makeOptions(['clips', '--format', 'ogg'])).toThrow('--format must be one of wav, flac, mp3, got ogg');
    expect(() => makeOptions(['clips', '--broken', '1'])).toThrow('--broken must be a share from 0 to below 1, got 1');
    expect(() => makeOptions(['clips', '--long', '600'])).toThrow('--long must be a positive number, got ');
  });
});
