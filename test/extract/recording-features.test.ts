import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readAudio, toFloat } from '../../src/audio/index.js';
import { createPlan } from '../../src/features/index.js';
import { defineSpec, type FeatureOptions, frameWidth, type Spec } from '../../src/spec/index.js';
import { put, temporaryFolder, toneWav } from '../corpus/wav.js';
import { featuresOf } from './features-of.js';

const SAMPLE_RATE = 8000;
const mp3 = fileURLToPath(new URL('../audio/fixtures/quiet-loud.mp3', import.meta.url));

const specOf = (features: FeatureOptions, audio: Partial<Spec['audio']> = {}) =>
  defineSpec({ task: 'classify', audio: { sampleRate: SAMPLE_RATE, ...audio }, features, stages: [] });

const features = (path: string, spec: Spec) => featuresOf(path, spec.audio, createPlan(spec.features));

/** Of the whole recording in memory. */
async function atOnce(path: string, { audio, features: config }: Spec): Promise<Buffer> {
  const { sampleRate, channel, normalize } = audio;
  const samples = toFloat(await readAudio(path, { sampleRate, channel }), 0);
  const peak = normalize === 'none' ? 1 : samples.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
  const scale = 1 / peak;
  const { data } = createPlan(config).process({ samples: samples.map((x) => x * scale), sampleRate });
  return Buffer.from(data.buffer);
}

describe('features of a recording', () => {
  // `topDb` would need the whole clip.
  const centred = { kind: 'logMel', nFft: 512, hopLength: 4000, nMels: 8, topDb: null } as const;
  const uncentred = { ...centred, center: false } as const;

  // Longer than what is taken whole, also at the lower rate.
  const nSamples = 5_700_001;
  const long = toneWav(nSamples);

  it.each([
    ['as it is', specOf(centred)],
    ['not centred', specOf(uncentred)],
    ['to its peak', specOf(centred, { normalize: 'peak' })],
    ['at another rate', specOf(centred, { sampleRate: 6000 })],
    ['with its own maximum as reference', specOf({ ...centred, ref: 'max' })],
    ['clamped below its maximum', specOf({ ...centred, topDb: 30 })],
    [
      'and coefficients of that',
      specOf({ kind: 'mfcc', nFft: 512, hopLength: 4000, nMels: 16, nMfcc: 8, ref: 'max', topDb: 30 }),
    ],
    [
      'HTK, energy below its maximum',
      specOf({ kind: 'mfcc', preset: 'htk', useEnergy: true, nMfcc: 8, nMels: 16, hopLength: 4000 }),
    ],
  ])('have the same bits in blocks as at once, %s', async (_, spec) => {
    const path = await put(join(await temporaryFolder(), 'long.wav'), long);
    const found = await features(path, spec);
    expect(found).toMatchObject({ sampleRate: SAMPLE_RATE, durationSec: nSamples / SAMPLE_RATE });
    expect(found.features.length).toBe(found.nFrames * frameWidth(spec.features));
    expect(found.nFrames).toBeGreaterThan(1000);
    expect((await atOnce(path, spec)).equals(Buffer.from(found.features.slice().buffer))).toBe(true);
  });

  it('of MP3, whose length only its end tells, too', async () => {
    const spec = specOf(centred, { sampleRate: 16_000 });
    const found = await features(mp3, spec);
    expect(found).toMatchObject({ sampleRate: 16_000, durationSec: 2, nFrames: 9 });
    expect((await atOnce(mp3, spec)).equals(Buffer.from(found.features.slice().buffer))).toBe(true);
  });

  it.each([
    ['not centred', { ...uncentred, nFft: 65_536, winLength: 65_536 }, 65_536],
    ['reflected', { ...centred, nFft: 65_536, winLength: 65_536, padMode: 'reflect' }, 32_769],
  ] as const)('are refused by the length that is missing, %s', async (_, o, needed) => {
    const spec = specOf(o, { sampleRate: 16_000 });
    const folder = await temporaryFolder();
    const path = await put(join(folder, 'short.wav'), toneWav(16_000));
    expect((await readFile(path)).length).toBe(32_044);
    for (const recording of [mp3, path]) {
      await expect(features(recording, spec)).rejects.toMatchObject({
        code: 'ERR_TOO_SHORT',
        message: `samples must be at least ${needed} samples long, got 32000`,
      });
    }
  });
});
