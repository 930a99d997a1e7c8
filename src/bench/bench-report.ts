import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ABSENT = z.object({ name: z.string(), reason: z.string() });

const RESULT = z.object({
  contestant: z.string(),
  /** Seconds per run. */
  medianSec: z.number().positive(),
  p10Sec: z.number().positive(),
  p90Sec: z.number().positive(),
  samples: z.number().int().positive(),
  rounds: z.number().int().positive(),
  quietRounds: z.number().int().nonnegative(),
  value: z.number().positive(),
  ratio: z.number().positive(),
  ofLimit: z.number().positive().nullable(),
});

const GOAL = z.object({
  what: z.string(),
  unit: z.string(),
  value: z.number().nullable(),
  wanted: z.string(),
  met: z.boolean().nullable(),
});

const CONTEST = z.object({
  id: z.string(),
  title: z.string(),
  unit: z.string(),
  baseline: z.string(),
  limit: z.object({ value: z.number().positive(), what: z.string() }).nullable(),
  results: z.array(RESULT).min(1),
  goals: z.array(GOAL),
  absent: z.array(ABSENT),
});

/** A run of a suite with all that is needed to compare it with others: what `--json` prints and `--save` writes. */
export const BENCH_REPORT = z.object({
  schema: z.literal(1),
  suite: z.string(),
  /** Short hash, with `+` where the tree had changes. */
  commit: z.string(),
  date: z.iso.datetime(),
  durationSec: z.number().nonnegative(),
  machine: z.object({
    cpu: z.string(),
    cores: z.number().int().positive(),
    memoryGiB: z.number().positive(),
    platform: z.string(),
    node: z.string(),
  }),
  /** null: not bound to one. */
  processor: z.number().int().nonnegative().nullable(),
  clock: z.enum(['wall', 'cpu']),
  /** Seconds of audio in the long workloads; null in a suite without any. */
  audioSec: z.number().positive().nullable(),
  quick: z.boolean(),
  engine: z.object({ kernels: z.string(), version: z.string(), numericVersion: z.number() }),
  /** Of every peer that took part. */
  versions: z.record(z.string(), z.string()),
  contests: z.array(CONTEST),
  absent: z.array(ABSENT),
});

export type BenchReport = z.infer<typeof BENCH_REPORT>;

/** @throws where the file is no report of this version, with what is wrong */
export function readReport(path: string): BenchReport {
  return BENCH_REPORT.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** Writes `<folder>/<suite>-<date>.json` and returns its path. */
export function saveReport(folder: string, report: BenchReport): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${report.suite}-${report.date.slice(0, 19).replace(/[:T]/g, '-')}.json`);
  writeFileSync(path, `${JSON.stringify(BENCH_REPORT.parse(report), null, 2)}\n`);
  return path;
}
