import { deltas } from '../../src/features/index.js';
import type { Matrix } from '../../src/types.js';
import type { GoldenCase } from '../golden/golden-data.js';

/** Deltas of the boundary detector's MFCCs, which stand in the golden data; frame t is at t milliseconds. */
export function deltasOfSeed(cases: readonly GoldenCase[]): Matrix {
  const mfcc = cases.find(
    ({ kind, options }) => kind === 'mfcc' && options.winLength === 160 && options.hopLength === 16,
  );
  if (mfcc === undefined) throw new Error('golden data must have the MFCCs of 160 samples every 16, got none');
  return deltas({ data: Float32Array.from(mfcc.expected), shape: mfcc.shape }, { preset: 'python_speech_features' });
}
