import { describe, expect, it } from 'vitest';
import {
  createPlan,
  LogMel,
  logMel,
  MelSpectrogram,
  Mfcc,
  melSpectrogram,
  Stft,
  stft,
} from '../../src/features/index.js';
import { defineSpec, effectiveFeatures, resolveFeatures } from '../../src/spec/index.js';
import { bits, firstOutside, noise, SAMPLE_RATE, signal } from './signals.js';

const KINDS = {
  stft: new Stft({ sampleRate: SAMPLE_RATE, nFft: 400, hopLength: 160 }),
  db: new Stft({ sampleRate: SAMPLE_RATE, nFft: 400, hopLength: 160, power: 2, scale: 'db', topDb: 60 }),
  melSpectrogram: new MelSpectrogram({ sampleRate: SAMPLE_RATE, nFft: 512, nMels: 40, padMode: 'reflect' }),
  logMel: new LogMel({ sampleRate: SAMPLE_RATE, nFft: 512, nMels: 40 }),
  mfcc: new Mfcc({ sampleRate: SAMPLE_RATE, nFft: 512, winLength: 400, hopLength: 160, nMels: 40, ref: 'max' }),
};

describe('the transform', () => {
  it.each([256, 375, 400, 2400])('keeps energy (Parseval, nFft %i)', (nFft) => {
    const x = noise(nFft, nFft);
    const { data } = stft(signal(x), { nFft, window: 'rectangular', center: false, power: 2 });
    const energy = x.reduce((sum, value) => sum + value * value, 0);
    const nyquist = nFft % 2 === 0 ? data.length - 1 : data.length;
    const spectral = data.reduce((sum, value, k) => sum + (k === 0 || k === nyquist ? value : 2 * value), 0);
    expect(spectral / nFft / energy).toBeCloseTo(1, 5);
  });

  it('is linear', () => {
    const [x, y] = [noise(3000, 2), noise(3000, 3)];
    const sum = KINDS.stft.process(signal(x.map((value, i) => 0.5 * value - 0.25 * y[i]!))).data;
    const [fx, fy] = [KINDS.stft.process(signal(x)).data, KINDS.stft.process(signal(y)).data];
    const expected = fx.map((value, i) => 0.5 * value - 0.25 * fy[i]!);
    expect(expected.length).toBe(19 * 201 * 2);
    // Each of 400 products rounds at 6e-8 of values below 0.5; the sums stay within 1e-5.
    expect(firstOutside(sum, expected, 1e-5, 0)).toBe(-1);
  });

  it('gives a frame that depends on its own samples alone, across native blocks', () => {
    // 32768-point frames come about 135 to a block, so 200 of them cross a boundary.
    const plan = new Stft({ sampleRate: SAMPLE_RATE, nFft: 32_768, hopLength: 64, center: false, power: 2, fMax: 20 });
    const x = noise(32_768 + 199 * 64);
    const all = plan.process(signal(x));
    expect(all.nFrames).toBe(200);
    const width = all.shape[1]!;
    for (const t of [0, 1, 50, 133, 134, 135, 136, 199]) {
      const alone = plan.process(signal(x.subarray(t * 64, t * 64 + 32_768)));
      expect(bits(all.data.subarray(t * width, (t + 1) * width))).toEqual(bits(alone.data));
    }
  });
});

describe.each(Object.entries(KINDS))('%s', (_name, plan) => {
  const clips = [5, 6, 7].map((seed) => signal(noise(4000, seed)));

  it('in a batch equals item by item', () => {
    const batch = plan.processBatch(clips);
    const items = clips.map((clip) => plan.process(clip));
    expect(batch.shape).toEqual([3, ...items[0]!.shape]);
    expect(batch.nFrames).toBe(items[0]!.nFrames);
    const size = items[0]!.data.length;
    items.forEach((item, i) => {
      expect(bits(batch.data.subarray(i * size, (i + 1) * size))).toEqual(bits(item.data));
    });
  });

  it('of all channels equals channel by channel', () => {
    const interleaved = new Float32Array(8000);
    clips[0]!.samples.forEach((value, i) => {
      interleaved[2 * i] = value;
      interleaved[2 * i + 1] = clips[1]!.samples[i]! / 3;
    });
    const all = plan.process(signal(interleaved, 2), { channel: 'all' });
    const [left, right] = [0, 1].map((channel) => plan.process(signal(interleaved, 2), { channel }));
    expect(all.shape).toEqual([2, ...left!.shape]);
    expect(all.nFrames).toBe(left!.nFrames);
    expect(bits(all.data)).toEqual(bits(Float32Array.from([...left!.data, ...right!.data])));
    expect(bits(left!.data)).toEqual(bits(plan.process(clips[0]!).data));
    expect(bits(plan.process(signal(interleaved, 2)).data)).toEqual(bits(left!.data));
    const mean = clips[0]!.samples.map((value, i) => (value + interleaved[2 * i + 1]!) / 2);
    const mixed = plan.process(signal(interleaved, 2), { channel: 'mean' });
    expect(firstOutside(mixed.data, plan.process(signal(mean)).data, 1e-3, 1e-5)).toBe(-1);
  });

  it('of 16-bit samples equals that of the same values as float', () => {
    const s16 = Int16Array.from(clips[0]!.samples, (value) => Math.round(value * 32767));
    const f32 = Float32Array.from(s16, (value) => value / 32768);
    expect(bits(plan.process(signal(s16)).data)).toEqual(bits(plan.process(signal(f32)).data));
  });

  it('of bytes at an odd address equals that of aligned ones', () => {
    const { samples } = clips[0]!;
    const bytes = new Uint8Array(samples.byteLength + 3);
    bytes.set(new Uint8Array(samples.buffer), 3);
    const view = {
      bytes: bytes.subarray(3),
      format: 'f32',
      channels: 1,
      sampleRate: SAMPLE_RATE,
      nSamples: 4000,
    } as const;
    expect(bits(plan.process(view).data)).toEqual(bits(plan.process(clips[0]!).data));
  });

  it('writes where it is told', () => {
    const made = plan.process(clips[0]!);
    const room = new Float32Array(made.data.length + 10).fill(7);
    const found = plan.process(clips[0]!, room.subarray(5, -5));
    expect(found.data.buffer).toBe(room.buffer);
    expect(bits(room.slice(5, -5))).toEqual(bits(made.data));
    expect([...room.slice(0, 5), ...room.slice(-5)]).toEqual(new Array(10).fill(7));
  });

  it('is the same from its own config', () => {
    expect(createPlan(plan.config).config).toEqual(plan.config);
    expect(bits(createPlan(plan.config).process(clips[0]!).data)).toEqual(bits(plan.process(clips[0]!).data));
  });
});

