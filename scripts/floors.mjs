#!/usr/bin/env node
/**
 * `npm run test:floors`: runs the recipe beep-sequence in full and holds its figures against their floors. Writes
 * `bench/results/beep-sequence.json` (commit, machine, duration, figures); exits 1 where a floor is missed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { saveResult } from './lib/results.mjs';
import { ROOT } from './lib/tree.mjs';

const out = join(ROOT, 'runs/floors-beep-sequence');
const { floorsOf, holds } = await import(join(ROOT, 'dist/recipes/index.js'));

const started = performance.now();
const args = ['dist/cli/main.js', 'run', 'beep-sequence', '--out', out, '--no-resume', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
const report = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'));
if (report.corpus.source !== 'apt') {
  process.stderr.write(`floors are of Debian's recordings: corpus.source must be apt, got ${report.corpus.source}\n`);
  process.exit(1);
}
const floors = floorsOf(report).map((floor) => ({ ...floor, holds: holds(floor) }));

const { secondsByStage, parity } = report;
saveResult('beep-sequence', 'beep-sequence floors', started, { floors, secondsByStage, parity });

const missed = floors.filter((floor) => !floor.holds);
for (const { label, value, bound } of missed)
  process.stderr.write(`floor missed: ${label}: ${value}, floor ${bound}\n`);
process.stdout.write(`${floors.length - missed.length} passed, ${missed.length} failed\n`);
process.exitCode = missed.length > 0 ? 1 : 0;
