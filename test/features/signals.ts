/** Signals of the feature tests. */

export const SAMPLE_RATE = 16_000;

/** Seeded noise in [-0.5, 0.5). */
export function noise(nSamples: number, seed = 1): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: nSamples }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

export function sine(nSamples: number, hz: number, amplitude = 1): Float32Array {
  return Float32Array.from({ length: nSamples }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE));
}

export function impulse(nSamples: number, at: number): Float32Array {
  const x = new Float32Array(nSamples);
  x[at] = 1;
  return x;
}

export function signal(samples: Float32Array | Int16Array, channels = 1) {
  return { samples, sampleRate: SAMPLE_RATE, channels };
}

/** Bytes of an array, so that equality means the same bits (and NaN equals nothing but itself). */
export function bits(data: Float32Array): Uint32Array {
  return new Uint32Array(data.slice().buffer);
}

/** Index of the first value outside `atol + rtol·|expected|`, or −1. A NaN is outside. */
export function firstOutside(found: Float32Array, expected: Float32Array, atol: number, rtol: number): number {
  return found.findIndex((value, i) => !(Math.abs(value - expected[i]!) <= atol + rtol * Math.abs(expected[i]!)));
}
