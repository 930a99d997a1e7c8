/**
 * The benches: checks every contestant's result, times all of them in turns on one processor, prints the table.
 * Started by bench/run.mjs, which builds what is needed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  allowedProcessors,
  type BenchReport,
  type Contest,
  type ContestResult,
  commitOf,
  machine,
  type PeerProcess,
  pinToProcessor,
  readReport,
  reportMarkdown,
  reportTable,
  runContest,
  saveReport,
  valuesOf,
} from '../src/bench/index.js';
import { loadAddon } from '../src/native/index.js';
import type { Case } from './cases/case.js';
import { type Roofline, rooflineOf } from './limits.js';
import { type BenchOptions, benchOptions, HELP } from './options.js';
import { startPeers } from './peers.js';
import { suiteParts } from './suites.js';

/** What the Python suite takes from the C++ process: its scale. The rest is the business of `dsp`. */
const CPP_BESIDE_PYTHON = /^(multiply-add|copy|read|cochlea C\+\+$|FFTW|kaldi)/;

/** A case with the contestants that other processes have for it. */
function contestOf(each: Case, processes: readonly PeerProcess[], roofline: Roofline, suite: string): Contest {
  const { key, limit, goals, skip: _skip, ...contest } = each;
  const peers = processes
    .flatMap((process) => process.contestants)
    .filter((peer) => peer.case === key)
    .filter((peer) => suite !== 'peers' || CPP_BESIDE_PYTHON.test(peer.name) || !isCpp(peer.name, processes));
  return {
    ...contest,
    contestants: [...contest.contestants, ...peers],
    absent: [],
    goals: goals(roofline),
    ...(limit === undefined ? {} : { limit: limit(roofline) }),
  };
}

function isCpp(name: string, processes: readonly PeerProcess[]): boolean {
  return processes.some((each) => each.name === 'C++' && each.contestants.some((peer) => peer.name === name));
}

/** The machine's own contests, which check themselves. */
function rooflineContest(title: string, unit: string, key: string, processes: readonly PeerProcess[]): Contest {
  const contestants = processes.flatMap((each) => each.contestants).filter((peer) => peer.case === key);
  return { id: 'roofline', title, unit, contestants, absent: [], baselines: [], goals: [] };
}

async function measure(options: BenchOptions): Promise<BenchReport> {
  const started = performance.now();
  const allowed = allowedProcessors();
  const processor = pinToProcessor(options.processor);
  const folder = mkdtempSync(join(tmpdir(), 'cochlea-bench-'));
  const { cases, peers, absent: neverHere } = suiteParts(options, { folder, processor, allowed });
  const { processes, versions, absent } = await startPeers(peers);
  try {
    const contests = await runAll(options, cases, processes);
    const skipped = cases.flatMap((each) => (each.skip === undefined ? [] : [{ name: each.title, reason: each.skip }]));
    const addon = loadAddon();
    return {
      schema: 1,
      suite: options.suite,
      commit: commitOf(process.cwd()),
      date: new Date().toISOString(),
      durationSec: (performance.now() - started) / 1e3,
      machine: machine(),
      processor,
      clock: options.clock,
      audioSec: options.audioSec,
      quick: options.quick,
      engine: {
        kernels: addon.kernels().selected,
        version: addon.version,
        numericVersion: addon.numericVersion,
      },
      versions,
      contests: contests.map((each) => ({
        ...each,
        results: [...each.results],
        goals: [...each.goals],
        absent: [...each.absent],
      })),
      absent: [...neverHere, ...absent, ...skipped],
    };
  } finally {
    await Promise.all(processes.map((each) => each.close()));
    rmSync(folder, { recursive: true });
  }
}

async function runAll(options: BenchOptions, cases: readonly Case[], processes: readonly PeerProcess[]) {
  const fma = await runOne(rooflineContest('roofline: arithmetic', 'GFLOP/s', 'roofline FMA', processes), options);
  const memory = await runOne(rooflineContest('roofline: memory', 'GB/s', 'roofline memory', processes), options);
  const roofline = rooflineOf(fma, memory, loadAddon().kernels().selected);
  const results: ContestResult[] = [fma, memory];
  for (const each of cases) {
    if (each.skip !== undefined) continue;
    results.push(await runOne(contestOf(each, processes, roofline, options.suite), options));
  }
  return results;
}

/** Tells how far the run is on stderr: a whole run takes minutes. */
async function runOne(contest: Contest, options: BenchOptions): Promise<ContestResult> {
  process.stderr.write(`bench: ${contest.title} …\n`);
  return runContest(contest, options);
}

async function run(options: BenchOptions): Promise<void> {
  const earlier = options.compare === null ? undefined : valuesOf(readReport(options.compare));
  const report = options.from === null ? await measure(options) : readReport(options.from);
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else process.stdout.write(`${options.markdown ? reportMarkdown(report) : reportTable(report, earlier)}\n`);
  if (options.save && options.from === null) process.stderr.write(`saved ${saveReport('bench/results', report)}\n`);
}

const options = optionsOrExit(process.argv.slice(2));
if (options !== null) await run(options);

function optionsOrExit(args: readonly string[]): BenchOptions | null {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return null;
  }
  try {
    return benchOptions(args);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 2;
    return null;
  }
}
