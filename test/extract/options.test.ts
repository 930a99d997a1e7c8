import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { writeAudio } from '../../src/audio/index.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { extract } from '../../src/extract/index.js';
import type { Manifest } from '../../src/shards/index.js';
import { smallCorpus, smallSpec, temporaryFolder } from '../corpus/wav.js';

const SAMPLE_RATE = 8000;
const tone = (n: number, hz: number) =>
  Float32Array.from({ length: n }, (_, i) => Math.sin((i * hz) / SAMPLE_RATE) / 2);

describe('channels', () => {
  it('are rows of their own where the spec keeps all', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'in'));
    const [left, right] = [tone(8000, 3000), tone(8000, 9000)];
    const samples = Float32Array.from({ length: 16_000 }, (_, i) => (i % 2 === 0 ? left : right)[i >> 1]!);
    await writeAudio(join(folder, 'in/both.wav'), { samples, sampleRate: SAMPLE_RATE, channels: 2 });
    await writeAudio(join(folder, 'in/one.flac'), { samples: left, sampleRate: SAMPLE_RATE });
    const all = smallSpec({ audio: { sampleRate: SAMPLE_RATE, channel: 'all' } });
    const report = await extract(join(folder, 'in'), { spec: all, out: join(folder, 'all'), workers: 1 });
    expect(report).toMatchObject({ recordings: 3, errors: [] });
    const data = await FeatureDataset.open(join(folder, 'all'));
    const items = [...data.items()].map(({ id, channel, group }) => ({ id, channel, group }));
    expect(items).toEqual([
      { id: 'both.wav#0', channel: 0, group: 'both.wav' },
      { id: 'both.wav#1', channel: 1, group: 'both.wav' },
      { id: 'one.flac#0', channel: 0, group: 'one.flac' },
    ]);
    await extract(join(folder, 'in/both.wav'), {
      spec: smallSpec({ audio: { sampleRate: SAMPLE_RATE, channel: 1 } }),
      out: join(folder, 'right'),
      workers: 1,
    });
    const second = await (await FeatureDataset.open(join(folder, 'right'))).get('both.wav');
    expect((await data.get('both.wav#1')).features.data).toEqual(second.features.data);
  });
});

describe('statistics', () => {
  it.each(['column', 'all'] as const)('of the corpus go into the spec of the folder, per %s', async (per) => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 8);
    const spec = smallSpec({ stages: [{ windowing: { size: 3 } }] });
    const out = join(folder, 'out');
    const report = await extract(corpus, { spec, out, workers: 2, shardBytes: 8000, standardize: per });
    const manifest: Manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
    expect(report.specHash).toBe(manifest.specHash);
    expect(manifest.specHash).not.toBe(spec.hash);
    const [stage] = manifest.spec.stages;
    const normalize = stage !== undefined && 'windowing' in stage ? stage.normalize : undefined;
    const data = await FeatureDataset.open(out);
    const expected = await data.withWindowing({ size: 1 }).stats({ per });
    if (normalize?.kind !== 'standard') throw new Error('no statistics');
    expect(normalize.mean.length).toBe(per === 'column' ? 16 : 1);
    for (const [i, mean] of expected.mean.entries()) expect(normalize.mean[i]).toBeCloseTo(mean, 9);
    for (const [i, std] of expected.std.entries()) expect(normalize.std[i]).toBeCloseTo(std, 9);
    // Another pass over other statistics reuses every shard.
    const again = await extract(corpus, { spec, out, workers: 2, shardBytes: 8000 });
    expect(again).toMatchObject({ specHash: spec.hash, shards: { reused: report.shards.total } });
  });

  it('need windows to be put into', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 1);
    const o = { spec: smallSpec({ stages: [] }), out: join(folder, 'out') };
    await expect(extract(corpus, { ...o, standardize: 'all' })).rejects.toMatchObject({ code: 'ERR_OPTION' });
    await expect(extract(corpus, { ...o, standardize: 'row' as 'all' })).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });
});

describe('a time limit', () => {
  it('costs a recording that takes longer, and nothing else', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'in'));
    await writeAudio(join(folder, 'in/short.wav'), { samples: tone(8000, 3000), sampleRate: SAMPLE_RATE });
    await writeAudio(join(folder, 'in/long.flac'), { samples: tone(40_000_000, 3000), sampleRate: SAMPLE_RATE });
    const o = { spec: smallSpec(), out: join(folder, 'out'), workers: 1, timeoutSec: 0.05 };
    const report = await extract(join(folder, 'in'), o);
    expect(report.recordings).toBe(1);
    expect(report.errors).toMatchObject([{ id: 'long.flac', code: 'ERR_TIMEOUT' }]);
    await expect(extract(join(folder, 'in'), { ...o, timeoutSec: 0 })).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });
});

describe('what is no file', () => {
  it('is an error of its own: a pipe that nobody writes to, a folder, a link to nothing', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 2);
    const pipe = join(corpus, 'pipe.wav');
    await promisify(execFile)('mkfifo', [pipe]);
    const list = [join(corpus, 'quiet/clip-00.wav'), pipe, corpus, join(corpus, 'gone.wav')];
    const report = await extract(list, { spec: smallSpec(), out: join(folder, 'out'), workers: 1 });
    expect(report.recordings).toBe(1);
    expect(report.errors.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      `ERR_AUDIO_READ: ${pipe}: is not a regular file`,
      `ERR_AUDIO_READ: ${corpus}: is a folder`,
      `ERR_AUDIO_READ: ${list[3]}: no such file`,
    ]);
  });
});
