/** The signal that every contestant hears: five modulated tones over seeded noise, like the one behind the budgets. */
import { writeFileSync } from 'node:fs';

export const SAMPLE_RATE = 16_000;
/** Results are compared on the first two seconds. */
export const CHECK_SEC = 2;

export function testSignal(audioSec: number): Float32Array {
  const tones = [220, 997, 1760, 3500, 6100];
  const out = new Float32Array(audioSec * SAMPLE_RATE);
  let state = 12345;
  for (let i = 0; i < out.length; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const t = i / SAMPLE_RATE;
    let sum = 0.08 * (state / 2 ** 31 - 1);
    for (const hz of tones) sum += 0.05 * Math.sin(2 * Math.PI * hz * t) * (0.6 + 0.4 * Math.sin(2.3 * t + hz));
    out[i] = sum;
  }
  return out;
}

/** As bytes for contestants in other processes. */
export function writeSignal(path: string, samples: Float32Array): void {
  writeFileSync(path, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
}

/** The beginning of a signal, without a copy. */
export function secondsOf(samples: Float32Array, seconds: number): Float32Array {
  return samples.subarray(0, Math.min(samples.length, Math.round(seconds * SAMPLE_RATE)));
}

export function durationOf(samples: Float32Array): number {
  return samples.length / SAMPLE_RATE;
}
