#!/usr/bin/env node
/** `npm run lint`: Biome for TypeScript, JavaScript and JSON, clang-format for C++. `--write` (`npm run format`) mends. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const write = process.argv.includes('--write');
const bin = (name) => join(root, 'node_modules/.bin', name);

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) process.stderr.write(`lint: ${command}: ${error.message}\n`);
  return status === 0;
}

const sources = ['native', 'bench/native']
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && /\.(cc|h|cu|cuh)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();
if (sources.length === 0) throw new Error('lint: no C++ source found below native/ and bench/native/');

const tidy = [
  run(bin('biome'), ['check', '--error-on-warnings', ...(write ? ['--write'] : [])]),
  run(bin('clang-format'), [...(write ? ['-i'] : ['--dry-run', '--Werror']), ...sources]),
];
process.exitCode = tidy.every(Boolean) ? 0 : 1;
