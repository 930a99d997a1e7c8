/** Python with the libraries that read shards and write Parquet, in `.cache/shards`, from PyPI. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './tree.mjs';

const VENV = join(ROOT, '.cache/shards');
const REQUIREMENTS = join(ROOT, 'test/shards/python/requirements.txt');

/** Made, or brought up to date. @returns {string} the interpreter */
export function shardsPython() {
  const python = join(VENV, 'bin/python');
  if (!existsSync(python)) must('python3', ['-m', 'venv', VENV]);
  must(python, ['-m', 'pip', 'install', '--quiet', '-r', REQUIREMENTS]);
  return python;
}

/** @param {string} command @param {string[]} args */
function must(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}
