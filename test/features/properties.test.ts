import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createPlan, type FeaturePlan, stft } from '../../src/features/index.js';
import { resolveFeatures } from '../../src/spec/index.js';
import type { FeatureMatrix } from '../../src/types.js';
import { bits, firstOutside, noise, SAMPLE_RATE, signal } from './signals.js';

/** A failing property prints its seed and path; FC_SEED runs that seed again. */
const RUNS = { numRuns: 60, seed: Number(process.env.FC_SEED ?? 20_260_321) };

/** What each kind adds to its framing; none depends on the whole clip, so that all may be streamed. */
const KINDS = [
  { kind: 'stft' },
  { kind: 'stft', power: 1 },
  { kind: 'stft', power: 2, scale: 'db', topDb: null },
  { kind: 'melSpectrogram', nMels: 7 },
  { kind: 'logMel', nMels: 13, topDb: null },
  { kind: 'mfcc', nMels: 11, nMfcc: 9, topDb: null },
] as const;

/** Any size, odd and prime ones too; any window in it; hops shorter and longer than the window. */
const framings = fc
  .record({
    nFft: fc.integer({ min: 1, max: 600 }),
    window: fc.constantFrom('hann', 'hamming', 'blackman', 'bartlett', 'rectangular', 'povey'),
    center: fc.boolean(),
    padMode: fc.constantFrom('constant', 'reflect'),
  })
  .chain((framing) =>
    fc.record({
      framing: fc.constant(framing),
      winLength: fc.integer({ min: 1, max: framing.nFft }),
      hopLength: fc.integer({ min: 1, max: 2 * framing.nFft }),
    }),
  )
  .map(({ framing, winLength, hopLength }) => ({ ...framing, winLength, hopLength }));

const plans = fc
  .tuple(fc.constantFrom(...KINDS), framings)
  .map(([kind, framing]) => createPlan(resolveFeatures({ ...kind, ...framing }, { sampleRate: SAMPLE_RATE })));

/** A plan, and how many samples beyond one frame: few enough that a hop of one sample stays quick. */
const plansAndLengths = fc
  .tuple(plans, fc.nat(12), fc.nat(30))
  .map(([plan, hops, more]) => ({ plan, nSamples: plan.config.nFft + hops * plan.config.hopLength + more }));

const named = ({ config }: FeaturePlan) => JSON.stringify(config);

function joined(parts: readonly FeatureMatrix[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part.data]));
}

describe('any plan', () => {
  it('gives a stream the bits of one shot, whatever the chunks', () => {
    const chunks = fc.array(fc.nat(700), { maxLength: 12 });
    fc.assert(
      fc.property(plansAndLengths, chunks, ({ plan, nSamples }, sizes) => {
        const samples = noise(nSamples, nSamples);
        const whole = plan.process(signal(samples));
        const stream = plan.stream();
        let from = 0;
        const parts = [...sizes, nSamples].map((size) => {
          const part = stream.push(samples.subarray(from, from + size));
          from = Math.min(nSamples, from + size);
          return part;
        });
        expect(whole.nFrames).toBeGreaterThan(0);
        expect(bits(joined([...parts, stream.flush()])), named(plan)).toEqual(bits(whole.data));
      }),
      RUNS,
    );
  });

  it('gives a batch the bits of its items', () => {
    fc.assert(
      fc.property(plansAndLengths, fc.integer({ min: 1, max: 4 }), ({ plan, nSamples }, n) => {
        const clips = Array.from({ length: n }, (_, i) => signal(noise(nSamples, i + 1)));
        const items = clips.map((clip) => plan.process(clip));
        expect(bits(plan.processBatch(clips).data), named(plan)).toEqual(bits(joined(items)));
      }),
      RUNS,
    );
  });

  it('gives a frame the same bits, whichever frames stand beside it', () => {
    fc.assert(
      fc.property(plansAndLengths, fc.nat(1000), ({ plan, nSamples }, pick) => {
        const { center, nFft, hopLength } = plan.config;
        fc.pre(!center);
        const samples = noise(nSamples, nSamples);
        const whole = plan.process(signal(samples));
        const t = pick % whole.nFrames;
        const alone = plan.process(signal(samples.subarray(t * hopLength, t * hopLength + nFft)));
        const width = whole.data.length / whole.nFrames;
        expect(bits(alone.data), named(plan)).toEqual(bits(whole.data.subarray(t * width, (t + 1) * width)));
      }),
      RUNS,
    );
  });

  it('gives 16-bit samples the bits of the same values as floats', () => {
    fc.assert(
      fc.property(plansAndLengths, ({ plan, nSamples }) => {
        const s16 = Int16Array.from(noise(nSamples, nSamples), (value) => Math.round(value * 32_767));
        const f32 = Float32Array.from(s16, (value) => value / 32_768);
        expect(bits(plan.process(signal(s16)).data), named(plan)).toEqual(bits(plan.process(signal(f32)).data));
      }),
      RUNS,
    );
  });
});

describe('another thread', () => {
  const worker = new Worker(new URL('workers/plan.mjs', import.meta.url));
  afterAll(() => worker.terminate());

  it('gives the bits of this one', async () => {
    await fc.assert(
      fc.asyncProperty(plansAndLengths, async ({ plan, nSamples }) => {
        const clip = signal(noise(nSamples, nSamples));
        const answer = once(worker, 'message');
        worker.postMessage({ config: plan.config, clip });
        const [data] = await answer;
        expect(bits(data), named(plan)).toEqual(bits(plan.process(clip).data));
      }),
      RUNS,
    );
  });
});

describe('the transform of any size', () => {
  /** Float32 rounding grows with the logarithm of the size; a convolution takes several transforms. */
  const TOLERANCE = 2e-6;
  const sizes = fc.integer({ min: 1, max: 600 });
  const spectrum = (x: Float32Array) =>
    stft(signal(x), { nFft: x.length, hopLength: 1, window: 'rectangular', center: false }).data;
  const energyOf = (x: Float32Array) => x.reduce((sum, value) => sum + value * value, 0);

  it('keeps energy (Parseval)', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (n, seed) => {
        const x = noise(n, seed);
        const bins = spectrum(x);
        const power = Array.from({ length: bins.length / 2 }, (_, k) => bins[2 * k]! ** 2 + bins[2 * k + 1]! ** 2);
        const alone = (k: number) => k === 0 || 2 * k === n;
        const energy = power.reduce((sum, value, k) => sum + (alone(k) ? value : 2 * value), 0) / n;
        expect(Math.abs(energy / energyOf(x) - 1)).toBeLessThan(TOLERANCE);
      }),
      RUNS,
    );
  });

  it('is linear', () => {
    const factors = fc.integer({ min: -64, max: 64 }).map((value) => value / 16);
    fc.assert(
      fc.property(sizes, fc.nat(), factors, factors, (n, seed, a, b) => {
        const [x, y] = [noise(n, seed), noise(n, seed + 1)];
        const mixed = spectrum(x.map((value, i) => a * value + b * y[i]!));
        const [fx, fy] = [spectrum(x), spectrum(y)];
        const expected = fx.map((value, i) => a * value + b * fy[i]!);
        // Each side rounds relative to the size of its spectrum, which is that of the signals by Parseval.
        const size = Math.sqrt(n * (a * a * energyOf(x) + b * b * energyOf(y)));
        expect(expected.length).toBe(2 * (Math.floor(n / 2) + 1));
        expect(firstOutside(mixed, expected, TOLERANCE * size + 1e-12, 0)).toBe(-1);
      }),
      RUNS,
    );
  });
});
