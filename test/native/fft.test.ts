import { describe, expect, it } from 'vitest';
import { loadAddon } from '../../src/native/index.js';
import { noise } from './config.js';

const addon = loadAddon();

function rfft(x: Float32Array): Float32Array {
  const out = new Float32Array(2 * (1 + (x.length >> 1)));
  addon.rfft(x, out);
  return out;
}

/** Double precision, straight from the definition; the angle is reduced before it is multiplied. */
function naiveBin(x: Float32Array, k: number): [number, number] {
  let re = 0;
  let im = 0;
  for (let t = 0; t < x.length; t += 1) {
    const angle = (-2 * Math.PI * ((k * t) % x.length)) / x.length;
    re += (x[t] ?? 0) * Math.cos(angle);
    im += (x[t] ?? 0) * Math.sin(angle);
  }
  return [re, im];
}

const sizes = Array.from({ length: 4096 }, (_, i) => i + 1).filter((n) => {
  let rest = n;
  for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
  return rest === 1;
});

it.each(sizes)('size %i equals the naive transform', (n) => {
  const x = noise(n, n);
  const got = rfft(x);
  // Single rounding of a transform grows with log n around a root mean square of sqrt(n / 3).
  const tolerance = 6e-7 * Math.sqrt(n) + 1e-7;
  const nBins = 1 + (n >> 1);
  const step = Math.max(1, Math.floor(nBins / 97));
  let largest = 0;
  for (let k = 0; k < nBins; k = k === nBins - 1 ? nBins : Math.min(k + step, nBins - 1)) {
    const [re, im] = naiveBin(x, k);
    largest = Math.max(largest, Math.hypot(re - (got[2 * k] ?? Number.NaN), im - (got[2 * k + 1] ?? Number.NaN)));
  }
  expect(largest).toBeLessThanOrEqual(tolerance);
});

describe('closed forms', () => {
  it('an impulse has a flat spectrum', () => {
    const x = new Float32Array(2400);
    x[0] = 1;
    const got = rfft(x);
    for (let k = 0; k <= 1200; k += 1) expect([got[2 * k], Math.abs(got[2 * k + 1] ?? Number.NaN)]).toEqual([1, 0]);
  });

  it('a cosine on a bin centre has one line of n / 2', () => {
    for (const [n, bin] of [
      [400, 37],
      [1024, 100],
      [375, 11],
    ] as const) {
      const got = rfft(Float32Array.from({ length: n }, (_, t) => Math.cos((2 * Math.PI * bin * t) / n)));
      for (let k = 0; k <= n >> 1; k += 1) {
        const magnitude = Math.hypot(got[2 * k] ?? Number.NaN, got[2 * k + 1] ?? Number.NaN);
        expect(Math.abs(magnitude - (k === bin ? n / 2 : 0))).toBeLessThan(1e-4);
      }
    }
  });

  it('Parseval: the energies agree', () => {
    const x = noise(1920, 5);
    const got = rfft(x);
    let energy = 0;
    for (let k = 0; k <= 960; k += 1) {
      const both = k === 0 || k === 960 ? 1 : 2;
      energy += both * ((got[2 * k] ?? Number.NaN) ** 2 + (got[2 * k + 1] ?? Number.NaN) ** 2);
    }
    const expected = 1920 * x.reduce((sum, v) => sum + v * v, 0);
    expect(Math.abs(energy / expected - 1)).toBeLessThan(1e-6);
  });
});

it.each([0, 2 ** 24 + 1])('size %i is refused', (n) => {
  expect(() => rfft(new Float32Array(n))).toThrow(expect.objectContaining({ code: 'ERR_N_FFT' }));
});
