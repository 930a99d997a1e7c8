/** Parsers of option values; commander prints their message with the option's name. */
import { InvalidArgumentError } from 'commander';

export function wholeNumber(least = 0): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number >= ${least}, got ${JSON.stringify(text)}.`);
  };
}

export function number(least = Number.NEGATIVE_INFINITY): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value;
    const range = Number.isFinite(least) ? ` >= ${least}` : '';
    throw new InvalidArgumentError(`It must be a number${range}, got ${JSON.stringify(text)}.`);
  };
}
