import { describe, expect, it } from 'vitest';
import { logMel, melSpectrogram, mfcc, Stft, stft } from '../../src/features/index.js';
import { impulse, noise, SAMPLE_RATE, signal, sine } from './signals.js';

/** Frames that show the transform itself: no window, no padding. */
const BARE = { window: 'rectangular', center: false } as const;

describe('an impulse', () => {
  it.each([2, 16, 100, 375, 400, 512, 2400])('has a flat spectrum at nFft %i', (nFft) => {
    const { data, shape } = stft(signal(impulse(nFft, 1)), { ...BARE, nFft, power: 1 });
    expect(shape).toEqual([1, 1 + Math.floor(nFft / 2)]);
    for (const magnitude of data) expect(magnitude).toBeCloseTo(1, 6);
  });

  it('at sample n turns by 2πkn/nFft', () => {
    const [nFft, n] = [48, 5];
    const { data, shape } = stft(signal(impulse(nFft, n)), { ...BARE, nFft });
    expect(shape).toEqual([1, 25, 2]);
    for (let k = 0; k <= nFft / 2; k += 1) {
      expect(data[2 * k]).toBeCloseTo(Math.cos((2 * Math.PI * k * n) / nFft), 6);
      expect(data[2 * k + 1]).toBeCloseTo(-Math.sin((2 * Math.PI * k * n) / nFft), 6);
    }
  });

  it('shows the window, which stands in the middle of the frame', () => {
    const [nFft, winLength] = [64, 16];
    const heights = Array.from({ length: nFft }, (_, at) => {
      return stft(signal(impulse(nFft, at)), { nFft, winLength, center: false, power: 1 }).data[0]!;
    });
    heights.forEach((height, at) => {
      const n = at - (nFft - winLength) / 2;
      const inside = n >= 0 && n < winLength;
      expect(height).toBeCloseTo(inside ? 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / winLength) : 0, 6);
    });
  });

  it('is seen by the centred frames around it', () => {
    const [nFft, hopLength] = [32, 8];
    const { data, nFrames } = stft(signal(impulse(100, 40)), { ...BARE, center: true, nFft, hopLength, power: 1 });
    expect(nFrames).toBe(1 + Math.floor(100 / hopLength));
    const seen = Array.from({ length: nFrames }, (_, t) => data[t * 17]! > 0.5);
    seen.forEach((found, t) => {
      expect(found).toBe(40 >= t * hopLength - nFft / 2 && 40 < t * hopLength + nFft / 2);
    });
  });
});

describe('a constant', () => {
  it('lies in bin 0', () => {
    const { data } = stft(signal(new Float32Array(60).fill(0.25)), { ...BARE, nFft: 60, power: 1 });
    expect(data[0]).toBeCloseTo(15, 5);
    for (const magnitude of data.subarray(1)) expect(magnitude).toBeLessThan(1e-5);
  });
});

describe('a sine on a bin', () => {
  it.each([64, 400, 480, 2400])('has A·nFft/2 there and nothing elsewhere (nFft %i)', (nFft) => {
    const bin = Math.floor(nFft / 8);
    const x = sine(nFft, (bin * SAMPLE_RATE) / nFft, 0.5);
    const { data } = stft(signal(x), { ...BARE, nFft, power: 1 });
    data.forEach((magnitude, k) => {
      // float32 samples carry 3e-8 each, the sum of nFft of them below 1e-5 of the peak.
      expect(Math.abs(magnitude - (k === bin ? nFft / 4 : 0))).toBeLessThan(1e-5 * nFft);
    });
  });

  it('of amplitude 1 under a Hann window is 20·log10(nFft/4) dB', () => {
    const x = sine(512, 1000);
    const o = { nFft: 512, center: false, scale: 'db', fMin: 1000, fMax: 1000 } as const;
    expect(stft(signal(x), { ...o, power: 2 }).shape).toEqual([1, 1]);
    expect(stft(signal(x), { ...o, power: 2 }).data[0]).toBeCloseTo(20 * Math.log10(128), 4);
    expect(stft(signal(x), { ...o, power: 1 }).data[0]).toBeCloseTo(20 * Math.log10(128), 4);
    expect(stft(signal(x), { ...o, power: 1, ref: 2 }).data[0]).toBeCloseTo(20 * Math.log10(64), 4);
  });

  it('is loudest in the band around it', () => {
    const { data } = melSpectrogram(signal(sine(2048, 1000)), { nFft: 2048, nMels: 40, center: false });
    const loudest = data.indexOf(Math.max(...data));
    // 41 equal steps up to 8000 Hz, which is 45.245 mel on Slaney's scale; 1000 Hz is 15 mel.
    expect(loudest).toBe(Math.round((15 / 45.245) * 41) - 1);
  });
});

describe('silence', () => {
  it('is the floor: 10·log10(amin / ref)', () => {
    const { data } = logMel(signal(new Float32Array(4000)), { ref: 2, amin: 1e-8 });
    expect(data.length).toBe(8 * 128);
    for (const value of data) expect(value).toBeCloseTo(10 * Math.log10(1e-8 / 2), 4);
  });

  it('has one cepstral coefficient: the mean of the bands times the square root of their number', () => {
    const { data, shape } = mfcc(signal(new Float32Array(512)), { nFft: 512, center: false, nMels: 40, nMfcc: 5 });
    expect(shape).toEqual([1, 5]);
    expect(data[0]).toBeCloseTo(-100 * Math.sqrt(40), 2);
    for (const value of data.subarray(1)) expect(Math.abs(value)).toBeLessThan(1e-3);
  });
});

describe('frames', () => {
  it.each([
    [1, 512, 160, true, 1],
    [159, 512, 160, true, 1],
    [160, 512, 160, true, 2],
    [160_000, 1024, 512, true, 313],
    [512, 512, 160, false, 1],
    [671, 512, 160, false, 1],
    [672, 512, 160, false, 2],
    [60 * 16_000, 2400, 80, false, 11_971],
    [1000, 64, 300, false, 4],
    // An odd transform is padded by floor(nFft / 2) on both sides, one sample less than it is long.
    [100, 375, 25, true, 4],
  ])('%i samples, nFft %i, hop %i, center %s: %i', (nSamples, nFft, hopLength, center, expected) => {
    const plan = new Stft({ sampleRate: SAMPLE_RATE, nFft, hopLength, center, power: 2, fMax: 100 });
    expect(plan.nFrames(nSamples)).toBe(expected);
    expect(plan.process(signal(noise(nSamples))).nFrames).toBe(expected);
  });

  it('know their centre in seconds', () => {
    const x = signal(noise(4000));
    expect(logMel(x, { nFft: 512, hopLength: 160 }).frameTimeSec(3)).toBeCloseTo(0.03, 12);
    expect(logMel(x, { nFft: 512, hopLength: 160, center: false }).frameTimeSec(3)).toBeCloseTo(
      0.03 + 256 / 16_000,
      12,
    );
  });
});
