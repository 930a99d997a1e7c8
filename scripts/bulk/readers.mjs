/** Every format of shards through the programs that they are for, in Python. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { shardsPython } from '../lib/shards-python.mjs';
import { ROOT } from '../lib/tree.mjs';
import { corpusOf, extraction, work } from './extraction.mjs';

const PYTHON = join(ROOT, 'test/shards/python');
const VARIANTS = {
  'arrow-none': [],
  'arrow-lz4': ['--compression', 'lz4'],
  'arrow-zstd': ['--compression', 'zstd'],
  npy: ['--format', 'npy'],
  safetensors: ['--format', 'safetensors'],
  'kaldi-ark': ['--format', 'kaldi-ark'],
};

export async function readers() {
  const python = shardsPython();
  const corpus = corpusOf({ hours: 0.5 });
  const folder = work('readers');
  rmSync(folder, { recursive: true, force: true });
  for (const [name, args] of Object.entries(VARIANTS)) {
    await extraction(corpus.folder, join(folder, name), { args: ['--shard-mb', '10', ...args] });
  }
  const { status, stdout } = spawnSync(python, ['-B', join(PYTHON, 'read_shards.py'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error('a reader found something else');
  rmSync(folder, { recursive: true });
  return JSON.parse(stdout);
}
