/** One rule for the numbers of optimisers, schedules and callbacks. */
import { mustBe, ParameterError } from '../errors.js';

/** What a number may be. */
const RANGES = {
  positive: { expected: 'a positive number', holds: (value: number) => value > 0 && value < Infinity },
  fraction: { expected: 'in [0, 1)', holds: (value: number) => value >= 0 && value < 1 },
  factor: { expected: 'in (0, 1)', holds: (value: number) => value > 0 && value < 1 },
  notNegative: { expected: 'a number from 0 on', holds: (value: number) => value >= 0 && value < Infinity },
  count: { expected: 'a positive whole number', holds: (value: number) => Number.isSafeInteger(value) && value >= 1 },
  countFrom0: {
    expected: 'a whole number from 0 on',
    holds: (value: number) => Number.isSafeInteger(value) && value >= 0,
  },
} as const;

/** @throws ParameterError `ERR_OPTION` */
export function checkNumber(name: string, value: unknown, range: keyof typeof RANGES): void {
  const { expected, holds } = RANGES[range];
  if (typeof value === 'number' && holds(value)) return;
  throw new ParameterError('ERR_OPTION', mustBe(name, expected, value));
}
