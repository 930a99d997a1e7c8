import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatasetError, mustBe, ParameterError, PoolError } from '../errors.js';
import { loadAddon } from '../native/index.js';
import { createPool, workerUrl } from '../pool/index.js';
import { canonicalJson, featureHash, type Spec } from '../spec/index.js';
import type { LongWork } from '../types.js';
import { writeAtomic } from './atomic-file.js';
import { listCorpus } from './corpus.js';
import { estimate } from './estimate.js';
import { ExtractProgress } from './extract-progress.js';
import type { RecordingNote, ShardResult, ShardTask } from './extract-task.js';
import { type LabelRule, labelOf } from './labels.js';
import { type Manifest, manifestShard, writeManifest } from './manifest.js';
import type { Corpus, ListedCorpus, RecordingError } from './recording.js';
import { claimFolder, clearLeftovers, finishedShard, writeReceipt } from './resume.js';
import { type PlannedShard, planShards, SHARD_BYTES } from './shard-plan.js';

export interface ExtractOptions extends LongWork {
  readonly spec: Spec;
  /** Folder for the shards, their manifest and `errors.jsonl`; made if need be. */
  readonly out: string;
  /** Where labels come from; without it, a manifest's `label` column. */
  readonly labels?: LabelRule | undefined;
  /** Threads; default: the cores this process may use. Shards have the same bytes for any number. */
  readonly workers?: number | undefined;
  /** Default true: shards that are finished and whole are kept. False makes all of them again. */
  readonly resume?: boolean | undefined;
  /** The first unreadable recording ends the run. Default false: it goes to `errors.jsonl`. */
  readonly strict?: boolean | undefined;
  /** More unreadable recordings than this end the run. Default: any number may be. */
  readonly maxErrors?: number | undefined;
  /** Only the first so many recordings. */
  readonly limit?: number | undefined;
  /** Says what would be read and written, from the headers, and writes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Bytes of audio per shard; default 64 MiB. */
  readonly shardBytes?: number | undefined;
}

export interface ExtractReport {
  /** The folder, absolute. */
  readonly out: string;
  readonly specHash: string;
  readonly featureHash: string;
  readonly dryRun: boolean;
  /** Recordings with features. */
  readonly recordings: number;
  readonly frames: number;
  readonly audioSec: number;
  /** Of all shards; in a dry run, of the features. */
  readonly bytes: number;
  readonly shards: { readonly total: number; readonly reused: number };
  /** The lines of `errors.jsonl`. */
  readonly errors: readonly RecordingError[];
  readonly elapsedSec: number;
  /** Seconds of audio computed by this run per second. */
  readonly timesRealTime: number;
}

const ERRORS_FILE = 'errors.jsonl';

/**
 * Computes the features of a corpus in parallel into a folder of Arrow shards.
 *
 * A spec's leading decimation is folded into the hop, so only frames that are used get computed. Stopped at any point,
 * the same call goes on where it was.
 *
 * @param corpus a folder, a glob, a CSV manifest with a column `path`, one recording, or a list of recordings
 * @throws ParameterError `ERR_CORPUS`, `ERR_LABELS`, `ERR_CSV_WIDTH`, `ERR_OPTION`
 * @throws DatasetError `ERR_RESUME` when `out` holds features of another spec, `ERR_TOO_MANY_ERRORS`
 * @throws PoolError `ERR_TASK_ABORTED`, `ERR_WORKER_DIED`
 * @example const report = await extract('data/fan', { spec, out: 'features/fan', labels: 'parent-folder' })
 */
export async function extract(corpus: Corpus, o: ExtractOptions): Promise<ExtractReport> {
  checkOptions(o);
  const listed = limited(await listCorpus(corpus), o.limit);
  const job = await plan(listed, o);
  if (o.dryRun) return dryReport(job, listed);
  await claimFolder(job.out, job.featureHash);
  await clearLeftovers(job.out, job.shards);
  await writeManifest(
    job.out,
    manifestOf(job, false, () => undefined),
  );
  const run = new Run(job, o, listed.recordings.length);
  try {
    await run.all();
  } finally {
    await writeErrors(job.out, run.errors());
  }
  await writeManifest(
    job.out,
    manifestOf(job, true, (shard) => run.results.get(shard.file)),
  );
  return run.report();
}

interface Job {
  readonly out: string;
  readonly root: string;
  readonly spec: Spec;
  readonly featureHash: string;
  readonly version: string;
  readonly shards: readonly PlannedShard[];
}

async function plan({ root, recordings }: ListedCorpus, o: ExtractOptions): Promise<Job> {
  const { numericVersion, version } = loadAddon();
  const hash = featureHash(o.spec, { numericVersion, device: 'cpu' });
  const inputs = [];
  for (const recording of recordings) {
    throwIfAborted(o.signal);
    const { columns: _, ...rest } = recording;
    inputs.push({ ...rest, ...(await labelOf(recording, o.labels, root)) });
  }
  const shards = planShards(inputs, hash, o.shardBytes ?? SHARD_BYTES);
  return { out: resolve(o.out), root, spec: o.spec, featureHash: hash, version, shards };
}

/** One pass over the shards of a job. */
class Run {
  readonly results = new Map<string, ShardResult>();
  readonly #job: Job;
  readonly #options: ExtractOptions;
  readonly #progress: ExtractProgress;
  readonly #stop = new AbortController();
  #reused = 0;

