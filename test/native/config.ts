import type { NativeFeatureConfig, NativePcm } from '../../src/native/index.js';

/** librosa's defaults at 16 kHz, changed by `options`. */
export function configOf(options: Partial<NativeFeatureConfig>): NativeFeatureConfig {
  const nFft = options.nFft ?? 512;
  return {
    ...{ kind: 'stft', sampleRate: 16_000, nFft, winLength: nFft, hopLength: nFft >> 2 },
    ...{ window: 'hann', windowSymmetry: 'periodic', center: true, padMode: 'constant' },
    ...{ power: 2, scale: 'linear', firstBin: 0, endBin: 1 + (nFft >> 1) },
    ...{ nMels: 40, fMin: 0, fMax: 8000, melScale: 'slaney', melNorm: 'slaney' },
    ...{ ref: 1, amin: 1e-10, logBase: 'db', nMfcc: 13, dctNorm: 'ortho', lifter: 0 },
    ...{ frameRule: 'fit', windowFirst: false, appendLength: 0, fixedLength: 0, dropLast: 0 },
    ...{ blackmanCoefficient: 0.42, sampleScale: 1, dither: 0, ditherSeed: 0 },
    ...{ removeDcOffset: false, preemphasis: 0, preemphasisScope: 'frame', normalized: 'none' },
    ...{ melTable: 'librosa', logFloorMode: 'max' },
    ...{ logMultiplier: 1, logOffset: 0, firstCoefficient: 0, appendC0: false, lifterRule: 'librosa' },
    ...{ energy: 'none', energyLast: false, energyFloor: 0 },
    ...options,
  };
}

export function pcmOf(samples: Float32Array): NativePcm {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return { bytes, format: 'f32', channels: 1, channel: 0, nSamples: samples.length };
}

/** Uniform in [-1, 1), the same everywhere (mulberry32). */
export function noise(n: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: n }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}

/** Largest |a − b|; NaN if any value is. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`lengths ${a.length} and ${b.length} differ`);
  let largest = 0;
  for (let i = 0; i < a.length; i += 1) {
    const difference = Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
