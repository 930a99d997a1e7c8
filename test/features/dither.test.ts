/** Kaldi's dither. Of which distribution the noise is, and that it has no memory, is tested in C++ (dither_test.cc). */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { logMel, MelSpectrogram, mfcc, stft } from '../../src/features/index.js';
import { loadAddon, nativeConfig } from '../../src/native/index.js';
import { defineSpec, resolveFeatures } from '../../src/spec/index.js';
import { bits, impulse, noise, SAMPLE_RATE, signal } from './signals.js';

const KALDI = { preset: 'kaldi', sampleRate: SAMPLE_RATE } as const;
const WIN = 400;
const HOP = 160;
const N_MELS = 23;
const silence = (nFrames: number) => signal(new Float32Array(WIN + (nFrames - 1) * HOP));
/** Deviations of a mean; the noise is the same in every run. */
const FAR_OFF = 4;

/** How many standard errors the mean of each column lies from what is expected. */
function scores(data: Float32Array, expected: readonly number[]): number[] {
  const width = expected.length;
  const nFrames = data.length / width;
  return expected.map((value, column) => {
    const values = Array.from({ length: nFrames }, (_, t) => data[t * width + column]!);
    const mean = values.reduce((sum, x) => sum + x, 0) / nFrames;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / nFrames;
    return (mean - value) / Math.sqrt(variance / nFrames);
  });
}

describe('dithered silence', () => {
  it.each([1, 3.5])('of deviation %d has σ² · Σ window² · Σ weights in a band', (dither) => {
    const plan = new MelSpectrogram({ ...KALDI, dither, preemphasis: 0, removeDcOffset: false });
    const config = nativeConfig(plan.config);
    const weights = loadAddon().melFilterbank(config);
    const energy = loadAddon()
      .window(config)
      .reduce((sum, factor) => sum + factor * factor, 0);
    const nBins = weights.length / N_MELS;
    const expected = Array.from({ length: N_MELS }, (_, m) => {
      const sum = weights.subarray(m * nBins, (m + 1) * nBins).reduce((all, weight) => all + weight, 0);
      return dither ** 2 * energy * sum;
    });
    const found = scores(plan.process(silence(20_000)).data, expected);
    expect(Math.max(...found.map(Math.abs))).toBeLessThan(FAR_OFF);
  });

  it('has in a band what impulses of every sample of a frame give together, after the mean and pre-emphasis', () => {
    const plain = new MelSpectrogram(KALDI);
    const expected = new Array<number>(N_MELS).fill(0);
    for (let i = 0; i < WIN; i += 1) {
      // An impulse of 1 on the scale of 16 bits.
      const { data } = plain.process(signal(impulse(WIN, i).map((value) => value / 2 ** 15)));
      data.forEach((value, m) => {
        expected[m]! += value;
      });
    }
    const { data } = new MelSpectrogram({ ...KALDI, dither: 1 }).process(silence(20_000));
    expect(Math.max(...scores(data, expected).map(Math.abs))).toBeLessThan(FAR_OFF);
  });

  it('has the energy of a χ² distribution with one degree of freedom less than samples', () => {
    const { data, shape } = mfcc(silence(20_000), { ...KALDI, dither: 1 });
    const energies = data.filter((_, i) => i % shape[1]! === 0);
    // E ln χ²(k) = ψ(k/2) + ln 2 = ln k − 1/k − 1/(3k²) + …
    const k = WIN - 1;
    const [score] = scores(energies, [Math.log(k) - 1 / k - 1 / (3 * k * k)]);
    expect(Math.abs(score!)).toBeLessThan(FAR_OFF);
  });
});

describe('dither', () => {
  const x = signal(noise(8000));

  it('is on the scale of the samples', () => {
    const wide = stft(x, { ...KALDI, power: 2, dither: 8 }).data;
    const unit = stft(x, { ...KALDI, power: 2, dither: 8 / 2 ** 15, sampleScale: 'unit' }).data;
    expect(bits(unit)).toEqual(bits(wide.map((value) => value / 2 ** 30)));
  });

  it('of another seed is other noise, and of none is none', () => {
    const of = (options: object) => bits(logMel(x, { ...KALDI, ...options }).data);
    expect(of({ dither: 1 })).toEqual(of({ dither: 1, ditherSeed: 0 }));
    const seeds = [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER].map((ditherSeed) => of({ dither: 1, ditherSeed }).join());
    expect(new Set([...seeds, of({}).join()]).size).toBe(seeds.length + 1);
    expect(of({ dither: 0 })).toEqual(of({}));
  });

  it('is other noise in every frame, also on samples that frames share', () => {
    const { data, shape } = stft(silence(50), { ...KALDI, hopLength: HOP, power: 2, dither: 1 });
    const rows = Array.from({ length: 50 }, (_, t) => data.subarray(t * shape[1]!, (t + 1) * shape[1]!).join());
    expect(new Set(rows).size).toBe(50);
  });

  it('has its part in what a spec means, and its seed with it', () => {
    const hash = (options: object) =>
      defineSpec({
        task: 'classify',
        audio: { sampleRate: SAMPLE_RATE },
        features: { kind: 'logMel', preset: 'kaldi', ...options },
      }).hash;
    expect(hash({ dither: 0 })).toBe(hash({}));
    expect(new Set([{}, { dither: 1 }, { dither: 2 }, { dither: 1, ditherSeed: 1 }].map(hash)).size).toBe(4);
  });
});

describe('another thread', () => {
  const worker = new Worker(new URL('workers/plan.mjs', import.meta.url));
  afterAll(() => worker.terminate());

  it('adds the same noise', async () => {
    const config = resolveFeatures({ ...KALDI, kind: 'mfcc', dither: 2, ditherSeed: 9 });
    const clip = signal(noise(5000));
    const answer = once(worker, 'message');
    worker.postMessage({ config, clip });
    const [data] = await answer;
    expect(bits(data)).toEqual(bits(mfcc(clip, { ...KALDI, dither: 2, ditherSeed: 9 }).data));
  });
});
