/** The feature workloads of the design's budgets; bench/native/workloads.h has the same in C++. */
import type { CaseId } from '../options.js';
import { SAMPLE_RATE } from '../signal.js';

export interface Workload {
  readonly id: CaseId;
  readonly title: string;
  readonly nFft: number;
  readonly winLength: number;
  readonly hopLength: number;
  /** 0: the power spectrum. */
  readonly nMels: number;
  /** 0: decibels. */
  readonly nMfcc: number;
  readonly center: boolean;
  readonly window: 'hann' | 'blackman';
  /** No more than this of the signal, where the result is large. */
  readonly longestSec: number;
}

export const W1: Workload = {
  id: 'W1',
  title: 'W1 log-mel 1024/512, 64 mels',
  nFft: 1024,
  winLength: 1024,
  hopLength: 512,
  nMels: 64,
  nMfcc: 0,
  center: true,
  window: 'hann',
  longestSec: 3600,
};

export const W2: Workload = {
  id: 'W2',
  title: 'W2 fbank 400→512/160, 80 mels',
  nFft: 512,
  winLength: 400,
  hopLength: 160,
  nMels: 80,
  nMfcc: 0,
  center: false,
  window: 'hann',
  longestSec: 3600,
};

export const W3: Workload = { ...W2, id: 'W3', title: 'W3 MFCC-13 400→512/160, 40 mels', nMels: 40, nMfcc: 13 };

export const W5: Workload = {
  id: 'W5',
  title: 'W5 power spectrum 2400/80, symmetric Blackman',
  nFft: 2400,
  winLength: 2400,
  hopLength: 80,
  nMels: 0,
  nMfcc: 0,
  center: false,
  window: 'blackman',
  longestSec: 60,
};

/** Numbers per frame. */
export function widthOf(w: Workload): number {
  return w.nMfcc || w.nMels || 1 + w.nFft / 2;
}

/** Sizes of W4. */
export const FFT_SIZES = [256, 400, 512, 1000, 1024, 2048, 2400, 4096] as const;

/** A transform's customary count of operations, in GFLOP. */
export function fftGflop(n: number): number {
  return (2.5 * n * Math.log2(n)) / 1e9;
}

/** Rows of one run of W4: 128 KiB in for the second-level cache, 128 MiB streamed, in whole blocks of the former. */
export function fftRows(n: number, streamed: boolean): number {
  const inL2 = Math.max(8, Math.floor(2 ** 15 / n / 8) * 8);
  return streamed ? Math.floor((Math.floor(2 ** 25 / n / 8) * 8) / inL2) * inL2 : inL2;
}

export function fftKey(n: number, streamed: boolean): string {
  return `W4 ${n} ${streamed ? 'streamed' : 'in L2'}`;
}

export { SAMPLE_RATE };
