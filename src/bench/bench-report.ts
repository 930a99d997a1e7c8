import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Timing } from './contest.js';

/** Times with what is needed to compare them with others. */
export interface BenchReport {
  readonly suite: string;
  /** Short hash, with `+` where the tree had changes. */
  readonly commit: string;
  readonly cpu: string;
  readonly date: string;
  readonly node: string;
  /** What else decided the figures, e.g. `{ kernels: 'scalar' }`. */
  readonly engine: Readonly<Record<string, string | number>>;
  readonly results: readonly Timing[];
}

export function benchReport(suite: string, engine: BenchReport['engine'], results: readonly Timing[]): BenchReport {
  return {
    suite,
    commit: commitOf(process.cwd()),
    cpu: cpus()[0]?.model ?? 'unknown',
    date: new Date().toISOString(),
    node: process.version,
    engine,
    results,
  };
}

function commitOf(folder: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    // A tarball has no repository; the report then says so.
    return 'unknown';
  }
}

/** A table for people. */
export function benchTable(results: readonly Timing[]): string {
  const head = ['workload', 'contestant', 'median ms', 'p10', 'p90', '× real time', 'ratio'];
  const rows = results.map((r) => [
    r.workload,
    r.contestant,
    r.medianMs.toFixed(2),
    r.p10Ms.toFixed(2),
    r.p90Ms.toFixed(2),
    Math.round(r.timesRealTime).toLocaleString('en'),
    r.ratio.toFixed(1),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return [head, ...rows].map(line).join('\n');
}

/** Writes `<folder>/<suite>-<date>.json` and returns its path. */
export function saveReport(folder: string, report: BenchReport): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${report.suite}-${report.date.slice(0, 19).replace(/[:T]/g, '-')}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}
