#!/usr/bin/env node
/**
 * `npm run test:floors`: runs the recipe beep-sequence in full and holds its figures against their floors; `-- --from
 * runs/beep-sequence` takes those of a run that is finished. Writes `bench/results/beep-sequence.json` (commit, machine,
 * duration, figures); exits 1 where a floor is missed. Other arguments are the recipe's.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { saveResult } from './lib/results.mjs';
import { ROOT } from './lib/tree.mjs';

const OWN_RUN = join(ROOT, 'runs/floors-beep-sequence');
const { floorsOf, holds } = await import(join(ROOT, 'dist/recipes/index.js'));

/** @returns {string} the folder of a finished run */
function finishedRun(argv) {
  const [option, folder, ...rest] = argv;
  if (option === '--from' && folder !== undefined && rest.length === 0) return resolve(folder);
  const args = ['dist/cli/main.js', 'run', 'beep-sequence', '--out', OWN_RUN, '--no-resume', ...argv];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  return OWN_RUN;
}

const report = JSON.parse(readFileSync(join(finishedRun(process.argv.slice(2)), 'metrics.json'), 'utf8'));
if (report.corpus.source !== 'apt') {
  process.stderr.write(`floors are of Debian's recordings: corpus.source must be apt, got ${report.corpus.source}\n`);
  process.exit(1);
}
const floors = floorsOf(report).map((floor) => ({ ...floor, holds: holds(floor) }));

const { secondsByStage, parity } = report;
const durationSec = Object.values(secondsByStage).reduce((total, seconds) => total + seconds, 0);
saveResult('beep-sequence', 'beep-sequence floors', durationSec, { floors, secondsByStage, parity });

const missed = floors.filter((floor) => !floor.holds);
for (const { label, value, bound } of missed)
  process.stderr.write(`floor missed: ${label}: ${value}, floor ${bound}\n`);
process.stdout.write(`${floors.length - missed.length} passed, ${missed.length} failed\n`);
process.exitCode = missed.length > 0 ? 1 : 0;
