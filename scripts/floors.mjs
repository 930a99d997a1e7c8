#!/usr/bin/env node
/**
 * `npm run test:floors`: runs the recipe beep-sequence in full and holds its figures against their floors. Writes
 * `bench/results/beep-sequence.json` (commit, machine, duration, figures); exits 1 where a floor is missed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'runs/floors-beep-sequence');
const { floorsOf, holds } = await import(join(root, 'dist/recipes/index.js'));

const started = performance.now();
const args = ['dist/cli/main.js', 'run', 'beep-sequence', '--out', out, '--no-resume', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
const report = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'));
if (report.corpus.source !== 'apt') {
  process.stderr.write(`floors are of Debian's recordings: corpus.source must be apt, got ${report.corpus.source}\n`);
  process.exit(1);
}
const floors = floorsOf(report).map((floor) => ({ ...floor, holds: holds(floor) }));

const git = (...words) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
const result = {
  suite: 'beep-sequence floors',
  commit: git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+'),
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  date: new Date().toISOString(),
  durationSec: Math.round((performance.now() - started) / 1000),
  floors,
  secondsByStage: report.secondsByStage,
  parity: report.parity,
};
const folder = join(root, 'bench/results');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'beep-sequence.json'), `${JSON.stringify(result, null, 2)}\n`);

const missed = floors.filter((floor) => !floor.holds);
for (const { label, value, bound } of missed)
  process.stderr.write(`floor missed: ${label}: ${value}, floor ${bound}\n`);
process.stdout.write(`${floors.length - missed.length} passed, ${missed.length} failed\n`);
process.exitCode = missed.length > 0 ? 1 : 0;
