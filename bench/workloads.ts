/** W1–W3 of the design's budgets: the native plan against plain TypeScript in the same process. */
import type { Workload } from '../src/bench/index.js';
import { LogMel, Mfcc } from '../src/features/index.js';
import { PlainFeatures, type PlainOptions } from './plain-features.js';

const SAMPLE_RATE = 16_000;

const CASES: readonly { name: string; options: PlainOptions }[] = [
  {
    name: 'W1 log-mel 1024/512, 64 mels',
    options: {
      sampleRate: SAMPLE_RATE,
      nFft: 1024,
      winLength: 1024,
      hopLength: 512,
      nMels: 64,
      center: true,
      nMfcc: 0,
    },
  },
  {
    name: 'W2 fbank 400→512/160, 80 mels',
    options: { sampleRate: SAMPLE_RATE, nFft: 512, winLength: 400, hopLength: 160, nMels: 80, center: false, nMfcc: 0 },
  },
  {
    name: 'W3 MFCC-13, 40 mels',
    options: {
      sampleRate: SAMPLE_RATE,
      nFft: 512,
      winLength: 400,
      hopLength: 160,
      nMels: 40,
      center: false,
      nMfcc: 13,
    },
  },
];

/**
 * @param audioSec length of the signal
 * @returns one workload per budget row, each of which refuses to be timed where native and plain results differ
 */
export function featureWorkloads(audioSec: number): Workload[] {
  const samples = testSignal(audioSec);
  return CASES.map(({ name, options }) => {
    const { nMfcc, ...shared } = options;
    const native = nMfcc > 0 ? new Mfcc({ ...shared, nMfcc, topDb: null }) : new LogMel({ ...shared, topDb: null });
    const plain = new PlainFeatures(options);
    const signal = { samples, sampleRate: SAMPLE_RATE };
    return {
      name,
      audioSec,
      contestants: [
        { name: 'native plan', run: () => void native.process(signal) },
        { name: 'plain TypeScript', run: () => void plain.process(samples) },
      ],
      check: () => assertClose(name, native.process(signal).data, plain.process(samples)),
    };
  });
}

/** Decibels and cepstra of a signal whose bands all hold noise: float32 rounding stays under 0.01. */
const TOLERANCE = 0.01;

export function assertClose(name: string, found: Float32Array, expected: Float32Array): void {
  if (found.length !== expected.length || found.length === 0) {
    throw new Error(`${name}: native gives ${found.length} values, plain ${expected.length}`);
  }
  const wrong = found.findIndex((value, i) => !(Math.abs(value - expected[i]!) <= TOLERANCE));
  if (wrong >= 0) throw new Error(`${name}: value ${wrong} is ${found[wrong]}, plain ${expected[wrong]}`);
}

/** Five modulated tones over seeded noise, like the signal behind the budgets. */
export function testSignal(audioSec: number): Float32Array {
  const tones = [220, 997, 1760, 3500, 6100];
  let state = 12345;
  return Float32Array.from({ length: audioSec * SAMPLE_RATE }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const t = i / SAMPLE_RATE;
    const noise = 0.08 * (state / 2 ** 31 - 1);
    return tones.reduce(
      (sum, hz) => sum + 0.05 * Math.sin(2 * Math.PI * hz * t) * (0.6 + 0.4 * Math.sin(2.3 * t + hz)),
      noise,
    );
  });
}
