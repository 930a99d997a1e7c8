import { describe, expect, it } from 'vitest';
import { readAudio, toFloat } from '../../src/audio/index.js';
import { maxDifference, tone } from './signals.js';

/** Samples at both ends where the filter looks into the silence around the signal. */
const EDGE = 2000;
const inside = (x: Float32Array) => x.subarray(EDGE, x.length - EDGE);

async function resampled(samples: Float32Array, from: number, to: number): Promise<Float32Array> {
  return toFloat(await readAudio({ samples, sampleRate: from }, { sampleRate: to }), 0);
}

describe('resampling', () => {
  it.each([
    [44_100, 16_000],
    [48_000, 16_000],
    [22_050, 16_000],
    [8_000, 16_000],
    [16_000, 44_100],
  ])('keeps a 1 kHz tone from %i to %i Hz, in place and in level', async (from, to) => {
    const out = await resampled(tone(from, 1000, from), from, to);
    // 28 bits are asked of libsoxr; float32 at 0.5 rounds at 3e-8. Upsampling interpolates its filter: measured 2e-7.
    expect(maxDifference(inside(out), inside(tone(to, 1000, to)))).toBeLessThan(1e-6);
  });

  it('removes what the lower rate cannot hold', async () => {
    // 10 kHz would fold to 6 kHz at 16 kHz.
    const out = inside(await resampled(tone(44_100, 10_000, 44_100), 44_100, 16_000));
    expect(out.length).toBeGreaterThan(10_000);
    expect(Math.max(...out.map(Math.abs))).toBeLessThan(0.5 * 10 ** (-120 / 20)); // −120 dB
  });

  it.each([
    [1, 44_100, 16_000],
    [7, 44_100, 16_000],
    [100, 44_100, 16_000],
    [44_101, 44_100, 16_000],
    [1, 16_000, 44_100],
    [100_003, 48_000, 16_000],
    [500, 16_000, 100],
  ])('%i samples from %i to %i Hz are ceil(n · to / from)', async (n, from, to) => {
    const out = await resampled(new Float32Array(n).fill(0.25), from, to);
    expect(out.length).toBe(Math.ceil((n * to) / from));
    expect(out.every(Number.isFinite)).toBe(true);
  });

  it.each([
    [2_000_000_000, 16_000],
    [16_000, 16_384_000],
  ])('refuses %i to %i Hz, whose filter would take gigabytes', async (from, to) => {
    const refused = resampled(new Float32Array(100), from, to);
    await expect(refused).rejects.toMatchObject({ code: 'ERR_SAMPLE_RATE' });
    await expect(refused).rejects.toThrow(`less than 1024 times apart, got ${from} Hz to ${to} Hz`);
  });

  it('treats every channel alone', async () => {
    const [left, right] = [tone(4410, 500, 44_100), tone(4410, 700, 44_100)];
    const samples = Float32Array.from({ length: 8820 }, (_, i) => (i % 2 === 0 ? left : right)[i >> 1]!);
    const both = await readAudio({ samples, sampleRate: 44_100, channels: 2 }, { sampleRate: 16_000 });
    expect(both).toMatchObject({ channels: 2, nSamples: 1600, sampleRate: 16_000 });
    expect(toFloat(both, 0)).toEqual(await resampled(left, 44_100, 16_000));
    expect(toFloat(both, 1)).toEqual(await resampled(right, 44_100, 16_000));
  });

  it('leaves a recording alone that has the rate already', async () => {
    const samples = tone(100, 440, 16_000);
    expect((await readAudio({ samples, sampleRate: 16_000 }, { sampleRate: 16_000 })).bytes.buffer).toBe(
      samples.buffer,
    );
  });
});
