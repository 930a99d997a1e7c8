import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../../src/errors.js';
import { loadAddon, type NativeFeatureConfig } from '../../src/native/index.js';
import { configOf, maxDifference, noise, pcmOf } from './config.js';

const addon = loadAddon();
const NAN_FILL = Number.NaN;

function frames(config: NativeFeatureConfig, x: Float32Array): Float32Array {
  const plan = new addon.FeaturePlan(config);
  const n = plan.nFrames(x.length);
  const out = new Float32Array(n * plan.width).fill(NAN_FILL);
  plan.process(pcmOf(x), 0, x.length, 0, n, out);
  return out;
}

const mel = { kind: 'melSpectrogram', nFft: 512, winLength: 400, hopLength: 160 } as const;

describe('meaning', () => {
  it('counts frames as librosa does', () => {
    const count = (n: number, center: boolean) =>
      new addon.FeaturePlan(configOf({ nFft: 400, hopLength: 100, center })).nFrames(n);
    expect([0, 1, 99, 100, 1000].map((n) => count(n, true))).toEqual([0, 1, 1, 2, 11]);
    expect([0, 399, 400, 499, 500].map((n) => count(n, false))).toEqual([0, 0, 1, 1, 2]);
  });

  it('the spectrum of a frame is the transform of its windowed samples', () => {
    const x = noise(2000, 3);
    const config = configOf({ nFft: 375, winLength: 300, hopLength: 100, center: false, power: 0, window: 'hamming' });
    const got = frames(config, x);
    const window = addon.window(config);
    const frame = new Float32Array(375);
    for (let i = 0; i < 300; i += 1) frame[37 + i] = (x[700 + 37 + i] ?? 0) * (window[i] ?? 0);
    const expected = new Float32Array(2 * 188);
    addon.rfft(frame, expected);
    expect([...got.subarray(7 * 376, 8 * 376)]).toEqual([...expected]);
  });

  it('pads with zeros or mirrored samples around a centred frame', () => {
    const x = noise(1000, 4);
    for (const padMode of ['constant', 'reflect'] as const) {
      const padded = new Float32Array(1000 + 512);
      padded.set(x, 256);
      if (padMode === 'reflect') {
        for (let i = 1; i <= 256; i += 1) {
          padded[256 - i] = x[i] ?? 0;
          padded[1255 + i] = x[999 - i] ?? 0;
        }
      }
      const config = configOf({ nFft: 512, hopLength: 128, padMode });
      expect(frames(config, x)).toEqual(frames({ ...config, center: false }, padded));
    }
  });

  it('crops bins, squares, and takes decibels of either power', () => {
    const x = noise(4000, 5);
    const complex = frames(configOf({ power: 0 }), x);
    const cropped = frames(configOf({ power: 0, firstBin: 10, endBin: 20 }), x);
    expect([...cropped.subarray(20, 40)]).toEqual([...complex.subarray(514 + 20, 514 + 40)]);
    const power = frames(configOf({ power: 2 }), x);
    expect(
      power.every(
        (p, i) =>
          // re·re is not rounded before im·im is added to it; in doubles the product is exact.
          p === Math.fround((complex[2 * i] ?? 0) ** 2 + Math.fround((complex[2 * i + 1] ?? 0) ** 2)),
      ),
    ).toBe(true);
    expect(maxDifference(frames(configOf({ power: 1 }), x), power.map(Math.sqrt))).toBeLessThan(1e-5);
    const db = frames(configOf({ power: 2, scale: 'log' }), x);
    addon.powerToDb(power, 1, 1e-10, -1);
    expect(db).toEqual(power);
    expect(frames(configOf({ power: 1, scale: 'log', amin: 1e-5 }), x)).toEqual(db);
  });

  it('mel, its logarithm and its cepstrum are one chain', () => {
    const x = noise(4000, 6);
    const melSpectrogram = frames(configOf(mel), x);
    const logMel = frames(configOf({ ...mel, kind: 'logMel' }), x);
    const mfcc = frames(configOf({ ...mel, kind: 'mfcc', lifter: 22 }), x);
    const inDb = melSpectrogram.slice();
    addon.powerToDb(inDb, 1, 1e-10, -1);
    expect(logMel).toEqual(inDb);
    const cepstrum = new Float32Array(mfcc.length);
    addon.dct(logMel, 40, cepstrum, 13, 'ortho', 22);
    expect(mfcc).toEqual(cepstrum);
    const ln = frames(configOf({ ...mel, kind: 'logMel', logBase: 'ln', amin: 1e-6 }), x);
    expect(
      maxDifference(
        ln,
        melSpectrogram.map((v) => Math.log(Math.max(v, 1e-6))),
      ),
    ).toBeLessThan(2e-6);
  });

  it('reads every encoding, any channel, at an odd address, as the floats it stands for', () => {
    const ints = Int16Array.from(noise(3000, 7), (v) => Math.round(v * 30_000));
    const odd = new Uint8Array(1 + ints.byteLength).subarray(1);
    odd.set(new Uint8Array(ints.buffer));
    const left = Float32Array.from({ length: 1500 }, (_, i) => (ints[2 * i] ?? 0) / 32768);
    const plan = new addon.FeaturePlan(configOf(mel));
    const n = plan.nFrames(1500);
    const out = new Float32Array(n * plan.width);
    plan.process({ bytes: odd, format: 's16', channels: 2, channel: 0, nSamples: 1500 }, 0, 1500, 0, n, out);
    expect(out).toEqual(frames(configOf(mel), left));
  });
});

