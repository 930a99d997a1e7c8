import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { mustBe, ParameterError } from '../errors.js';

/** Reads a YAML (or JSON) file to a plain object. @throws ParameterError `ERR_CONFIG` naming the file and what is wrong */
export async function readYaml(path: string): Promise<Record<string, unknown>> {
  const value = await readFile(path, 'utf8').then(
    (text) => parseYaml(path, text),
    (cause: Error) => {
      throw new ParameterError('ERR_CONFIG', mustBe('config', 'a readable file', `${path}: ${cause.message}`));
    },
  );
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new ParameterError('ERR_CONFIG', mustBe(path, 'an object', value));
}

function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new ParameterError('ERR_CONFIG', mustBe(path, 'YAML', cause instanceof Error ? cause.message : cause));
  }
}

/** Fills in options that no flag gave from the file of `--config`. Keys are the flags' names, e.g. `maxErrors: 3`. */
export async function applyConfigFile(command: Command): Promise<void> {
  const path: unknown = command.getOptionValue('config');
  if (typeof path !== 'string') return;
  for (const [key, value] of Object.entries(await readYaml(path))) {
    const option = command.options.find((known) => known.attributeName() === key);
    if (option === undefined || key === 'config') {
      const known = command.options.map((one) => one.attributeName()).filter((name) => name !== 'config');
      throw new ParameterError('ERR_CONFIG', mustBe(`${path}: key`, `one of ${known.join(', ')}`, key));
    }
    if (command.getOptionValueSource(key) === 'cli') continue;
    const parsed = option.parseArg && typeof value !== 'boolean' ? option.parseArg(String(value), undefined) : value;
    command.setOptionValueWithSource(key, parsed, 'config');
  }
}
