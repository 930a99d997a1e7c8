/** The built command line over corpora that the benches make. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT } from '../lib/tree.mjs';

const MAIN = join(ROOT, 'dist/cli/main.js');
const WORK = join(ROOT, '.cache/bulk/test');

/** W1 of the benches. */
const SPEC = {
  task: 'classify',
  audio: { sampleRate: 16_000 },
  features: { kind: 'logMel', nFft: 1024, hopLength: 512, nMels: 64, topDb: null },
};

/** A folder of this test run. */
export function work(name) {
  mkdirSync(WORK, { recursive: true });
  return join(WORK, name);
}

/** Clips of real recordings; made once. @returns its folder, how many files, how many seconds */
export function corpusOf({ hours, broken = 0 }) {
  const folder = work(`corpus-${hours}h${broken > 0 ? '-broken' : ''}`);
  const args = ['bench/bulk/make.mjs', folder, '--hours', String(hours), '--broken', String(broken)];
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error('the corpus could not be made');
  return { ...JSON.parse(stdout.trim().split('\n').at(-1)), folder };
}

/** An extraction in a process group of its own, for whoever wants to watch it or kill it. */
export function startExtraction(corpus, out, { args = [], env = {} } = {}) {
  const spec = work('spec.json');
  writeFileSync(spec, JSON.stringify(SPEC));
  return spawn(
    process.execPath,
    [MAIN, 'extract', corpus, '-o', out, '--spec', spec, '--labels', 'parent-folder', '--json', ...args],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
}

/** To its end. @returns exit code, report, seconds */
export async function extraction(corpus, out, o) {
  const start = performance.now();
  const child = startExtraction(corpus, out, o);
  const [said, wrong, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const sec = (performance.now() - start) / 1000;
  if (code !== 0 && code !== 3) throw new Error(`cochlea extract ended with ${code}: ${wrong.slice(-2000)}`);
  return { code, report: JSON.parse(said), sec };
}

/** SHA-256 of every file, as the manifest has them. */
export function checksums(out) {
  const { complete, shards } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  if (!complete) throw new Error(`${out} is not complete`);
  return Object.fromEntries(shards.flatMap(({ files }) => files.map(({ file, sha256 }) => [file, sha256])));
}

/** @throws Error naming the first file that differs */
export function compareChecksums(found, expected, what) {
  const names = new Set([...Object.keys(found), ...Object.keys(expected)]);
  for (const name of names) if (found[name] !== expected[name]) throw new Error(`${what}: ${name} is another file`);
  if (names.size === 0) throw new Error(`${what}: no files to compare`);
}
