import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeAudio } from '../../src/audio/index.js';
import { listCorpus } from '../../src/corpus/index.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { extract } from '../../src/extract/index.js';
import { put, smallSpec, temporaryFolder, toneWav } from './wav.js';

const GOLDEN = fileURLToPath(new URL('golden/lhotse/', import.meta.url));

/** The manifests that lhotse wrote, beside the recordings that they are about. */
async function manifests(): Promise<string> {
  const folder = await temporaryFolder();
  await cp(GOLDEN, folder, { recursive: true });
  await put(join(folder, 'audio/mono.wav'), toneWav(8000));
  const samples = Float32Array.from({ length: 24_000 }, (_, i) => 0.3 * Math.sin((i >> 1) * (i % 2 === 0 ? 0.2 : 0.5)));
  await writeAudio(join(folder, 'audio/stereo.wav'), { samples, sampleRate: 8000, channels: 2 });
  return folder;
}

const MONO = { path: 'mono.wav' };
const STEREO = { path: 'stereo.wav' };
const anna = { speaker: 'anna', group: 'anna' };

describe("lhotse's manifests", () => {
  it('of recordings list files', async () => {
    const folder = await manifests();
    const { root, recordings } = await listCorpus(join(folder, 'tiny_recordings_all.jsonl.gz'));
    expect(root).toBe(join(folder, 'audio'));
    expect(recordings).toMatchObject([
      { id: 'mono', ...MONO, bytes: 16_044 },
      { id: 'stereo', ...STEREO },
    ]);
    expect(Object.keys(recordings[0]!)).toEqual(['id', 'path', 'bytes', 'mtimeMs']);
  });

  it('of cuts list stretches, channels and what is said in them', async () => {
    const folder = await manifests();
    const { recordings } = await listCorpus(join(folder, 'cuts.jsonl.gz'));
    expect(recordings).toMatchObject([
      {
        id: 'mono-0',
        ...MONO,
        labels: [
          { startSec: 0.1, endSec: 0.35, label: 'één twee' },
          { startSec: 0.4, endSec: 0.9, label: 'drie\u2028vier' },
        ],
        columns: { ...anna, text: 'één twee drie\u2028vier' },
      },
      {
        id: 'stereo-1',
        ...STEREO,
        labels: [
          { startSec: 0.5, endSec: 1.25, label: 'bert' },
          { startSec: 1.25, endSec: 1.5, label: 'beide' },
        ],
      },
    ]);
    for (const recording of recordings) {
      for (const field of ['startSec', 'durationSec', 'channel']) expect(recording).not.toHaveProperty(field);
    }
    const trimmed = await listCorpus(join(folder, 'cuts-trimmed.jsonl'));
    expect(trimmed.recordings).toMatchObject([
      {
        id: 'mono-1',
        startSec: 0.1,
        durationSec: 0.25,
        bytes: 8000,
        columns: { ...anna, label: 'één twee', language: 'nl' },
      },
      { id: 'mono-2', startSec: 0.4, durationSec: 0.5, columns: { ...anna, gender: 'F' } },
      {
        id: 'stereo-1',
        startSec: 0.5,
        durationSec: 0.75,
        channel: 1,
        labels: [{ startSec: 0, endSec: 0.75, label: 'bert' }],
      },
      { id: 'stereo-2', startSec: 1.25, durationSec: 0.25 },
    ]);
    expect(trimmed.recordings[0]).not.toHaveProperty('channel');
    expect(trimmed.recordings[3]).not.toHaveProperty('channel');
  });

  it('of windows clip what is said to each', async () => {
    const folder = await manifests();
    const { recordings } = await listCorpus(join(folder, 'cuts-windows.jsonl'));
    const [first, second, third] = recordings;
    expect(first).toMatchObject({ id: 'mono-0-0', durationSec: 0.4, labels: [{ startSec: 0.1, endSec: 0.35 }] });
    expect(first).not.toHaveProperty('startSec');
    expect(second).toMatchObject({ startSec: 0.4, durationSec: 0.4, labels: [{ startSec: 0, endSec: 0.4 }] });
    expect(third!.labels).toMatchObject([{ startSec: 0, label: 'drie\u2028vier' }]);
    expect(third!.labels![0]!.endSec).toBeCloseTo(0.1, 12);
  });

  it('of supervisions are cuts of the recordings beside', async () => {
    const folder = await manifests();
    const [supervised, trimmed] = await Promise.all(
      ['tiny_supervisions_all.jsonl.gz', 'cuts-trimmed.jsonl'].map((name) => listCorpus(join(folder, name))),
    );
    expect(supervised).toEqual(trimmed);
    const alone = await put(join(await temporaryFolder(), 'a_supervisions.jsonl'), '{"recording_id": "x"}');
    await expect(listCorpus(alone)).rejects.toThrow(/beside its recordings/);
  });

  it('are refused by name where they ask for what is not a file', async () => {
    const folder = await manifests();
    const cases = {
      'recordings-command.jsonl': /source of mono in .*command\.jsonl line 1 must be of type "file", got "command"/,
      'cuts-mixed.jsonl': /type in .*cuts-mixed\.jsonl line 1 must be MonoCut or MultiCut .*, got "MixedCut"/,
      'cuts-speed.jsonl': /transforms of mono_sp1\.1 .* got \["Speed"\]/,
    };
    for (const [name, message] of Object.entries(cases)) {
      const refused = listCorpus(join(folder, name));
      await expect(refused).rejects.toMatchObject({ code: 'ERR_CORPUS' });
      await expect(refused).rejects.toThrow(message);
    }
    const cut = gunzipSync(await readFile(join(GOLDEN, 'cuts.jsonl.gz')))
      .toString()
      .split('\n')[0]!;
    const changed = (change: Record<string, unknown>) =>
      put(join(folder, 'changed.jsonl'), JSON.stringify({ ...JSON.parse(cut), ...change }));
    await expect(listCorpus(await changed({ recording: null }))).rejects.toThrow(/a cut of features/);
    await expect(listCorpus(await changed({ channel: 3 }))).rejects.toThrow(/channel of mono .* got 3/);
    await expect(listCorpus(await changed({ start: 'x' }))).rejects.toThrow(/as lhotse writes it, got "start: /);
    await expect(listCorpus(await changed({ duration: 0 }))).rejects.toMatchObject({ code: 'ERR_CORPUS' });
    const half = gzipSync(Buffer.from(cut)).subarray(0, 80);
    await expect(listCorpus(await put(join(folder, 'half.jsonl.gz'), half))).rejects.toThrow(
      /whole and packed with gzip/,
    );
  });

  it('may have paths from the working directory, as lhotse itself reads them', async () => {
    const folder = await manifests();
    await cp(join(folder, 'cuts.jsonl.gz'), join(folder, 'data/cuts.jsonl.gz'));
    const before = process.cwd;
    process.cwd = () => folder;
    onTestFinished(() => {
      process.cwd = before;
    });
    const { root, recordings } = await listCorpus(join(folder, 'data/cuts.jsonl.gz'));
    expect(root).toBe(join(folder, 'audio'));
    expect(recordings.map(({ bytes }) => bytes > 0)).toEqual([true, true]);
  });

  it('are extracted cut by cut', async () => {
    const folder = await manifests();
    const out = await temporaryFolder();
    const report = await extract(join(folder, 'cuts-trimmed.jsonl'), { spec: smallSpec(), out, workers: 1 });
    expect(report.errors).toEqual([]);
    const items = [...(await FeatureDataset.open(out)).items()];
    // Items count from the start of the recording.
    expect(items.map(({ id, group, labels }) => [id, group, labels])).toEqual([
      ['mono-1', 'anna', [{ startSec: 0.1, endSec: 0.35, label: 'één twee' }]],
      ['mono-2', 'anna', [{ startSec: 0.4, endSec: 0.9, label: 'drie\u2028vier' }]],
      ['stereo-1', 'bert', [{ startSec: 0.5, endSec: 1.25, label: 'bert' }]],
      ['stereo-2', undefined, [{ startSec: 1.25, endSec: 1.5, label: 'beide' }]],
    ]);
    // Frames of 256 samples, 80 apart.
    expect(items.map(({ nFrames }) => nFrames)).toEqual(
      [0.25, 0.5, 0.75, 0.25].map((sec) => 1 + Math.floor((8000 * sec - 256) / 80)),
    );
  });
});