describe('decibels', () => {
  const x = signal(noise(6000).map((value, i) => value * Math.exp(-i / 400)));
  const o = { nFft: 512, hopLength: 128, nMels: 40 } as const;

  it('fused into the frames equal decibels of the finished mel bands, bit by bit', () => {
    // A clamp 1000 dB down never bites, but takes the whole-clip path.
    expect(bits(logMel(x, { ...o, topDb: null }).data)).toEqual(bits(logMel(x, { ...o, topDb: 1000 }).data));
    const fused = new Mfcc({ ...o, sampleRate: SAMPLE_RATE, topDb: null }).process(x).data;
    const staged = new Mfcc({ ...o, sampleRate: SAMPLE_RATE, topDb: 1000 }).process(x).data;
    expect(bits(fused)).toEqual(bits(staged));
    const db = { nFft: 400, hopLength: 160, scale: 'db' } as const;
    for (const power of [1, 2] as const) {
      const once = stft(x, { ...db, power, topDb: null }).data;
      expect(bits(once)).toEqual(bits(stft(x, { ...db, power, topDb: 1000 }).data));
    }
  });

  it('are clamped below the maximum of the clip, not of the batch', () => {
    const plan = new LogMel({ ...o, sampleRate: SAMPLE_RATE, topDb: 20 });
    const loud = signal(x.samples);
    const quiet = signal(x.samples.map((value) => value / 1000));
    const { data } = plan.processBatch([loud, quiet]);
    for (const half of [data.subarray(0, data.length / 2), data.subarray(data.length / 2)]) {
      const [low, high] = [Math.min(...half), Math.max(...half)];
      expect(high - low).toBeCloseTo(20, 4);
    }
  });

  it("with ref 'max' have their maximum at 0", () => {
    expect(Math.max(...logMel(x, { ...o, ref: 'max' }).data)).toBeCloseTo(0, 5);
  });

  it('follow their formula', () => {
    const mel = melSpectrogram(x, o).data;
    const expected = mel.map((value) => 10 * Math.log10(Math.max(value, 1e-6) / 0.5));
    // A float32 logarithm near 100 dB has steps of 8e-6.
    expect(firstOutside(logMel(x, { ...o, ref: 0.5, amin: 1e-6, topDb: null }).data, expected, 5e-5, 0)).toBe(-1);
  });
});

describe('decimation folded into the hop', () => {
  it('computes exactly every 20th frame of hop 80', () => {
    const spec = defineSpec({
      task: 'detect',
      audio: { sampleRate: SAMPLE_RATE },
      features: {
        kind: 'stft',
        nFft: 2400,
        hopLength: 80,
        window: 'blackman',
        windowSymmetry: 'symmetric',
        center: false,
        power: 2,
        scale: 'db',
        fMin: 2000,
        fMax: 6000,
      },
      stages: [{ windowing: { size: 1 } }, { binarize: -20 }, { decimate: 20 }, { windowing: { size: 40 } }],
    });
    const x = signal(noise(2 * SAMPLE_RATE + 123));
    const dense = createPlan(spec.features).process(x);
    const { features, decimation } = effectiveFeatures(spec);
    const sparse = createPlan(features).process(x);
    expect(decimation).toBe(20);
    expect(dense.shape).toEqual([1 + Math.floor((2 * SAMPLE_RATE + 123 - 2400) / 80), 601]);
    expect(sparse.nFrames).toBe(Math.ceil(dense.nFrames / 20));
    for (let t = 0; t < sparse.nFrames; t += 1) {
      const kept = dense.data.subarray(t * 20 * 601, (t * 20 + 1) * 601);
      expect(bits(sparse.data.subarray(t * 601, (t + 1) * 601))).toEqual(bits(kept));
    }
  });

  it('holds for centred, reflected frames too', () => {
    const options = { kind: 'logMel', nFft: 512, hopLength: 50, nMels: 20, topDb: null, padMode: 'reflect' } as const;
    const config = resolveFeatures(options, { sampleRate: SAMPLE_RATE });
    const { features } = effectiveFeatures({ features: config, stages: [{ decimate: 7 }] });
    const x = signal(noise(5000));
    const dense = createPlan(config).process(x);
    const sparse = createPlan(features).process(x);
    expect(sparse.nFrames).toBe(Math.ceil(dense.nFrames / 7));
    const kept = dense.data.filter((_, i) => Math.floor(i / 20) % 7 === 0);
    expect(bits(sparse.data)).toEqual(bits(kept));
  });
});
