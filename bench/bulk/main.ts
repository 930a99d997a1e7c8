/** `npm run bench:bulk`: extraction of whole corpora, in turns with its limits and its peers. Started by bench/run.mjs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Absent,
  allowedProcessors,
  type BenchReport,
  commitOf,
  machine,
  pinToProcessors,
  readReport,
  reportMarkdown,
  reportTable,
  saveReport,
  valuesOf,
} from '../../src/bench/index.js';
import { loadAddon } from '../../src/native/index.js';
import { type CaseResult, isInMemory, type Place, runCase } from './cases.js';
import { BULK_IDS, type BulkId, type BulkOptions, bulkOptions, HELP } from './options.js';

const args = process.argv.slice(2);
if (args.includes('--help')) process.stdout.write(HELP);
else await main(args);

async function main(given: readonly string[]): Promise<void> {
  try {
    const options = bulkOptions(given);
    await run(options);
  } catch (error) {
    if (!(error instanceof RangeError || (error instanceof TypeError && 'code' in error))) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 2;
  }
}

async function run(options: BulkOptions): Promise<void> {
  const earlier = options.compare === null ? undefined : valuesOf(readReport(options.compare));
  const report = options.from === null ? await measure(options) : readReport(options.from);
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else process.stdout.write(`${options.markdown ? reportMarkdown(report) : reportTable(report, earlier)}\n`);
  if (options.save && options.from === null) process.stderr.write(`saved ${saveReport('bench/results', report)}\n`);
}

/** Two processors, however many there are: the goals are for two. */
function bindToTwo(): void {
  const allowed = allowedProcessors();
  if (allowed.length < 2) throw new RangeError(`processors must be two or more, got ${allowed.length}`);
  if (allowed.length > 2) pinToProcessors(allowed.slice(-2));
}

async function measure(options: BulkOptions): Promise<BenchReport> {
  const started = performance.now();
  if (!isInMemory(options.ram)) throw new RangeError(`--ram must be a folder of a tmpfs, got ${options.ram}`);
  bindToTwo();
  const place: Place = {
    folder: mkdtempSync(join(tmpdir(), 'cochlea-bulk-')),
    ram: mkdtempSync(join(options.ram, 'cochlea-bulk-')),
    disk: mkdtempSync(join(options.disk, 'cochlea-bulk-disk-')),
  };
  try {
    const results = await runCases(options, place);
    return { ...about(options), durationSec: (performance.now() - started) / 1e3, ...results };
  } finally {
    for (const each of Object.values(place)) rmSync(each, { recursive: true, force: true });
  }
}

async function runCases(
  options: BulkOptions,
  place: Place,
): Promise<Pick<BenchReport, 'contests' | 'versions' | 'absent'>> {
  const ids = options.only.length > 0 ? options.only : BULK_IDS;
  const done: CaseResult[] = [];
  const skipped: Absent[] = [];
  for (const id of ids) {
    const lack = lackOf(id, options);
    if (lack !== null) {
      skipped.push({ name: id, reason: lack });
      continue;
    }
    process.stderr.write(`bench: ${id} …\n`);
    done.push(await runCase(id, options, place));
  }
  return {
    contests: done.map(({ result }) => ({
      ...result,
      results: [...result.results],
      goals: [...result.goals],
      absent: [...result.absent],
    })),
    versions: Object.assign({}, ...done.map(({ versions }) => versions)),
    absent: distinct([...done.flatMap(({ absent }) => absent), ...skipped]),
  };
}

function lackOf(id: BulkId, { disk }: BulkOptions): string | null {
  return id === 'disk' && isInMemory(disk) ? `${disk} is in memory: name a folder on a disk by --disk` : null;
}

/** Several cases miss the same peers. */
function distinct(absent: readonly Absent[]): Absent[] {
  return absent.filter((each, i) => absent.findIndex(({ name }) => name === each.name) === i);
}

function about({ hours, quick }: BulkOptions): Omit<BenchReport, 'durationSec' | 'contests' | 'versions' | 'absent'> {
  const addon = loadAddon();
  return {
    schema: 1,
    suite: 'bulk',
    commit: commitOf(process.cwd()),
    date: new Date().toISOString(),
    machine: machine(),
    processor: null,
    clock: 'wall',
    audioSec: hours * 3600,
    quick,
    engine: { kernels: addon.kernels().selected, version: addon.version, numericVersion: addon.numericVersion },
  };
}