  constructor(job: Job, o: ExtractOptions, total: number) {
    this.#job = job;
    this.#options = o;
    this.#progress = new ExtractProgress(total, o.onProgress);
  }

  async all(): Promise<void> {
    const todo = await this.#unfinished();
    if (todo.length === 0) return;
    const { workers, signal } = this.#options;
    const pool = createPool<ShardTask, ShardResult, RecordingNote>({
      worker: workerUrl('./extract.worker.js', import.meta.url),
      workers,
      signal: signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal,
    });
    const tasks = new Map(todo.map((shard) => [this.#taskOf(shard), shard]));
    try {
      await pool.each(
        tasks.keys(),
        async (result, task) => {
          const shard = tasks.get(task)!;
          await writeReceipt(this.#job.out, shard, result);
          this.results.set(shard.file, result);
        },
        { onNote: (note) => this.#note(note) },
      );
    } catch (error) {
      throw this.#tooManyErrors() ?? error;
    } finally {
      await pool.close();
    }
    // Notes may come after the last result; results do not.
    const tooMany = this.#tooManyErrors();
    if (tooMany) throw tooMany;
  }

  async #unfinished(): Promise<PlannedShard[]> {
    const todo: PlannedShard[] = [];
    for (const shard of this.#job.shards) {
      throwIfAborted(this.#options.signal);
      const result = this.#options.resume === false ? null : await finishedShard(this.#job.out, shard);
      if (result === null) {
        todo.push(shard);
        continue;
      }
      this.results.set(shard.file, result);
      this.#reused += 1;
      this.#progress.skip(shard.inputs.length, result.errors.length);
    }
    return todo;
  }

  #taskOf(shard: PlannedShard): ShardTask {
    const { out, root, spec, featureHash } = this.#job;
    return {
      path: join(out, shard.file),
      root,
      spec: canonicalJson(spec.toJSON()),
      featureHash,
      inputs: shard.inputs,
      strict: this.#options.strict ?? false,
    };
  }

  #note(note: RecordingNote): void {
    this.#progress.note(note);
    if (this.#progress.failed > (this.#options.maxErrors ?? Number.POSITIVE_INFINITY)) this.#stop.abort();
  }

  #tooManyErrors(): DatasetError | null {
    const { maxErrors = Number.POSITIVE_INFINITY } = this.#options;
    const failed = Math.max(this.#progress.failed, this.errors().length);
    if (failed <= maxErrors) return null;
    const last = this.#progress.lastError ?? this.errors().at(-1);
    const message = `${mustBe('unreadable recordings', `at most ${maxErrors}`, failed)}; the last: ${last?.message}`;
    return new DatasetError('ERR_TOO_MANY_ERRORS', message, { maxErrors, failed, last });
  }

  /** In the order of the corpus, whatever order the shards were finished in. */
  errors(): RecordingError[] {
    return this.#job.shards.flatMap((shard) => this.results.get(shard.file)?.errors ?? []);
  }

  report(): ExtractReport {
    const results = [...this.results.values()];
    const sum = (of: (result: ShardResult) => number) => results.reduce((total, result) => total + of(result), 0);
    const { elapsedSec, audioSec } = this.#progress;
    return {
      out: this.#job.out,
      specHash: this.#job.spec.hash,
      featureHash: this.#job.featureHash,
      dryRun: false,
      recordings: sum((result) => result.items),
      frames: sum((result) => result.frames),
      audioSec: sum((result) => result.audioSec),
      bytes: sum((result) => result.bytes),
      shards: { total: results.length, reused: this.#reused },
      errors: this.errors(),
      elapsedSec,
      timesRealTime: audioSec / elapsedSec,
    };
  }
}

function dryReport(job: Job, { root, recordings }: ListedCorpus): ExtractReport {
  const { out, spec, featureHash, shards } = job;
  return {
    ...estimate(recordings, root, spec),
    out,
    specHash: spec.hash,
    featureHash,
    dryRun: true,
    shards: { total: shards.length, reused: 0 },
    elapsedSec: 0,
    timesRealTime: 0,
  };
}

function manifestOf(job: Job, complete: boolean, result: (shard: PlannedShard) => ShardResult | undefined): Manifest {
  const { version, spec, featureHash, root, shards } = job;
  return {
    cochlea: 1,
    version,
    spec: spec.toJSON(),
    specHash: spec.hash,
    featureHash,
    root,
    complete,
    shards: shards.map((shard) => manifestShard(shard, result(shard))),
  };
}

/** One JSON line for each recording without features; no file where there is none. */
async function writeErrors(out: string, errors: readonly RecordingError[]): Promise<void> {
  const path = join(out, ERRORS_FILE);
  if (errors.length === 0) return rm(path, { force: true });
  await writeAtomic(path, errors.map((error) => `${JSON.stringify(error)}\n`).join(''));
}

function limited(listed: ListedCorpus, limit = Number.POSITIVE_INFINITY): ListedCorpus {
  return { ...listed, recordings: listed.recordings.slice(0, limit) };
}

function checkOptions(o: ExtractOptions): void {
  const count = (name: 'limit' | 'maxErrors' | 'shardBytes', least: number): void => {
    const value = o[name];
    if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
    throw new ParameterError('ERR_OPTION', mustBe(name, `a whole number from ${least}`, value));
  };
  count('limit', 1);
  count('maxErrors', 0);
  count('shardBytes', 1);
  throwIfAborted(o.signal);
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new PoolError('ERR_TASK_ABORTED', 'extract must not be aborted, got an abort signal');
}
