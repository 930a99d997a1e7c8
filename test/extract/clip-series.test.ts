/** Recordings that are computed many at a time give what they give one at a time. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeAudio } from '../../src/audio/index.js';
import type { CorpusItem } from '../../src/corpus/index.js';
import { extract } from '../../src/extract/index.js';
import { type Manifest, SHARD_FORMATS } from '../../src/shards/index.js';
import { defineSpec } from '../../src/spec/index.js';
import { put, smallSpec, temporaryFolder, toneWav, wav } from '../corpus/wav.js';

const RATE = 8000;
const COUNT = 100;

/** Of many lengths and formats; every 20th cannot be read, or is too short, or holds what is no number. */
async function mixedCorpus(folder: string): Promise<CorpusItem[]> {
  const items: CorpusItem[] = [];
  for (let i = 0; i < COUNT; i += 1) {
    const path = join(folder, `${i}.${['wav', 'wav', 'wav', 'flac', 'ogg'][i % 5]}`);
    const nSamples = 300 + ((i * 7919) % 60_000);
    if (i % 20 === 19)
      await put(path, [toneWav(100), 'text', wav(Buffer.alloc(4000, 0xff), { format: 3, bits: 32 })][i % 3]!);
    else if (i % 5 < 3) await put(path, toneWav(nSamples, { seed: i }));
    else {
      const samples = Float32Array.from({ length: 2 * nSamples }, (_, at) => Math.sin(at * (0.01 + i / 1e4)) / 2);
      await writeAudio(path, { samples, sampleRate: RATE, channels: 2 });
    }
    items.push({ path, id: `clip ${i}`.replace(' ', i === 77 ? ' ' : '-'), label: i % 2 === 0 ? 'quiet' : 'loud' });
  }
  return items;
}

/** Of the shards' files. A channel of its own keeps a recording out of a series. */
async function filesOf(items: readonly CorpusItem[], o: Partial<Parameters<typeof extract>[1]>) {
  const out = await temporaryFolder();
  const report = await extract(items, { spec: smallSpec(), out, workers: 2, shardBytes: 2e6, ...o });
  const { shards, stats, complete }: Manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
  expect(complete).toBe(true);
  return { report, files: [...shards.map(({ files }) => files), stats] };
}

describe('a series of clips', () => {
  const channel = 0;

  it.each(SHARD_FORMATS)('makes the same %s shards and errors as one recording at a time', async (format) => {
    const items = await mixedCorpus(await temporaryFolder());
    const together = await filesOf(items, { format });
    const alone = await filesOf(
      items.map((item) => ({ ...item, channel })),
      { format },
    );
    expect(together.files.length).toBeGreaterThan(1);
    expect(together.files).toEqual(alone.files);
    expect(together.report.errors).toEqual(alone.report.errors);
    expect(together.report.errors.length).toBe(format === 'kaldi-ark' ? 6 : 5);
    expect(together.report.recordings).toBe(COUNT - together.report.errors.length);
    expect(together.report.audioSec).toBeCloseTo(alone.report.audioSec, 6);
  });

  it.each([
    ['the mean of channels', smallSpec({ audio: { sampleRate: RATE, channel: 'mean' } })],
    [
      'a clip’s own maximum',
      smallSpec({ features: { kind: 'logMel', nFft: 256, hopLength: 80, nMels: 16, ref: 'max' } }),
    ],
    ['its peak', smallSpec({ audio: { sampleRate: RATE, normalize: 'peak' } })],
    [
      'packed spectra',
      defineSpec({
        task: 'classify',
        audio: { sampleRate: RATE },
        features: { kind: 'stft', nFft: 256, hopLength: 80, layout: 'fftpack-packed', center: false },
        stages: [],
      }),
    ],
  ])('is told apart where features need more: %s', async (_, spec) => {
    const items = (await mixedCorpus(await temporaryFolder())).slice(0, 30);
    const mean = spec.audio.channel === 'mean' ? 'mean' : channel;
    const together = await filesOf(items, { spec });
    const alone = await filesOf(
      items.map((item) => ({ ...item, channel: mean })),
      { spec },
    );
    expect(together.files).toEqual(alone.files);
    expect(together.report.recordings).toBe(29);
  });

  it('leaves a long recording between short ones to others', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'long.wav'), toneWav(2_200_000));
    const items = ['a', 'b', 'long', 'c', 'd'].map((name) => ({ path: join(folder, `${name}.wav`), id: name }));
    for (const { path, id } of items)
      if (id !== 'long') await writeFile(path, toneWav(20_000, { seed: id.charCodeAt(0) }));
    const together = await filesOf(items, { shardBytes: 1e9 });
    const alone = await filesOf(
      items.map((item) => ({ ...item, channel })),
      { shardBytes: 1e9 },
    );
    expect(together.report).toMatchObject({ recordings: 5, errors: [] });
    expect(together.files).toEqual(alone.files);
  });
});
