/**
 * What the machine could reach at most: the roofline measured in the same run, over the fewest operations and bytes
 * that a workload can do with.
 */
import type { ContestResult } from '../src/bench/index.js';
import { fftGflop, SAMPLE_RATE, type Workload, widthOf } from './cases/workloads.js';

export interface Roofline {
  /** Of the instruction set that the core uses: the best one, unless another was asked for. */
  readonly gflops: number;
  readonly instructions: string;
  /** GB/s, bytes counted once. */
  readonly readMemory: number;
  readonly copyMemory: number;
}

export interface Limit {
  readonly value: number;
  readonly what: string;
}

/** @throws Error where the roofline contests lack one of the figures */
export function rooflineOf(fma: ContestResult, memory: ContestResult, kernels: string): Roofline {
  const value = (contest: ContestResult, name: string): number => {
    const found = contest.results.find((each) => each.contestant === name);
    if (found === undefined) throw new Error(`the roofline has no "${name}"`);
    return found.value;
  };
  const instructions = `multiply-add, ${kernels}`;
  return {
    gflops: value(fma, instructions),
    instructions,
    readMemory: value(memory, 'read, memory'),
    copyMemory: value(memory, 'copy, memory'),
  };
}

/** Operations of a polynomial logarithm, its scaling and its floor: degree 9 or so. */
const LOG_FLOP = 24;
const GIGA = 1e9;

/**
 * Operations of a real transform: split radix (2n·log2 n − 4n + 6, the fewest of the methods in use) for powers of two,
 * else the customary 2.5n·log2 n.
 */
function fewestFftFlop(n: number): number {
  return Number.isInteger(Math.log2(n)) ? 2 * n * Math.log2(n) - 4 * n + 6 : fftGflop(n) * GIGA;
}

/** Operations of one frame: window, transform, |X|², two bands per bin, logarithm, DCT. */
export function frameFlop(w: Workload): number {
  const bins = 1 + w.nFft / 2;
  const mel = w.nMels === 0 ? 0 : 4 * bins + LOG_FLOP * w.nMels;
  return w.winLength + fewestFftFlop(w.nFft) + 3 * bins + mel + 2 * w.nMfcc * w.nMels;
}

/** Seconds of audio per second: by arithmetic, or by reading samples and writing features once. */
export function featureLimit(w: Workload, roofline: Roofline): Limit {
  const framesPerSec = SAMPLE_RATE / w.hopLength;
  const arithmetic = (roofline.gflops * GIGA) / (framesPerSec * frameFlop(w));
  const bytes = 4 * (SAMPLE_RATE + framesPerSec * widthOf(w));
  const memory = (roofline.readMemory * GIGA) / bytes;
  return arithmetic <= memory
    ? { value: arithmetic, what: `${roofline.instructions}, ${Math.round(frameFlop(w))} FLOP per frame` }
    : { value: memory, what: 'bytes in and out of memory' };
}

/** GFLOP/s by the customary count: the peak, or rows copied through memory once. */
export function fftLimit(n: number, streamed: boolean, roofline: Roofline): Limit {
  const memory = (fftGflop(n) * roofline.copyMemory * GIGA) / (4 * n);
  return streamed && memory < roofline.gflops
    ? { value: memory, what: 'rows copied through memory' }
    : { value: roofline.gflops, what: roofline.instructions };
}
