/** One pass over the shards of a plan, in the process that has the workers. */
import { dirname } from 'node:path';
import type { RecordingError } from '../corpus/index.js';
import { DatasetError, mustBe } from '../errors.js';
import type { WorkerPool } from '../pool/index.js';
import { publishFiles, type ShardResult } from '../shards/index.js';
import { canonicalJson } from '../spec/index.js';
import { type Counts, createCounters, sumCounters } from './counters.js';
import type { FramesReady, MadeShard, RangeTask, RunFacts, ShardTask } from './extract-task.js';
import { computeInRanges } from './in-ranges.js';
import type { InFlight } from './journal.js';
import { openPlan, type Plan } from './plan-file.js';
import { finishedShard, writeReceipt } from './receipts.js';
import type { PlannedShard } from './shard-plan.js';

/** What the process is asked to do: plain data, since it crosses from one process to another. */
export interface RunOrder {
  readonly plan: string;
  /** Of an array job, or all. */
  readonly part: number | null;
  /** Shards that are begun first, since they take longest. */
  readonly ahead: readonly number[];
  readonly resume: boolean;
  readonly strict: boolean;
  readonly maxErrors: number | null;
  readonly timeoutSec: number | null;
  /** Where workers say what they have in hand. */
  readonly journal: string;
  readonly quarantined: readonly Quarantined[];
  /** Compute this one recording and write nothing. */
  readonly trial: InFlight | null;
}

/** A recording that brought the process down, and how. */
export interface Quarantined extends InFlight {
  readonly how: string;
}

/** How far it is. */
export interface RunState extends Counts {
  /** Of these recordings, shards that an earlier run had finished. */
  readonly reused: Counts;
  readonly reusedShards: number;
}

/** So that they end at about the same time. */
const RANGES_PER_WORKER = 4;

export type Workers = WorkerPool<ShardTask | RangeTask, MadeShard | null>;

const NOTHING: Counts = { recordings: 0, failed: 0, audioSec: 0, bytes: 0 };

export class ExtractRun {
  readonly #order: RunOrder;
  readonly #folder: string;
  readonly #pool: Workers;
  readonly #stop: AbortController;
  readonly #counters: SharedArrayBuffer;
  #reused = NOTHING;
  #reusedShards = 0;

  /** @param stop ends the pool's work */
  constructor(order: RunOrder, pool: Workers, stop: AbortController) {
    this.#order = order;
    this.#folder = dirname(order.plan);
    this.#pool = pool;
    this.#stop = stop;
    this.#counters = createCounters(pool.workers);
  }

