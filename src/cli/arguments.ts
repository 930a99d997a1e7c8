/** Parsers of option values (commander prints their message with the option's name), and options that verbs share. */
import { InvalidArgumentError, Option } from 'commander';
import { mustBe, ParameterError } from '../errors.js';
import type { EngineOption } from '../training/index.js';

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

/** An option that a config file may give as well, so that the parser cannot ask for it. @throws ParameterError `ERR_OPTION` */
export function required<T>(value: T | undefined, flag: string, expected: string): T {
  if (value !== undefined) return value;
  throw new ParameterError('ERR_OPTION', mustBe(flag, expected, 'nothing'));
}

/** Training's `ENGINES`, said again: help and wrong usage answer without loading it. A test compares the two. */
export const ENGINE_FLAGS = ['auto', 'tensorflow', 'native', 'wasm', 'cpu'] as const satisfies readonly EngineOption[];
export type EngineFlag = (typeof ENGINE_FLAGS)[number];

export function engineOption(): Option {
  return new Option('--engine <name>', 'what trains: see `cochlea doctor`').choices(ENGINE_FLAGS).env('COCHLEA_ENGINE');
}

export function workersOption(): Option {
  return new Option('--workers <n>', 'threads (default: the cores this process may use)').argParser(wholeNumber(1));
}
