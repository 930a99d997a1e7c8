import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readAudio } from '../../src/audio/index.js';
import { listCorpus } from '../../src/corpus/index.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { extract } from '../../src/extract/index.js';
import { put, smallSpec, temporaryFolder, toneWav } from './wav.js';

const GOLDEN = fileURLToPath(new URL('golden/kaldi/', import.meta.url));

async function dataFolder(tables: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  await put(join(folder, 'wav/one.wav'), toneWav(8000));
  await put(join(folder, 'wav/two words.wav'), toneWav(16_000, { seed: 2 }));
  for (const [name, text] of Object.entries(tables)) await put(join(folder, name), text);
  return folder;
}

const SCP = 'rec-1 wav/one.wav\nrec-2\t wav/two words.wav \n';

describe("Kaldi's data folders", () => {
  it('list the recordings of wav.scp with what the other tables say', async () => {
    const folder = await dataFolder({
      'wav.scp': SCP,
      text: 'rec-2 één  twee\nrec-1\nelsewhere three\n',
      utt2spk: 'rec-1 anna\nrec-2 bert\n',
    });
    const found = await listCorpus(folder);
    expect(found.root).toBe(join(folder, 'wav'));
    expect(found.recordings).toMatchObject([
      { id: 'rec-1', path: 'one.wav', bytes: 16_044, columns: { text: '', label: '', speaker: 'anna', group: 'anna' } },
      { id: 'rec-2', path: 'two words.wav', columns: { text: 'één  twee', speaker: 'bert' } },
    ]);
    expect(await listCorpus(join(folder, 'wav.scp'))).toEqual(found);
  });

  it('list the stretches of segments', async () => {
    const segments = 'utt-1 rec-1 0.1 0.6\nutt-2 rec-2 0 1.25\nutt-3 rec-2 1.25 -1\nutt-4 rec-2 0.5 1.5 0\n';
    const folder = await dataFolder({
      'wav.scp': SCP,
      segments,
      text: 'utt-1 ja\nutt-3 nee\n',
      utt2spk: 'utt-1 anna\n',
    });
    const { recordings } = await listCorpus(folder);
    expect(recordings).toMatchObject([
      { id: 'utt-1', path: 'one.wav', startSec: 0.1, durationSec: 0.5, columns: { label: 'ja', group: 'anna' } },
      { id: 'utt-2', path: 'two words.wav', durationSec: 1.25 },
      { id: 'utt-3', path: 'two words.wav', startSec: 1.25, columns: { label: 'nee' } },
      { id: 'utt-4', path: 'two words.wav', startSec: 0.5, durationSec: 1, channel: 0 },
    ]);
    const out = await temporaryFolder();
    const report = await extract(folder, { spec: smallSpec(), out, workers: 1 });
    expect(report.errors).toEqual([]);
    const items = [...(await FeatureDataset.open(out)).items()];
    const frames = (sec: number) => 1 + Math.floor((8000 * sec - 256) / 80);
    expect(items.map(({ id, label, nFrames }) => [id, label, nFrames])).toEqual([
      ['utt-1', 'ja', frames(0.5)],
      ['utt-2', undefined, frames(1.25)],
      ['utt-3', 'nee', frames(0.75)],
      ['utt-4', undefined, frames(1)],
    ]);
  });

  it('find WAV files inside archives, as kaldiio writes them', async () => {
    const folder = await temporaryFolder();
    await cp(GOLDEN, folder, { recursive: true });
    const { root, recordings } = await listCorpus(folder);
    expect(recordings.map(({ id, path, member }) => [id, path, member])).toEqual([
      ['utt-0', 'wav.ark', { name: 'utt-0', byteOffset: 6, byteLength: 1644 }],
      ['utt-1', 'wav.ark', { name: 'utt-1', byteOffset: 1656, byteLength: 1804 }],
    ]);
    const { byteOffset, byteLength } = recordings[1]!.member!;
    const pcm = await readAudio({ path: join(root, 'wav.ark'), byteOffset, byteLength });
    expect([pcm.nSamples, pcm.sampleRate]).toEqual([880, 8000]);
    const wrong = (await readFile(join(folder, 'wav.scp'), 'utf8')).replace(':1656', ':1657');
    await expect(listCorpus(await put(join(folder, 'wrong.scp'), wrong))).rejects.toThrow(
      /wav\.ark at byte 1657 .*wrong\.scp line 2.* must be a WAV file, got .*IFF/,
    );
    await expect(listCorpus(await put(join(folder, 'gone.scp'), 'a no.ark:3\n'))).rejects.toThrow(
      /gone\.scp line 1 must be a file/,
    );
  });

  it.each([
    [
      'a pipe',
      { 'wav.scp': 'a sph2pipe -f wav a.sph |\n' },
      /wav\.scp line 1 must be a file \(save what a command makes/,
    ],
    ['standard input', { 'wav.scp': 'a -\n' }, /line 1 must be a file/],
    ['no file', { 'wav.scp': `${SCP}a\n` }, /line 3 must be a file .* got "none"/],
    ['a key twice', { 'wav.scp': SCP.replace('rec-2', 'rec-1') }, /rec-1 twice/],
    [
      'an unknown recording',
      { 'wav.scp': SCP, segments: 'u rec-3 0 1\n' },
      /segments line 1 must be about a recording of wav\.scp, got "rec-3"/,
    ],
    ['half a segment', { 'wav.scp': SCP, segments: 'u rec-1 0\n' }, /<utterance> <recording> <start> <end>/],
    [
      'a segment backwards',
      { 'wav.scp': SCP, segments: 'u rec-1 1 0.5\n' },
      /duration in .*segments line 1 must be a positive/,
    ],
    ['a segment twice', { 'wav.scp': SCP, segments: 'u rec-1 0 1\nv rec-1 0 1\n' }, /u and v, which are one/],
    ['nothing', { 'wav.scp': '\n' }, /must be recordings/],
  ])('are refused with %s', async (_, tables, message) => {
    const refused = listCorpus(await dataFolder(tables));
    await expect(refused).rejects.toMatchObject({ code: 'ERR_CORPUS' });
    await expect(refused).rejects.toThrow(message);
  });
});
