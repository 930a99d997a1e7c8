/** A careful JavaScript author's loop around the two fastest FFTs on npm, and those FFTs alone. */
import { CHECK_SEC, logMelLoop, secondsOf, W1, W2 } from './frames.mjs';

/** Longer signals tell no more of a loop that runs at a few thousand times real time. */
const SIGNAL_SEC = 60;
const FFT_SIZES = [256, 400, 512, 1000, 1024, 2048, 2400, 4096];
const CHECK_ROWS = 8;

/** @param {import('./types.mjs').Host} host */
export function fftjsContestants({ samples, require }) {
  const FFT = require('fft.js');
  const make = (n) => {
    const fft = new FFT(n);
    const spectrum = fft.createComplexArray();
    return {
      power(frame, power) {
        fft.realTransform(spectrum, frame);
        for (let k = 0; k <= n / 2; k += 1) power[k] = spectrum[2 * k] ** 2 + spectrum[2 * k + 1] ** 2;
      },
      row(row, out) {
        fft.realTransform(spectrum, row);
        for (let i = 0; i < n + 2; i += 1) out[i] = spectrum[i];
      },
    };
  };
  return [...loops('fft.js', samples, make), ...rows('fft.js', make, (n) => Number.isInteger(Math.log2(n)))];
}

/** @param {import('./types.mjs').Host} host */
export async function pffftContestants({ samples, load }) {
  const pffft = await (await load('@echogarden/pffft-wasm/dist/simd/pffft.js')).default();
  const make = (n) => {
    const setup = pffft._pffft_new_setup(n, 0);
    const [input, output, work] = Array.from({ length: 3 }, () => pffft._pffft_aligned_malloc(4 * n));
    const heapIn = pffft.HEAPF32.subarray(input >> 2, (input >> 2) + n);
    const heapOut = pffft.HEAPF32.subarray(output >> 2, (output >> 2) + n);
    const transform = (row) => {
      heapIn.set(row);
      pffft._pffft_transform_ordered(setup, input, output, work, 0);
    };
    return {
      power(frame, power) {
        transform(frame);
        power[0] = heapOut[0] ** 2;
        power[n / 2] = heapOut[1] ** 2;
        for (let k = 1; k < n / 2; k += 1) power[k] = heapOut[2 * k] ** 2 + heapOut[2 * k + 1] ** 2;
      },
      row(row, out) {
        transform(row);
        out.set(heapOut);
        // It packs the highest bin, a real number, beside the lowest.
        out[n] = heapOut[1];
        out[1] = 0;
        out[n + 1] = 0;
      },
    };
  };
  // Real transforms of 32 · 2^a · 3^b · 5^c.
  return [...loops('pffft-wasm', samples, make), ...rows('pffft-wasm', make, (n) => n % 32 === 0)];
}

function loops(name, samples, make) {
  const signal = secondsOf(samples, SIGNAL_SEC);
  return [W1, W2].map((w) => {
    const features = logMelLoop(w, make(w.nFft).power);
    return {
      case: w.case,
      name: `${name} loop`,
      work: signal.length / 16_000,
      run: () => void features(signal),
      result: () => features(secondsOf(samples, CHECK_SEC)),
    };
  });
}

/** W4 in the cache: as many rows as bench/cases/workloads.ts, the same noise. */
function rows(name, make, takes) {
  return FFT_SIZES.filter(takes).map((n) => {
    const count = Math.max(8, Math.floor(2 ** 15 / n / 8) * 8);
    const input = noise(count * n);
    const output = new Float32Array(count * (n + 2));
    const { row } = make(n);
    const inputs = Array.from({ length: count }, (_, r) => input.subarray(r * n, (r + 1) * n));
    const outputs = Array.from({ length: count }, (_, r) => output.subarray(r * (n + 2), (r + 1) * (n + 2)));
    const run = () => {
      for (let r = 0; r < count; r += 1) row(inputs[r], outputs[r]);
    };
    return {
      case: `W4 ${n} in L2`,
      name,
      work: (2.5 * n * Math.log2(n) * count) / 1e9,
      run,
      result: () => {
        run();
        return output.slice(0, CHECK_ROWS * (n + 2));
      },
    };
  });
}

function noise(n) {
  let state = 1;
  return Float32Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 8388608 - 1;
  });
}
