import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeAudio } from '../../src/audio/index.js';
import { extract } from '../../src/extract/index.js';
import { computeRange, rangesOf, samplesForRanges } from '../../src/extract/ranges.js';
import type { ShardInput } from '../../src/extract/shard-plan.js';
import { createPlan } from '../../src/features/index.js';
import type { Manifest } from '../../src/shards/index.js';
import { defineSpec, type FeatureOptions, frameWidth } from '../../src/spec/index.js';
import { put, smallCorpus, temporaryFolder, toneWav } from '../corpus/wav.js';
import { featuresOf } from './features-of.js';

const SAMPLE_RATE = 8000;
/** Longer than what is taken whole. */
const N_SAMPLES = (1 << 22) + 12_345;

const specOf = (features: FeatureOptions) =>
  defineSpec({ task: 'classify', audio: { sampleRate: SAMPLE_RATE }, features });
const inputOf = (path: string): ShardInput => {
  return { id: path, path, bytes: 0, mtimeMs: 0, label: null, group: null, labels: null, sidecar: null };
};

const LOG_MEL = { kind: 'logMel', nFft: 512, hopLength: 3000, nMels: 4, topDb: null } as const;
const CASES: readonly (readonly [string, FeatureOptions])[] = [
  ['centred', LOG_MEL],
  ['mirrored at the ends', { ...LOG_MEL, padMode: 'reflect' }],
  ['not centred', { ...LOG_MEL, center: false }],
  ['frames that overlap', { ...LOG_MEL, nFft: 8192, hopLength: 1000 }],
  ['of Kaldi, not snipped', { kind: 'mfcc', preset: 'kaldi', snipEdges: false, hopLength: 800, nMfcc: 4, nMels: 8 }],
  ['of Kaldi', { kind: 'logMel', preset: 'kaldi', hopLength: 800, nMels: 8 }],
  ['with pre-emphasis over the signal', { kind: 'mfcc', preset: 'python_speech_features', hopLength: 800, nMfcc: 4 }],
];

describe('ranges of a long recording', () => {
  const long = toneWav(N_SAMPLES);

  it.each(CASES)('have the bits of the whole, %s', async (_, features) => {
    const spec = specOf(features);
    const plan = createPlan(spec.features);
    const folder = await temporaryFolder();
    const path = await put(join(folder, 'long.wav'), long);
    const whole = await featuresOf(path, spec.audio, plan);
    const nSamples = await samplesForRanges(inputOf('long.wav'), folder, plan, spec.audio);
    expect(nSamples).toBe(N_SAMPLES);
    const frames = join(folder, 'frames');
    await writeFile(frames, new Uint8Array(whole.features.byteLength));
    const ranges = rangesOf(whole.nFrames, 7);
    expect(ranges.reduce((sum, { nFrames }) => sum + nFrames, 0)).toBe(whole.nFrames);
    for (const range of ranges.reverse()) {
      await computeRange(
        { ...range, input: inputOf('long.wav'), nSamples: N_SAMPLES, path: frames },
        folder,
        plan,
        spec.audio,
      );
    }
    expect(whole.nFrames * frameWidth(plan.config)).toBe(whole.features.length);
    expect((await readFile(frames)).equals(Buffer.from(whole.features.buffer))).toBe(true);
  });

  it('are not cut where the whole clip counts, or only decoding tells its length', async () => {
    const folder = await temporaryFolder();
    await put(join(folder, 'long.wav'), long);
    await put(join(folder, 'short.wav'), toneWav(8000));
    const ask = (file: string, features: FeatureOptions, sampleRate = SAMPLE_RATE) => {
      const spec = defineSpec({ task: 'classify', audio: { sampleRate }, features });
      return samplesForRanges(inputOf(file), folder, createPlan(spec.features), spec.audio);
    };
    expect(await ask('long.wav', { ...LOG_MEL, ref: 'max' })).toBeNull();
    expect(await ask('short.wav', LOG_MEL)).toBeNull();
    expect(await ask('long.wav', LOG_MEL, 16_000)).toBeNull();
  });

  it.each(['wav', 'flac'])('make the shard that one worker makes, %s', async (extension) => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 4);
    const samples = Float32Array.from({ length: N_SAMPLES }, (_, i) => Math.sin(i / 7 + Math.sin(i / 5000)) / 2);
    await writeAudio(join(corpus, `long.${extension}`), { samples, sampleRate: SAMPLE_RATE });
    const checksums = async (workers: number) => {
      const out = join(folder, `out-${workers}`);
      const o = { spec: specOf(LOG_MEL), out, workers, shardBytes: 8000 };
      expect(await extract(corpus, o)).toMatchObject({ recordings: 5, errors: [] });
      const manifest: Manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
      return manifest.shards.flatMap(({ files }) => files);
    };
    const [one, three] = [await checksums(1), await checksums(3)];
    expect(one.length).toBeGreaterThan(2);
    expect(three).toEqual(one);
  });
});
