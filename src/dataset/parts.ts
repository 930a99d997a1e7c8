/** The three parts of a data set. */
import { mustBe, ParameterError } from '../errors.js';

export const PARTS = ['train', 'validation', 'test'] as const;
export type Part = (typeof PARTS)[number];
export type Parts<T> = Readonly<Record<Part, T>>;

/** Shares of train, validation and test; two numbers are train and test. A part with share 0 is empty. */
export type Ratios = readonly [number, number] | readonly [number, number, number];

/** Three shares that add up to 1. */
export function sharesOf(ratios: Ratios): readonly [number, number, number] {
  const [train = 0, second = 0, third] = ratios;
  const shares = third === undefined ? ([train, 0, second] as const) : ([train, second, third] as const);
  const sum = shares.reduce((total, share) => total + share, 0);
  const valid = ratios.length <= PARTS.length && shares.every((share) => share >= 0) && Math.abs(sum - 1) < 1e-9;
  if (!valid) throw new ParameterError('ERR_OPTION', mustBe('ratios', 'two or three numbers that add up to 1', ratios));
  return shares;
}

export function emptyPart(part: Part): ParameterError {
  return new ParameterError('ERR_SPLIT', mustBe(`part ${part}`, 'not empty', 'no windows'), { part });
}
