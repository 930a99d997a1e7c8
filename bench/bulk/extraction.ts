/** `cochlea extract` as users run it: the built command line in a process of its own, start and end included. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { tableFromIPC } from 'apache-arrow';
import { z } from 'zod';
import type { Contestant } from '../../src/bench/index.js';
import { ProcessTree, type TreeUse } from './process-tree.js';

const MAIN = join(process.cwd(), 'dist', 'cli', 'main.js');
const REPORT = z.object({ recordings: z.number(), audioSec: z.number(), errors: z.array(z.unknown()) });

export interface Extraction {
  /** Folder of the corpus. */
  readonly corpus: string;
  /** A spec as JSON. */
  readonly specPath: string;
  /** In which each run makes a folder of its own. */
  readonly out: string;
  readonly workers: number;
  /** Recordings that must come out, none of them with an error. */
  readonly recordings: number;
  /** Only the first `recordings` of the corpus. */
  readonly limited?: boolean;
}

export interface Extracted extends TreeUse {
  /** Folder of the shards; whoever ran it removes it. */
  readonly out: string;
  readonly wallSec: number;
}

/** @throws Error where the command fails, or does not have all recordings */
export async function runExtraction(e: Extraction): Promise<Extracted> {
  const out = mkdtempSync(join(e.out, 'extract-'));
  const limit = e.limited ? ['--limit', String(e.recordings)] : [];
  const args = [MAIN, 'extract', e.corpus, '-o', join(out, 'features'), '--spec', e.specPath, '--quiet', '--json'];
  const start = performance.now();
  const child = spawn(process.execPath, [...args, '--workers', String(e.workers), ...limit], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tree = new ProcessTree(child.pid!);
  const [said, wrong, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const wallSec = (performance.now() - start) / 1e3;
  const use = tree.stop();
  if (status !== 0) throw new Error(`cochlea extract ended with exit code ${status}: ${wrong.trim() || said.trim()}`);
  const { recordings } = REPORT.parse(JSON.parse(said));
  if (recordings !== e.recordings) throw new Error(`cochlea extract has ${recordings} recordings, of ${e.recordings}`);
  return { out, wallSec, ...use };
}

/** A contestant whose rounds are one run each. `onRun` hears of every timed one. */
export function extractionContestant(
  name: string,
  audioSec: number,
  extraction: Extraction,
  first: string,
  onRun: (run: Extracted) => void = () => {},
): Contestant {
  const removed = async <T>(read: (run: Extracted) => T): Promise<T> => {
    const run = await runExtraction(extraction);
    try {
      return read(run);
    } finally {
      rmSync(run.out, { recursive: true });
    }
  };
  return {
    name,
    work: audioSec,
    result: () => removed(({ out }) => featuresOf(out, first)),
    round: () =>
      removed((run) => {
        onRun(run);
        return { samples: [run.wallSec], wallSec: run.wallSec, cpuSec: run.cpuSec };
      }),
  };
}

/** Frames of one recording, frame by frame, read with apache-arrow alone. */
export function featuresOf(out: string, path: string): Float32Array {
  for (const shard of filesBelow(out).filter((file) => extname(file) === '.arrow')) {
    const table = tableFromIPC(readFileSync(shard));
    const row = Array.from(table.getChild('path') ?? []).indexOf(path);
    if (row < 0) continue;
    const values: unknown = table.getChild('features')?.get(row)?.getChildAt(0)?.toArray();
    if (values instanceof Float32Array) return values.slice();
  }
  throw new Error(`${out} has no features of ${path}`);
}

/** Sizes of all files that hold features: neither what describes them nor the list of errors. */
export function shardSizes(out: string): number[] {
  return filesBelow(out)
    .filter((file) => !['.json', '.jsonl'].includes(extname(file)))
    .map((file) => statSync(file).size)
    .filter((size) => size > 0);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
