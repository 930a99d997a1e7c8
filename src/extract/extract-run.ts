import { join } from 'node:path';
import type { RecordingError } from '../corpus/index.js';
import { DatasetError, mustBe, PoolError } from '../errors.js';
import { createPool, workerUrl } from '../pool/index.js';
import type { ShardResult } from '../shards/index.js';
import { canonicalJson, type Spec } from '../spec/index.js';
import type { ExtractOptions, ExtractReport } from './extract-options.js';
import { ExtractProgress } from './extract-progress.js';
import type { RecordingNote, ShardTask } from './extract-task.js';
import { finishedShard, writeReceipt } from './resume.js';
import type { PlannedShard } from './shard-plan.js';

/** What is to be done, whoever does it. */
export interface ExtractJob {
  readonly out: string;
  readonly root: string;
  readonly spec: Spec;
  readonly featureHash: string;
  readonly version: string;
  readonly shards: readonly PlannedShard[];
}

/** One pass over the shards of a job. */
export class ExtractRun {
  readonly results = new Map<string, ShardResult>();
  readonly #job: ExtractJob;
  readonly #options: ExtractOptions;
  readonly #progress: ExtractProgress;
  readonly #stop = new AbortController();
  #reused = 0;
  #reusedSec = 0;

  constructor(job: ExtractJob, o: ExtractOptions, total: number) {
    this.#job = job;
    this.#options = o;
    this.#progress = new ExtractProgress(total, o.onProgress);
  }

  async all(): Promise<void> {
    const todo = await this.#unfinished();
    if (todo.length > 0) await this.#compute(todo);
    const { audioSec, errors } = this.report();
    this.#progress.end(audioSec - this.#reusedSec, errors.length);
    const tooMany = this.#tooManyErrors();
    if (tooMany) throw tooMany;
  }

  async #compute(todo: readonly PlannedShard[]): Promise<void> {
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
  }

  async #unfinished(): Promise<PlannedShard[]> {
    const todo: PlannedShard[] = [];
    for (const shard of this.#job.shards) {
      throwIfAborted(this.#options.signal);
      const result = await this.#earlier(shard);
      if (result === null) {
        todo.push(shard);
        continue;
      }
      this.results.set(shard.file, result);
      this.#reused += 1;
      this.#reusedSec += result.audioSec;
      this.#progress.skip(shard.inputs.length, result.errors.length);
    }
    return todo;
  }

  /** What an earlier run made of a shard, where that counts. */
  async #earlier(shard: PlannedShard): Promise<ShardResult | null> {
    const { resume = true, strict = false } = this.#options;
    const result = resume ? await finishedShard(this.#job.out, shard) : null;
    // A strict run says what is wrong with the first recording that fails, so it has to fail again.
    return strict && result !== null && result.errors.length > 0 ? null : result;
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
    return tooManyErrors(maxErrors, failed, this.#progress.lastError ?? this.errors().at(-1));
  }

  /** In the order of the corpus, whatever order the shards were finished in. */
  errors(): RecordingError[] {
    return this.#job.shards.flatMap((shard) => this.results.get(shard.file)?.errors ?? []);
  }

  report(): ExtractReport {
    // In the order of the plan, so that sums of seconds come out the same every time.
    const results = this.#job.shards.flatMap((shard) => this.results.get(shard.file) ?? []);
    const sum = (of: (result: ShardResult) => number) => results.reduce((total, result) => total + of(result), 0);
    const { elapsedSec } = this.#progress;
    const audioSec = sum((result) => result.audioSec);
    return {
      out: this.#job.out,
      specHash: this.#job.spec.hash,
      featureHash: this.#job.featureHash,
      dryRun: false,
      recordings: sum((result) => result.items),
      frames: sum((result) => result.frames),
      audioSec,
      bytes: sum((result) => result.bytes),
      shards: { total: results.length, reused: this.#reused },
      errors: this.errors(),
      elapsedSec,
      timesRealTime: (audioSec - this.#reusedSec) / elapsedSec,
    };
  }
}

export function tooManyErrors(maxErrors: number, failed: number, last: RecordingError | undefined): DatasetError {
  const message = `${mustBe('unreadable recordings', `at most ${maxErrors}`, failed)}; the last: ${last?.message}`;
  return new DatasetError('ERR_TOO_MANY_ERRORS', message, { maxErrors, failed, last });
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new PoolError('ERR_TASK_ABORTED', 'extract must not be aborted, got an abort signal');
}
