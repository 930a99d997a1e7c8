#!/usr/bin/env node
/**
 * `node test/golden/setup.mjs`: the originals in a virtual environment (.cache/golden, Python 3.11 or later), then every
 * golden file made anew. With `--check` nothing is written: the fresh numbers are compared with the stored ones, and each
 * original with an independent float64 program of the same steps.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';

const here = fileURLToPath(new URL('.', import.meta.url));
const venv = fileURLToPath(new URL('../../.cache/golden', import.meta.url));
const python = join(venv, 'bin/python');
/** Inputs first; the others are independent of each other. */
const makers = [
  'inputs',
  'librosa',
  'torchaudio',
  'kaldi',
  'python_speech_features',
  'whisper',
  'scipy',
  'htk',
  'baselines',
  'tensorboard',
  'keras',
  'labels',
  'parquet',
];

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', cwd: here });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

function install() {
  if (!existsSync(python)) run('python3', ['-m', 'venv', venv]);
  run(python, ['-m', 'pip', 'install', '--quiet', '-r', 'requirements.txt']);
  // These ask for what nobody here uses: Triton, a torch of their own year, a second TensorFlow.
  run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', 'requirements-no-deps.txt']);
  // torchaudio's compiled part is linked with CUDA and stops the import beside a torch without it; no feature needs it.
  for (const part of globSync(['lib/python*/site-packages/torchaudio/lib/_torchaudio*.so'], { cwd: venv })) {
    rmSync(join(venv, part));
  }
}

install();
for (const maker of makers) run(python, ['-B', '-W', 'ignore', `make_${maker}.py`, ...process.argv.slice(2)]);
