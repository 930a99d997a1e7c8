/** W4: batched real transforms of rows, in the second-level cache and streamed through memory. */
import { type Goal, timesTheBest } from '../../src/bench/index.js';
import { Stft } from '../../src/features/index.js';
import { fftLimit } from '../limits.js';
import { noiseRows } from '../noise.js';
import { SAMPLE_RATE } from '../signal.js';
import { type Case, inProcess } from './case.js';
import { FFT_SIZES, fftGflop, fftKey, fftRows } from './workloads.js';

/** Rows whose result is compared. */
const CHECK_ROWS = 8;
/** Bins of noise of amplitude 1: root-mean-square up to 40, in float32. */
const TOLERANCE = { atol: 2e-3, rtol: 1e-4 };
const RIVALS = ['FFTW', 'KissFFT', 'FFmpeg av_tx', 'scipy.fft', 'torch.fft', 'pffft-wasm', 'fft.js'];
/** GFLOP/s asked of size 1024 on a core whose peak is 116, in proportion elsewhere. */
const ASKED = { peak: 116, inL2: 70, streamed: 40 };

export function fftCases(): Case[] {
  return [false, true].flatMap((streamed) => FFT_SIZES.map((n) => fftCase(n, streamed)));
}

function fftCase(n: number, streamed: boolean): Case {
  const rows = fftRows(n, streamed);
  // Rows without overlap under a rectangular window are a plain batched transform.
  const plan = new Stft({ sampleRate: SAMPLE_RATE, nFft: n, hopLength: n, center: false, window: 'rectangular' });
  const buffers = lazily(() => ({
    signal: { samples: sharedNoise(rows * n), sampleRate: SAMPLE_RATE },
    out: sharedOutput(rows * (n + 2)),
  }));
  const run = () => void plan.process(buffers().signal, buffers().out);
  const result = () => {
    run();
    return buffers().out.slice(0, CHECK_ROWS * (n + 2));
  };
  return {
    id: 'W4',
    key: fftKey(n, streamed),
    title: `W4 real FFT ${n}, ${streamed ? 'streamed' : 'in L2'}`,
    unit: 'GFLOP/s',
    contestants: [inProcess('cochlea', fftGflop(n) * rows, run, result)],
    baselines: ['FFTW', 'cochlea'],
    check: { reference: 'cochlea', tolerance: TOLERANCE, width: n + 2 },
    limit: (roofline) => fftLimit(n, streamed, roofline),
    goals: (roofline) => [
      timesTheBest('cochlea C++', RIVALS, 1, 'the best other FFT'),
      ...(n === 1024 ? [askedOf1024(streamed, roofline.gflops)] : []),
    ],
  };
}

function askedOf1024(streamed: boolean, peakGflops: number): Goal {
  return {
    what: 'cochlea C++',
    unit: 'GFLOP/s',
    atLeast: Math.round(((streamed ? ASKED.streamed : ASKED.inL2) * peakGflops) / ASKED.peak),
    of: (figures) => figures('cochlea C++')?.value,
  };
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const LARGEST = 2 ** 25 + 2 ** 20;
const noise = lazily(() => noiseRows(LARGEST));
const output = lazily(() => new Float32Array(LARGEST));
/** One array for all sizes, as contestants take turns. */
const sharedNoise = (n: number) => noise().subarray(0, n);
const sharedOutput = (n: number) => output().subarray(0, n);
