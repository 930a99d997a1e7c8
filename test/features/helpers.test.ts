/** The stand-alone functions in closed form, and their laws. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../../src/errors.js';
import {
  amplitudeToDb,
  boundaryRegions,
  cmvn,
  deltas,
  frames,
  goertzel,
  istft,
  mfcc,
  powerToDb,
  preemphasis,
  rms,
  slidingCmvn,
  spectralCentroid,
  spectralFlatness,
  spectralFlux,
  spectralRolloff,
  stft,
  windows,
  zeroCrossingRate,
} from '../../src/features/index.js';
import { bits, firstOutside, impulse, noise, SAMPLE_RATE, signal, sine } from './signals.js';

function rows(nRows: number, width: number, value: (t: number, i: number) => number) {
  const data = Float32Array.from({ length: nRows * width }, (_, at) => value(Math.floor(at / width), at % width));
  return { data, shape: [nRows, width] };
}

describe('deltas', () => {
  it.each(['librosa', 'torchaudio', 'kaldi', 'python_speech_features', 'htk'] as const)(
    '%s of a line are its slope',
    (preset) => {
      const x = rows(30, 3, (t, i) => (i + 1) * t);
      const { data } = deltas(x, { preset, deltaOrder: 1, append: false });
      for (let t = 5; t < 25; t += 1) expect(Array.from(data.subarray(3 * t, 3 * t + 3))).toEqual([1, 2, 3]);
    },
  );

  it('of the second order of a parabola are its curvature, of a constant 0 exactly', () => {
    const parabola = rows(30, 1, (t) => t * t);
    for (const preset of ['librosa', 'kaldi', 'htk'] as const) {
      const { data } = deltas(parabola, { preset, deltaOrder: 2, append: false });
      for (let t = 8; t < 22; t += 1) expect(data[t]).toBeCloseTo(2, 5);
      expect(
        deltas(
          rows(9, 2, () => 0.3),
          { preset, append: false, deltaOrder: 1 },
        ).data,
      ).toEqual(new Float32Array(18));
    }
  });

  it('of librosa follow a parabola to the ends with interp', () => {
    const { data } = deltas(
      rows(12, 1, (t) => t * t),
      { deltaOrder: 2 },
    );
    for (const value of data) expect(value).toBeCloseTo(2, 5);
  });

  it('stand after the features with append, and keep the frames in time', () => {
    const x = mfcc(signal(noise(8000)), { nFft: 512, hopLength: 160, nMels: 20, nMfcc: 5 });
    const found = deltas(x, { preset: 'htk', deltaOrder: 2 });
    expect(found.shape).toEqual([x.nFrames, 15]);
    expect(found.nFrames).toBe(x.nFrames);
    expect(found.frameTimeSec(7)).toBe(x.frameTimeSec(7));
    for (let t = 0; t < x.nFrames; t += 1) {
      expect(found.data.subarray(15 * t, 15 * t + 5)).toEqual(x.data.subarray(5 * t, 5 * t + 5));
    }
    expect(windows(found, { size: 2 }).shape).toEqual([x.nFrames - 1, 2, 15]);
  });

  it('refuse what a preset does not have', () => {
    const x = rows(4, 1, (t) => t);
    expect(() => deltas(x)).toThrow(expect.objectContaining({ code: 'ERR_TOO_SHORT' }));
    expect(() => deltas(x, { preset: 'kaldi', deltaMode: 'wrap' })).toThrow('deltaMode must be "nearest"');
    expect(() => deltas(x, { preset: 'torchaudio', deltaOrder: 2 })).toThrow('deltaOrder must be 1');
    expect(() => deltas(x, { deltaWidth: 4 })).toThrow('deltaWidth must be an odd number');
    expect(() => deltas(x, { preset: 'htk', deltaWidth: 5 })).toThrow(ParameterError);
    expect(() => deltas({ data: new Float32Array(5), shape: [2, 2] })).toThrow(
      expect.objectContaining({ code: 'ERR_SHAPE' }),
    );
  });
});

describe('cmvn', () => {
  it('leaves mean 0 and variance 1', () => {
    const { data } = cmvn({ data: noise(4000), shape: [1000, 4] }, { normVars: true });
    for (let i = 0; i < 4; i += 1) {
      const column = data.filter((_, at) => at % 4 === i);
      expect(column.reduce((sum, value) => sum + value, 0) / 1000).toBeCloseTo(0, 6);
      expect(column.reduce((sum, value) => sum + value * value, 0) / 1000).toBeCloseTo(1, 5);
    }
  });

  it('of a constant is 0', () => {
    const x = rows(20, 2, () => 0.1);
    expect(cmvn(x, { normVars: true }).data).toEqual(new Float32Array(40));
    for (const value of slidingCmvn(x, { cmnWindow: 5, normVars: true }).data)
      expect(Math.abs(value)).toBeLessThan(1e-6);
  });

  it('over a window as long as the recording is the global one', () => {
    const x = { data: noise(300), shape: [100, 3] };
    const sliding = slidingCmvn(x, { cmnWindow: 100, center: true }).data;
    expect(firstOutside(sliding, cmvn(x).data, 1e-7, 0)).toBe(-1);
  });
});

describe('decibels', () => {
  it('of powers and amplitudes', () => {
    const x = { data: Float32Array.of(1, 10, 100, 0), shape: [4] };
    expect(Array.from(powerToDb(x, { topDb: null }).data).map(Math.round)).toEqual([0, 10, 20, -100]);
    expect(Array.from(amplitudeToDb(x, { topDb: null }).data).map(Math.round)).toEqual([0, 20, 40, -100]);
    expect(Array.from(powerToDb(x, { ref: 'max', topDb: 15 }).data).map(Math.round)).toEqual([-15, -10, 0, -15]);
    expect(
      Array.from(amplitudeToDb({ ...x, data: x.data.map((v) => -v) }, { ref: 'max', topDb: 30 }).data).map(Math.round),
    ).toEqual([-30, -20, 0, -30]);
    expect(x.data[1]).toBe(10);
  });
});

describe('signals', () => {
  it('pre-emphasised keep their first sample as the preset says', () => {
    const x = signal(Float32Array.of(0.5, 0.25, 0.25));
    const first = { librosa: 1.25, python_speech_features: 0.5, kaldi: 0.25, htk: 0.25 } as const;
    for (const preset of ['librosa', 'python_speech_features', 'kaldi', 'htk'] as const) {
      const { samples } = preemphasis(x, { preset, coefficient: 0.5, sampleScale: 'unit' });
      expect(Array.from(samples)).toEqual([first[preset], 0, 0.125]);
    }
    expect(preemphasis(x, { preset: 'kaldi', coefficient: 0 }).samples[0]).toBe(16_384);
    expect(() => preemphasis(signal(new Float32Array(1)))).toThrow('at least 2 samples');
  });

  it('of 16 bits, several channels and their mean', () => {
    const x = signal(Int16Array.of(32_767, -32_768, 16_384, 0), 2);
    const o = { winLength: 2, hopLength: 1 };
    expect(Array.from(frames(x, { ...o, channel: 1 }).data)).toEqual([-1, 0]);
    expect(frames(x, { ...o, channel: 'mean' }).data[1]).toBe(0.25);
    expect(frames(x, { ...o, sampleScale: 'int16' }).data[0]).toBe(32_767);
    expect(() => frames(x, { ...o, channel: 2 })).toThrow(expect.objectContaining({ code: 'ERR_AUDIO_CHANNEL' }));
  });

  it('have the level of a sine, 1/√2, and its crossings', () => {
    const x = signal(sine(16_000, 1000));
    const o = { winLength: 1600, hopLength: 800, center: false };
    for (const value of rms(x, o).data) expect(value).toBeCloseTo(Math.SQRT1_2, 6);
    // 200 crossings in a tenth of a second, of which one may lie on the frame's edge.
    for (const value of zeroCrossingRate(signal(sine(16_000, 1003)), o).data)
      expect(Math.abs(1600 * value - 200.6)).toBeLessThan(1.5);
    expect(rms(x, o).frameTimeSec(1)).toBe(0.1);
  });

  it('give each frame its own samples, across stretches of conversion', () => {
    const x = noise(100_000);
    const o = { winLength: 3000, hopLength: 777, center: false };
    const all = {
      rms: rms(signal(x), o),
      zeros: zeroCrossingRate(signal(x), o),
      tone: goertzel(signal(x), { ...o, frequencyHz: 997 }),
    };
    for (const t of [0, 17, 18, 20, 60, all.rms.nFrames - 1]) {
      const frame = signal(x.subarray(t * 777, t * 777 + 3000));
      expect(all.rms.data[t]).toBe(rms(frame, o).data[0]);
      expect(all.zeros.data[t]).toBe(zeroCrossingRate(frame, o).data[0]);
      expect(all.tone.data[t]).toBe(goertzel(frame, { ...o, frequencyHz: 997 }).data[0]);
    }
  });
});

describe('goertzel', () => {
  it('of a sine of amplitude A on a bin is (A·n/2)², beside it 0', () => {
    const x = signal(sine(1600, 1000, 0.5));
    expect(goertzel(x, { frequencyHz: 1000, winLength: 1600 }).data[0]).toBeCloseTo(400 ** 2, 0);
    expect(goertzel(x, { frequencyHz: 1000, winLength: 1600, power: 1 }).data[0]).toBeCloseTo(400, 3);
    expect(goertzel(x, { frequencyHz: 1010, winLength: 1600, power: 1 }).data[0]).toBeLessThan(1e-3);
  });

  it('agrees with the spectrum on every bin', () => {
    const x = signal(noise(2000));
    const spectrum = stft(x, { nFft: 48, hopLength: 48, center: false, power: 2 });
    for (let k = 0; k <= 24; k += 1) {
      const tone = goertzel(x, { frequencyHz: (k * SAMPLE_RATE) / 48, winLength: 48, window: 'hann' });
      expect(tone.nFrames).toBe(spectrum.nFrames);
      for (let t = 0; t < tone.nFrames; t += 1) expect(tone.data[t]).toBeCloseTo(spectrum.data[25 * t + k]!, 4);
    }
  });

  it('refuses what it cannot hear', () => {
    expect(() => goertzel(signal(noise(100)), { frequencyHz: 8001, winLength: 10 })).toThrow('frequencyHz must be');
    expect(() => goertzel(signal(noise(9)), { frequencyHz: 1, winLength: 10 })).toThrow(
      expect.objectContaining({ code: 'ERR_TOO_SHORT' }),
    );
  });
});

describe('shapes of spectra', () => {
  const o = { nFft: 512, hopLength: 128 } as const;

  it('of a tone, of an impulse, of silence', () => {
    const tone = signal(sine(8000, 2000));
    for (const value of spectralCentroid(tone, { ...o, center: false }).data)
      expect(Math.abs(value - 2000)).toBeLessThan(1);
    for (const value of spectralRolloff(tone, { ...o, center: false }).data)
      expect(Math.abs(value - 2000)).toBeLessThanOrEqual(31.25);
    for (const value of spectralFlatness(tone, { ...o, center: false }).data) expect(value).toBeLessThan(1e-3);
    const flat = { ...o, center: false, window: 'rectangular' } as const;
    const click = signal(impulse(512, 9));
    expect(spectralFlatness(click, flat).data[0]).toBeCloseTo(1, 5);
    expect(spectralCentroid(click, flat).data[0]).toBeCloseTo(4000, 2);
    const silence = signal(new Float32Array(2000));
    for (const measure of [spectralCentroid, spectralRolloff, spectralFlux])
      expect(Math.max(...measure(silence, o).data)).toBe(0);
    for (const value of spectralFlatness(silence, o).data) expect(value).toBeCloseTo(1, 6);
  });

  it('give each frame the same number whatever the blocks', () => {
    const x = noise(257 + 64 * 300);
    const wide = { nFft: 256, hopLength: 64, center: false } as const;
    // 129 bins come 508 to a block, so a signal of 600 frames crosses into a second one.
    const long = noise(256 + 64 * 599);
    long.set(x.subarray(0, 256), 0);
    const flux = spectralFlux(signal(long), wide);
    expect(flux.nFrames).toBe(600);
    const magnitudes = stft(signal(long), { ...wide, power: 1 });
    for (const t of [1, 2, 506, 507, 508, 509, 599]) {
      let rise = 0;
      for (let k = 0; k < 129; k += 1)
        rise += Math.max(0, magnitudes.data[129 * t + k]! - magnitudes.data[129 * (t - 1) + k]!);
      expect(flux.data[t]).toBe(Math.fround(rise));
    }
    const centroid = spectralCentroid(signal(long), wide).data;
    for (const t of [0, 507, 508, 599]) {
      expect(centroid[t]).toBe(spectralCentroid(signal(long.subarray(64 * t, 64 * t + 256)), wide).data[0]);
    }
  });

  it('refuse what has no meaning', () => {
    const x = signal(noise(600));
    expect(() => spectralRolloff(x, { rollPercent: 1 })).toThrow('rollPercent must be');
    expect(() => spectralFlatness(x, { amin: 0 })).toThrow('amin must be');
    expect(() => spectralFlux(x, { nFft: 1024, center: false })).toThrow(
      expect.objectContaining({ code: 'ERR_TOO_SHORT' }),
    );
  });
});

describe('istft', () => {
  it('gives back what stft took, for any size, window and length', () => {
    const framing = fc.record({
      nFft: fc.integer({ min: 4, max: 700 }),
      overlap: fc.integer({ min: 2, max: 8 }),
      nSamples: fc.integer({ min: 1, max: 3000 }),
      seed: fc.integer(),
      window: fc.constantFrom('hann', 'hamming', 'blackman'),
      padMode: fc.constant('constant'),
    });
    const roundTrip = fc.property(framing, ({ nFft, overlap, nSamples, seed, window, padMode }) => {
      const x = noise(nSamples, seed);
      const o = { nFft, hopLength: Math.max(1, Math.floor(nFft / (2 * overlap))), window, padMode } as const;
      const { padMode: _, ...back } = o;
      const { samples } = istft(stft(signal(x), o), { ...back, sampleRate: SAMPLE_RATE, length: nSamples });
      // The last frames may not reach the end where nFft is odd; two transforms lose 1e-7 of the peak each.
      const covered = nSamples - (nFft % 2) * o.hopLength;
      return firstOutside(samples.subarray(0, covered), x.subarray(0, covered), 5e-6, 0) === -1;
    });
    fc.assert(roundTrip, { numRuns: 60 });
  });

  it('without a length ends with the last frame', () => {
    const x = signal(noise(1000));
    const o = { nFft: 64, hopLength: 16 };
    expect(istft(stft(x, o), { ...o, sampleRate: SAMPLE_RATE }).samples.length).toBe(16 * 62);
    const open = { ...o, center: false };
    expect(istft(stft(x, open), { ...open, sampleRate: SAMPLE_RATE }).samples.length).toBe(64 + 16 * 58);
    expect(
      istft({ data: new Float32Array(0), shape: [0, 33, 2] }, { ...o, sampleRate: SAMPLE_RATE, length: 3 }).samples,
    ).toEqual(new Float32Array(3));
  });

  it('is linear in its spectra, and gives the same bits twice', () => {
    const spectra = stft(signal(noise(3000)), { nFft: 400, hopLength: 100 });
    const o = { nFft: 400, hopLength: 100, sampleRate: SAMPLE_RATE };
    const once = istft(spectra, o).samples;
    const doubled = istft({ data: spectra.data.map((value) => 2 * value), shape: spectra.shape }, o).samples;
    expect(bits(doubled)).toEqual(bits(once.map((value) => 2 * value)));
    expect(bits(istft(spectra, o).samples)).toEqual(bits(once));
  });

  it('refuses spectra of another size, and magnitudes', () => {
    const x = signal(noise(1000));
    expect(() => istft(stft(x, { nFft: 64 }), { nFft: 62, sampleRate: SAMPLE_RATE })).toThrow('all bins of nFft 62');
    expect(() => istft(stft(x, { nFft: 64, power: 1 }), { sampleRate: SAMPLE_RATE })).toThrow('a complex spectrum');
    expect(() => istft(stft(x, { nFft: 64 }), { sampleRate: SAMPLE_RATE, length: -1 })).toThrow('length must be');
  });
});

describe('boundary regions', () => {
  const x = rows(200, 2, (t, i) => 10 * t + i);

  it('are the frames around, and the nearest ones beside', () => {
    const found = boundaryRegions(x, [{ endSec: 0.1, startSec: 0.12 }], { context: 2, nRegions: 1 });
    expect(found.shape).toEqual([3, 4, 2]);
    const firsts = Array.from({ length: 12 }, (_, i) => found.data[2 * i]! / 10);
    expect(firsts).toEqual([94, 95, 96, 97, 98, 99, 120, 121, 122, 123, 124, 125]);
    expect(Array.from(found.labels)).toEqual([0, 1, 0]);
  });

  it('as differences are first half minus second', () => {
    const found = boundaryRegions(x, [{ endSec: 0.1, startSec: 0.12 }], {
      context: 2,
      nRegions: 1,
      values: 'difference',
    });
    expect(found.shape).toEqual([3, 2, 2]);
    expect(Array.from(found.data)).toEqual([-20, -20, -20, -20, -220, -220, -220, -220, -20, -20, -20, -20]);
  });

  it('that reach outside are left out, and said to be', () => {
    const found = boundaryRegions(x, [
      { endSec: 0.012, startSec: 0.012 },
      { endSec: 0.199, startSec: 0.199 },
    ]);
    expect(Array.from(found.boundaries)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(Array.from(found.offsets)).toEqual([0, 1, 2, 3, 4, 5, -1, -2, -3, -4, -5]);
    expect(boundaryRegions(x, []).shape).toEqual([0, 10, 2]);
  });

  it('take frames at other rates, and refuse times before 0', () => {
    const found = boundaryRegions(x, [{ endSec: 1, startSec: 1 }], { hopMs: 10, nRegions: 0 });
    expect(found.data[0]).toBe(950);
    expect(() => boundaryRegions(x, [{ endSec: -1, startSec: 1 }])).toThrow('boundaries[0].endSec must be');
  });
});
