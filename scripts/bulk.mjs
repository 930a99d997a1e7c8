#!/usr/bin/env node
/**
 * `npm run test:bulk [-- --hours 100] [--only kills,broken,…]`: the long cases of corpora in bulk.
 *
 * - kills: a corpus of 100 hours (clips of real recordings, bench/bulk/make.mjs), extraction killed three times with SIGKILL
 *   and resumed, against an undisturbed run, by checksums; the same with the kernels of other processors.
 * - memory: the peak of all processes, of a tenth of the corpus and of all of it.
 * - broken: 1 % of the files broken in every way; just those are in errors.jsonl.
 * - readers: every format through pyarrow, Polars, DuckDB, NumPy, safetensors and kaldiio (.cache/shards, from PyPI).
 * - points: killed before every single operation on the disk; an array of eight on a real Slurm.
 * - data: training data of 3.6 million windows and of 100 hours, and tables of 3.6 million rows, in bounded memory.
 *
 * Prints what it found, and writes it to bench/results/bulk.json. Exits 1 where anything failed.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { brokenFiles } from './bulk/broken-files.mjs';
import { kills } from './bulk/kills.mjs';
import { memory } from './bulk/memory.mjs';
import { readers } from './bulk/readers.mjs';
import { largeDatasets } from './lib/large-dataset.mjs';
import { largeTable } from './lib/large-table.mjs';
import { saveResult } from './lib/results.mjs';
import { ROOT } from './lib/tree.mjs';

/** Of all processes together: "peak memory ≤ 600 MB". */
const MOST_MB = 600;
const POINTS = ['test/extract/crash-points.test.ts', 'test/extract/crash.test.ts', 'test/extract/slurm.test.ts'];

const { values } = parseArgs({ options: { hours: { type: 'string', default: '100' }, only: { type: 'string' } } });
const hours = Number(values.hours);
const only = values.only?.split(',');

async function points() {
  const env = { ...process.env, COCHLEA_TEST_BULK: '1' };
  const { status } = spawnSync('node_modules/.bin/vitest', ['run', ...POINTS], { cwd: ROOT, stdio: 'inherit', env });
  if (status !== 0) throw new Error('tests of crash points failed');
  return { files: POINTS };
}

async function tables() {
  const found = {};
  for (const format of ['csv', 'parquet']) {
    found[format] = await largeTable({ format });
    const { peakRssMb } = found[format];
    if (peakRssMb >= MOST_MB) throw new Error(`a ${format} table took ${peakRssMb} MB, more than ${MOST_MB}`);
  }
  return found;
}

const CASES = {
  kills: () => kills({ hours }),
  memory: () => memory({ hours, mostMb: MOST_MB }),
  broken: () => brokenFiles({ hours: Math.max(2, hours / 10) }),
  readers,
  points,
  datasets: () => largeDatasets(),
  tables,
};

const started = performance.now();
const results = {};
for (const [name, run] of Object.entries(CASES)) {
  if (only !== undefined && !only.includes(name)) continue;
  const start = performance.now();
  process.stdout.write(`== ${name}\n`);
  try {
    results[name] = { passed: true, ...(await run()) };
  } catch (error) {
    results[name] = { passed: false, reason: error instanceof Error ? error.message : String(error) };
  }
  results[name].sec = Math.round((performance.now() - start) / 1000);
  process.stdout.write(`${JSON.stringify(results[name])}\n`);
}
const failed = Object.values(results).filter(({ passed }) => !passed).length;
saveResult('bulk', 'bulk', (performance.now() - started) / 1000, { hours, ...results });
process.stdout.write(`${Object.keys(results).length - failed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || Object.keys(results).length === 0 ? 1 : 0;
