/** Parsers of option values (commander prints their message with the option's name), and options that verbs share. */
import { type Command, InvalidArgumentError, Option } from 'commander';
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

/**
 * Refuses an option that another leaves without effect. What a file says against a flag counts as not said, since flags win
 * over it; the environment speaks to all commands, also of what this one does not use.
 *
 * @param name of the option, as an attribute
 * @param beside the option that makes it useless, as an attribute; nothing is refused where nobody gave it
 * @throws ParameterError `ERR_OPTION`
 */
export function refuseBeside(command: Command, name: string, beside: string): void {
  const [source, other] = [command.getOptionValueSource(name), command.getOptionValueSource(beside)];
  const isSaid = source === 'cli' || (source === 'config' && other !== 'cli');
  const value: unknown = command.getOptionValue(name);
  const flag = flagOf(command, name);
  if (!isSaid || flag === null || flagOf(command, beside) === null) return;
  throw new ParameterError('ERR_OPTION', mustBe(flag, `left out with ${flagOf(command, beside)}`, value));
}

/**
 * Refuses an option that has no effect without something else.
 * @throws ParameterError `ERR_OPTION`
 */
export function refuseWithout(command: Command, name: string, needed: string): void {
  const flag = flagOf(command, name);
  if (flag === null) return;
  throw new ParameterError('ERR_OPTION', mustBe(flag, `left out without ${needed}`, command.getOptionValue(name)));
}

/** As it is typed: `--no-resume` where `resume` is false; null where the value is that of an option nobody gave. */
function flagOf(command: Command, name: string): string | null {
  const value: unknown = command.getOptionValue(name);
  if (value === undefined) return null;
  const isNo = value === false;
  return command.options.find((one) => one.attributeName() === name && one.negate === isNo)?.long ?? null;
}

/** Training's `ENGINES`, said again: help and wrong usage answer without loading it. A test compares the two. */
export const ENGINE_FLAGS = ['auto', 'tensorflow', 'native', 'wasm', 'cpu'] as const satisfies readonly EngineOption[];
export type EngineFlag = (typeof ENGINE_FLAGS)[number];

export function engineOption(): Option {
  return new Option('--engine <name>', 'what trains: see `cochlea doctor`').choices(ENGINE_FLAGS).env('COCHLEA_ENGINE');
}

export function deviceOption(): Option {
  return new Option('--device <name>', 'where TensorFlow computes: auto, cpu, cuda or cuda:<n>');
}

export function workersOption(): Option {
  return new Option('--workers <n>', 'threads (default: the cores this process may use)').argParser(wholeNumber(1));
}
