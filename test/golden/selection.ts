/** Which golden cases a run looks at: the fixed sample, or with `COCHLEA_PARITY=full` the whole grid. */
import { env } from 'node:process';
import type { GoldenCase } from './golden-data.js';

/** @throws Error where COCHLEA_PARITY is neither unset nor `full` */
export function isWholeGrid(): boolean {
  const wanted = env.COCHLEA_PARITY ?? '';
  if (wanted !== '' && wanted !== 'full') throw new Error(`COCHLEA_PARITY must be "full" or not set, got "${wanted}"`);
  return wanted === 'full';
}

export function selectedCases(cases: readonly GoldenCase[]): GoldenCase[] {
  return cases.filter((each) => isWholeGrid() || each.sample);
}