describe('split invariance', () => {
  const kinds = ['stft', 'melSpectrogram', 'logMel', 'mfcc'] as const;
  it('any cut into calls gives the same bits', () => {
    const x = noise(6000, 8);
    const property = fc.property(
      fc.record({
        kind: fc.constantFrom(...kinds),
        nFft: fc.constantFrom(400, 375, 512),
        center: fc.boolean(),
        cuts: fc.array(fc.nat(60), { maxLength: 8 }),
      }),
      ({ kind, nFft, center, cuts }) => {
        const config = configOf({ kind, nFft, winLength: nFft - 25, hopLength: 90, center, padMode: 'reflect' });
        const plan = new addon.FeaturePlan(config);
        const n = plan.nFrames(x.length);
        const edges = [0, ...cuts.map((cut) => Math.min(cut, n)).sort((a, b) => a - b), n];
        const out = new Float32Array(n * plan.width).fill(NAN_FILL);
        for (let i = 1; i < edges.length; i += 1) {
          const [from, to] = [edges[i - 1] ?? 0, edges[i] ?? 0];
          // The samples under these frames and no others, as a stream would hold them.
          const first = Math.max(0, from * 90 - nFft);
          const last = Math.min(x.length, to * 90 + nFft);
          plan.process(
            pcmOf(x.subarray(first, last)),
            first,
            x.length,
            from,
            to - from,
            out.subarray(from * plan.width),
          );
        }
        expect(out).toEqual(frames(config, x));
      },
    );
    fc.assert(property, { numRuns: 40, ...(process.env.FC_SEED ? { seed: Number(process.env.FC_SEED) } : {}) });
  });
});

it('computes frames far into a long recording', () => {
  const far = 40_000_000;
  const plan = new addon.FeaturePlan(configOf({ nFft: 400, hopLength: 80, center: false }));
  const x = noise(400, 10);
  const out = new Float32Array(plan.width);
  plan.process(pcmOf(x), far * 80, far * 80 + 400, far, 1, out);
  expect(out).toEqual(frames(configOf({ nFft: 400, hopLength: 80, center: false }), x));
});

describe('what could corrupt memory is refused', () => {
  const plan = new addon.FeaturePlan(configOf(mel));
  const pcm = pcmOf(noise(1000, 9));
  const out = new Float32Array(7 * plan.width);
  const calls: [string, () => void][] = [
    ['a short output', () => plan.process(pcm, 0, 1000, 0, 7, out.subarray(1))],
    ['a frame beyond the signal', () => plan.process(pcm, 0, 1000, 7, 1, out)],
    ['fewer bytes than samples', () => plan.process({ ...pcm, nSamples: 1001 }, 0, 1001, 0, 1, out)],
    ['a channel that is not there', () => plan.process({ ...pcm, channel: 1 }, 0, 1000, 0, 1, out)],
    ['a huge count of samples', () => plan.process({ ...pcm, nSamples: 2 ** 53, channels: 65535 }, 0, 1000, 0, 1, out)],
    ['a negative frame', () => plan.process(pcm, 0, 1000, -1, 1, out)],
    ['half a frame', () => plan.process(pcm, 0, 1000, 0.5, 1, out)],
    ['NaN frames', () => plan.process(pcm, 0, 1000, 0, Number.NaN, out)],
    ['a segment that starts too late', () => plan.process(pcm, 100, 1100, 0, 1, out)],
    ['a segment longer than the signal', () => plan.process(pcm, 0, 999, 0, 1, out)],
    ['a frame the stream has not reached', () => plan.process(pcm, 0, -1, 6, 1, out)],
    ['another kind of array', () => plan.process(pcm, 0, 1000, 0, 1, new Float64Array(999) as unknown as Float32Array)],
    [
      'a detached array',
      () => {
        const gone = new Float32Array(7 * plan.width);
        structuredClone(gone, { transfer: [gone.buffer] });
        plan.process(pcm, 0, 1000, 0, 7, gone);
      },
    ],
    ['a config that is not one', () => new addon.FeaturePlan({} as NativeFeatureConfig)],
    ['an infinite frequency', () => new addon.FeaturePlan(configOf({ ...mel, fMax: Infinity }))],
    ['a transform of 2^24 + 1 points', () => new addon.FeaturePlan(configOf({ nFft: 2 ** 24 + 1 }))],
    ['a window longer than the frame', () => new addon.FeaturePlan(configOf({ nFft: 512, winLength: 513 }))],
    ['bins beyond the spectrum', () => new addon.FeaturePlan(configOf({ nFft: 512, endBin: 258 }))],
  ];
  it.each(calls)('%s', (_name, call) => {
    expect(call).toThrow(ParameterError);
  });
  it('an array that a getter detaches', () => {
    const bytes = new Uint8Array(4000);
    const trap = {
      ...({ bytes, format: 'f32', channels: 1, channel: 0 } as const),
      get nSamples() {
        structuredClone(bytes, { transfer: [bytes.buffer] });
        return 1000;
      },
    };
    expect(() => plan.process(trap, 0, 1000, 0, 7, out)).toThrow(ParameterError);
  });
  it('and nothing was wrong with the rest', () => {
    plan.process(pcm, 0, 1000, 0, 7, out);
    expect(out.every(Number.isFinite)).toBe(true);
  });
});
