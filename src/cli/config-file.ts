/** Options and jobs from YAML files. */
import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, type Option } from 'commander';
import { mustBe, ParameterError } from '../errors.js';

export type Yaml = Record<string, unknown>;

/**
 * Reads a YAML (or JSON) file to a plain object.
 * @param name what a message calls the file, e.g. the flag that named it
 * @throws ParameterError `ERR_CONFIG` naming the file and what is wrong
 */
export async function readYaml(path: string, name = '--config'): Promise<Yaml> {
  const value = await readFile(path, 'utf8').then(
    (text) => parseYaml(path, text),
    (cause: Error) => {
      throw new ParameterError('ERR_CONFIG', mustBe(name, 'a readable file', cause.message), { path });
    },
  );
  if (isObject(value)) return { ...value };
  throw new ParameterError('ERR_CONFIG', mustBe(path, 'a YAML file with an object', value), { path });
}

export function isObject(value: unknown): value is Yaml {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as YAML reads it: `3`, `true`, `[a, b]`, or text. */
export function parseYamlValue(text: string, name: string): Promise<unknown> {
  return parseYaml(name, text);
}

async function parseYaml(name: string, text: string): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(text);
  } catch (cause) {
    throw new ParameterError('ERR_CONFIG', mustBe(name, 'YAML', cause instanceof Error ? cause.message : cause));
  }
}

/** Fills in options that neither a flag nor the environment gave from the file of `--config`. */
export async function applyConfigFile(command: Command): Promise<void> {
  const path: unknown = command.getOptionValue('config');
  if (typeof path === 'string') applyOptions(command, path, await readYaml(path));
}

/**
 * The same from what was read. Keys are the flags' names, e.g. `maxErrors: 3`.
 * @throws ParameterError `ERR_CONFIG` for a key that is no flag, or a value that it does not take
 */
export function applyOptions(command: Command, path: string, entries: Yaml): void {
  for (const [key, value] of Object.entries(entries)) {
    const option = command.options.find((known) => known.attributeName() === key);
    if (option === undefined || key === 'config') {
      const known = new Set(command.options.map((one) => one.attributeName()).filter((name) => name !== 'config'));
      throw new ParameterError('ERR_CONFIG', mustBe(`a key of ${path}`, `one of ${[...known].join(', ')}`, key));
    }
    const source = command.getOptionValueSource(key);
    if (source === 'cli' || source === 'env') continue;
    command.setOptionValueWithSource(key, optionValue(option, value, `${key} in ${path}`), 'config');
  }
}

function optionValue(option: Option, value: unknown, name: string): unknown {
  if (option.isBoolean() || option.negate) {
    if (typeof value === 'boolean') return value;
    throw new ParameterError('ERR_CONFIG', mustBe(name, 'true or false', value));
  }
  if (Array.isArray(value) && option.variadic) return value.map(String);
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new ParameterError('ERR_CONFIG', mustBe(name, 'a text or number', value));
  }
  try {
    return option.parseArg ? option.parseArg(String(value), undefined) : String(value);
  } catch (cause) {
    if (!(cause instanceof InvalidArgumentError)) throw cause;
    throw new ParameterError('ERR_CONFIG', `${name}: ${cause.message}`);
  }
}