  get state(): RunState {
    const counts = sumCounters(this.#counters);
    const both = (field: keyof Counts): number => counts[field] + this.#reused[field];
    return {
      recordings: both('recordings'),
      failed: both('failed'),
      audioSec: both('audioSec'),
      bytes: both('bytes'),
      reused: this.#reused,
      reusedShards: this.#reusedShards,
    };
  }

  /** Ends the run where more recordings failed than may. */
  watchErrors(): void {
    if (this.#order.maxErrors !== null && this.state.failed > this.#order.maxErrors) this.#stop.abort();
  }

  async all(): Promise<void> {
    try {
      const plan = await openPlan(this.#order.plan);
      if (this.#order.trial === null) await this.#shards(plan);
      else await this.#trial(plan, this.#order.trial);
    } catch (error) {
      throw this.#tooMany() ?? error;
    }
    const tooMany = this.#tooMany();
    if (tooMany) throw tooMany;
  }

  async #shards(plan: Plan): Promise<void> {
    const facts = this.#facts(plan);
    await this.#pool.each(this.#tasks(plan, facts), async (result, task) => {
      if (result === null || !('shard' in task)) throw new TypeError('a shard without a result');
      const files = await publishFiles(this.#folder, result.files);
      // Syncs the folder as well, so these names last before anybody goes by the receipt.
      await writeReceipt(this.#folder, task.shard, { ...result, files });
      this.#lastError = result.errors.at(-1) ?? this.#lastError;
    });
  }

  async #trial(plan: Plan, { shard: index, input }: InFlight): Promise<void> {
    const facts = this.#facts(plan);
    for await (const shard of plan.shards(null)) {
      if (shard.index === index) await this.#pool.run({ facts, shard, quarantined: new Map(), trial: input });
    }
  }

  /** Drawn as workers become free, so that only the shards in hand are in memory. */
  async *#tasks(plan: Plan, facts: RunFacts): AsyncGenerator<ShardTask> {
    const { ahead } = this.#order;
    for (const isAhead of ahead.length > 0 ? [true, false] : [false]) {
      for await (const shard of plan.shards(this.#order.part)) {
        if (ahead.includes(shard.index) !== isAhead) continue;
        const task = await this.#taskOf(shard, facts);
        if (task === null) continue;
        const ready = isAhead ? await this.#inRanges(plan, task) : null;
        yield ready === null ? task : { ...task, ready };
      }
    }
  }

  /** `null` for a shard that is finished. */
  async #taskOf(shard: PlannedShard, facts: RunFacts): Promise<ShardTask | null> {
    const earlier = await this.#earlier(shard);
    if (earlier !== null) {
      this.#skip(shard, earlier);
      return null;
    }
    const mine = this.#order.quarantined.filter((one) => one.shard === shard.index);
    return { facts, shard, quarantined: new Map(mine.map(({ input, how }) => [input, how])) };
  }

  /** The frames of a recording that would keep one worker busy while others have nothing to do, computed by all. */
  async #inRanges(plan: Plan, { facts, shard, quarantined }: ShardTask): Promise<FramesReady | null> {
    const [input] = shard.inputs;
    const { workers } = this.#pool;
    const share = plan.header.bytes / workers / RANGES_PER_WORKER;
    if (input === undefined || shard.bytes < share || workers === 1 || quarantined.size > 0) return null;
    return computeInRanges({ pool: this.#pool, facts, shard, input, count: workers * RANGES_PER_WORKER });
  }

  /** What an earlier run made of a shard, where that counts. */
  async #earlier(shard: PlannedShard): Promise<ShardResult | null> {
    const { resume, strict } = this.#order;
    const result = resume ? await finishedShard(this.#folder, shard) : null;
    // A strict run says what is wrong with the first recording that fails, so it has to fail again.
    return strict && result !== null && result.errors.length > 0 ? null : result;
  }

  #lastError: RecordingError | undefined;

  #skip({ inputs, bytes }: PlannedShard, { errors, audioSec }: ShardResult): void {
    const before = this.#reused;
    this.#reused = {
      recordings: before.recordings + inputs.length,
      failed: before.failed + errors.length,
      audioSec: before.audioSec + audioSec,
      bytes: before.bytes + bytes,
    };
    this.#reusedShards += 1;
    this.#lastError = errors.at(-1) ?? this.#lastError;
    this.watchErrors();
  }

  #facts({ header }: Plan): RunFacts {
    const { strict, timeoutSec, journal } = this.#order;
    return {
      run: process.pid,
      folder: this.#folder,
      root: header.root,
      spec: canonicalJson(header.spec),
      featureHash: header.featureHash,
      format: header.format,
      compression: header.compression,
      strict,
      timeoutSec,
      counters: this.#counters,
      journal,
    };
  }

  #tooMany(): DatasetError | null {
    const { maxErrors } = this.#order;
    const { failed } = this.state;
    if (maxErrors === null || failed <= maxErrors) return null;
    return tooManyErrors(maxErrors, failed, this.#lastError);
  }
}

export function tooManyErrors(maxErrors: number, failed: number, last: RecordingError | undefined): DatasetError {
  const told = last === undefined ? '' : `; one of them: ${last.message}`;
  const message = `${mustBe('unreadable recordings', `at most ${maxErrors}`, failed)}${told}`;
  return new DatasetError('ERR_TOO_MANY_ERRORS', message, { maxErrors, failed, last });
}
