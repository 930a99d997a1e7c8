/** A corpus of so many hours made from real recordings, by several processes; the same bytes for the same plan. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { breakSome } from './broken.js';
import { type CorpusPlan, clipLengths } from './clips.js';
import { transcode } from './plain.js';
import { prepareRecordings } from './recordings.js';
import type { PartOfCorpus } from './write-part.js';

export interface CorpusOptions extends CorpusPlan {
  readonly folder: string;
  /** Where joined recordings are kept. */
  readonly cache: string;
  /** Part of the files to break; 0 for none. */
  readonly broken: number;
  readonly workers?: number;
}

export interface MadeCorpus {
  readonly folder: string;
  /** Absolute, in the order of their names. Broken ones too. */
  readonly files: readonly string[];
  readonly audioSec: number;
}

const PART = fileURLToPath(new URL('part.mjs', import.meta.url));

/**
 * Makes the corpus in `folder`, unless it is there. `<folder>.json` tells what it was made from and is written last;
 * `<folder>.broken.jsonl` lists what was broken, a line for each file.
 */
export async function makeCorpus(o: CorpusOptions): Promise<MadeCorpus> {
  const stem = await prepareRecordings(o.cache);
  const { hours, format, clipSec, long, seed, broken } = o;
  const plan: CorpusPlan = { hours, format, clipSec, long, seed };
  const folder = resolve(o.folder);
  const from = JSON.stringify({
    version: 1,
    ...plan,
    broken,
    recordings: JSON.parse(readFileSync(`${stem}.json`, 'utf8')).from,
  });
  if (!(existsSync(`${folder}.json`) && readFileSync(`${folder}.json`, 'utf8') === `${from}\n`)) {
    for (const made of [`${folder}.json`, `${folder}.broken.jsonl`, folder])
      rmSync(made, { recursive: true, force: true });
    await writeCorpus(folder, plan, stem, o.workers ?? availableParallelism());
    if (broken > 0) listBroken(folder, breakSome(folder, namesIn(folder), broken, seed));
    writeFileSync(`${folder}.json`, `${from}\n`);
  }
  const files = namesIn(folder).map((name) => join(folder, name));
  return { folder, files, audioSec: clipLengths(plan).reduce((sum, sec) => sum + sec, 0) };
}

/** Everything below a corpus's folders of labels, directories with a recording's name too. */
export function namesIn(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((label) => readdirSync(join(folder, label)).map((name) => `${label}/${name}`))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function listBroken(folder: string, broken: ReturnType<typeof breakSome>): void {
  writeFileSync(`${folder}.broken.jsonl`, broken.map((each) => `${JSON.stringify(each)}\n`).join(''));
}

async function writeCorpus(folder: string, plan: CorpusPlan, stem: string, workers: number): Promise<void> {
  process.stderr.write(`bench: making ${plan.hours} h of ${plan.format} in ${relative(process.cwd(), folder)} …\n`);
  const raw = plan.format === 'mp3' ? `${folder}.wav-part` : folder;
  rmSync(raw, { recursive: true, force: true });
  mkdirSync(raw, { recursive: true });
  const parts = Array.from({ length: workers }, (_, index) =>
    inProcess({ folder: raw, plan, stem, index, of: workers }),
  );
  await Promise.all(parts);
  if (raw === folder) return;
  await transcode(namesIn(raw).map((name) => [join(raw, name), join(folder, name.replace(/\.wav$/, '.mp3'))]));
  rmSync(raw, { recursive: true });
}

async function inProcess(part: PartOfCorpus): Promise<void> {
  const child = spawn(process.execPath, [PART, JSON.stringify(part)], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`${dirname(PART)}: a part of the corpus ended with exit code ${status}`);
}
