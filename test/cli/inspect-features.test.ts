/** `inspect` of a folder of features: what is counted, and what is drawn. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FeatureSummary } from '../../src/cli/inspect/feature-summary.js';
import { inspect } from '../../src/cli/inspect/index.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { extract } from '../../src/extract/index.js';
import { put, smallSpec, toneWav } from '../corpus/wav.js';
import { cochleaJson, workFolder } from './cli.js';

interface Value extends FeatureSummary {
  readonly errors: number;
  readonly windows: number;
  readonly plots: string[];
}

let folder: string;
let features: string;

/** Six recordings of one to six seconds and two speakers, one of them at 16 kHz, and one that cannot be read. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cochlea-inspect-'));
  const rows = ['path,label,group'];
  for (let i = 1; i <= 6; i++) {
    const sampleRate = i === 6 ? 16_000 : 8000;
    await put(join(folder, 'in', `${i}.wav`), toneWav(i * sampleRate, { sampleRate, seed: i }));
    rows.push(`${i}.wav,${i <= 4 ? 'quiet' : 'loud'},${i === 1 ? 'anna' : 'ben'}`);
  }
  await put(join(folder, 'in', 'broken.wav'), 'RIFF');
  rows.push('broken.wav,quiet,ben');
  await put(join(folder, 'in', 'list.csv'), `${rows.join('\n')}\n`);
  features = join(folder, 'features');
  await extract(join(folder, 'in', 'list.csv'), { spec: smallSpec(), out: features });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What `--json` prints. */
async function told(): Promise<Value> {
  return JSON.parse(JSON.stringify((await inspect(features)).value));
}

describe('inspect of features', () => {
  it('counts recordings, durations, labels, groups, rates and errors', async () => {
    const { kind, value, facts } = await inspect(features);
    expect(kind).toBe('features');
    expect(value).toMatchObject({
      ...{ complete: true, recordings: 6, files: 6, durationSec: 21, errors: 1, width: 16 },
      errorCodes: { ERR_AUDIO_FORMAT: 1 },
      itemLabels: { quiet: 4, loud: 2 },
      itemLabelSec: { quiet: 10, loud: 11 },
      intervals: {},
      intervalSec: {},
      groups: { n: 2, min: 1, max: 5, without: 0 },
      sampleRates: { '8000': 5, '16000': 1 },
      channels: { mixed: 6 },
      durations: { minSec: 1, medianSec: 3.5, maxSec: 6 },
    });
    const { durations } = await told();
    expect(durations!.histogram.counts).toHaveLength(20);
    expect(durations!.histogram.counts.filter((n) => n > 0)).toEqual([1, 1, 1, 1, 1, 1]);
    expect([durations!.histogram.edgesSec[0], durations!.histogram.edgesSec[20]]).toEqual([1, 6]);
    expect(facts).toMatchObject({
      recordings: '6 (21.0 s)',
      errors: 'ERR_AUDIO_FORMAT 1',
      classes: 'quiet 4 (47.6 %, 10.0 s), loud 2 (52.4 %, 11.0 s)',
      groups: '2, of 1 to 5 recordings',
      'sample rates': '8000 Hz 5, 16000 Hz 1',
    });
    expect(facts.durations).toMatch(/^1\.0 s to 6\.0 s, median 3\.5 s {2}\[█/);
  });

  it('takes mean and deviation of bands from the manifest, or reads every frame where it has none', async () => {
    const { bands } = await told();
    const path = join(features, 'manifest.json');
    const text = await readFile(path, 'utf8');
    try {
      await writeFile(path, JSON.stringify({ ...JSON.parse(text), stats: null }));
      const read = await told();
      expect(read.bands!.mean).toHaveLength(16);
      for (const figure of ['mean', 'std'] as const) {
        read.bands![figure].forEach((value, band) => {
          expect(value).toBeCloseTo(bands![figure][band]!, 8);
        });
      }
    } finally {
      await writeFile(path, text);
    }
    const { mean } = await (await FeatureDataset.open(features)).withWindowing({ size: 1 }).stats();
    expect(bands!.mean[3]).toBeCloseTo(mean[3]!, 8);
  });

  it('draws durations, labels, bands and a recording, for the command line too', async () => {
    const cwd = await workFolder();
    const { code, value } = await cochleaJson<Value>(['inspect', features, '--plot'], { cwd });
    expect(code).toBe(0);
    const names = ['durations.svg', 'labels.svg', 'bands.svg', 'example.png'];
    expect(value.plots).toEqual(names.map((name) => join('features-plots', name)));
    expect((await readdir(join(cwd, 'features-plots'))).sort()).toEqual([...names].sort());
    const labels = await readFile(join(cwd, 'features-plots', 'labels.svg'), 'utf8');
    expect(labels).toMatch(/^<svg .*quiet.*loud/s);
    const { width, height } = decode(await readFile(join(cwd, 'features-plots', 'example.png')));
    const first = (await FeatureDataset.open(features)).items().next().value!;
    expect([width, height]).toEqual([first.nFrames, 16]);
    await expect(inspect(features, { plot: 'one.svg' })).rejects.toThrow(
      /--plot must be a folder, as there are 4 pictures/,
    );
  });

  it('has nothing to draw of an extraction that was cut off', async () => {
    const path = join(features, 'manifest.json');
    const text = await readFile(path, 'utf8');
    try {
      await writeFile(path, JSON.stringify({ ...JSON.parse(text), complete: false, shards: [] }));
      expect((await inspect(features)).facts.state).toBe('cut off: extract again to go on');
      await expect(inspect(features, { plot: true })).rejects.toThrow(
        /--plot must be for .* complete folder of features/,
      );
    } finally {
      await writeFile(path, text);
    }
  });
});
