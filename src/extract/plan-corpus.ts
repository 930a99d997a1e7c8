/** Fixes who computes what. */
import { resolve } from 'node:path';
import {
  type Corpus,
  type LabelSource,
  type ListedCorpus,
  labeller,
  listCorpus,
  type Recording,
} from '../corpus/index.js';
import { PoolError, refuseUnknown } from '../errors.js';
import { loadAddon } from '../native/index.js';
import { featureHash } from '../spec/index.js';
import { checkPlanOptions, PLAN_KEYS, type PlanCorpusOptions, requireCount } from './extract-options.js';
import { claimFolder, clearSurplus } from './folder.js';
import { writeUnfinished } from './merge.js';
import { earlierHeader, type PlanHeader, writePlan } from './plan-file.js';
import {
  cutShards,
  type PlannedShard,
  plannedShard,
  type ShardInput,
  type ShardSize,
  usualShardBytes,
} from './shard-plan.js';

/** A plan in memory, before it is written. */
export interface Planned {
  /** The folder, absolute. */
  readonly out: string;
  readonly header: PlanHeader;
  readonly listed: ListedCorpus;
  /** Of the shards. */
  readonly sizes: readonly ShardSize[];
  /** Labels are looked up as they are asked for: only the shard in hand has its inputs in memory. */
  shards(): AsyncGenerator<PlannedShard>;
}

export interface PlanExtractionOptions extends PlanCorpusOptions {
  /** Elements of the array job. */
  readonly shards: number;
}

export interface PlanReport {
  /** The folder, absolute; `plan.jsonl` lies in it. */
  readonly out: string;
  readonly specHash: string;
  readonly featureHash: string;
  /** Elements of the array job, and files that they make together. */
  readonly parts: number;
  readonly shards: number;
  readonly recordings: number;
  /** Of the recordings. */
  readonly bytes: number;
}

/**
 * Writes the plan of an extraction that several machines carry out, `shards` of them: each calls `extractShard` with its
 * number, and one calls `mergeShards` in the end. The files do not depend on how many they are.
 *
 * @param corpus as for `extract`
 * @throws as `extract`
 */
export async function planExtraction(corpus: Corpus, { shards, ...o }: PlanExtractionOptions): Promise<PlanReport> {
  refuseUnknown(o, PLAN_KEYS, 'planExtraction');
  requireCount('shards', shards, 1);
  const planned = await planCorpus(corpus, o, shards);
  await publishPlan(planned);
  const { specHash, featureHash, parts, recordings, bytes, shards: files } = planned.header;
  return { out: planned.out, specHash, featureHash, parts, shards: files, recordings, bytes };
}

export async function planCorpus(corpus: Corpus, o: PlanCorpusOptions, parts: number): Promise<Planned> {
  checkPlanOptions(o);
  const listed = limited(await listCorpus(corpus), o.limit);
  const { numericVersion, version } = loadAddon();
  const hash = featureHash(o.spec, { numericVersion, device: 'cpu' });
  const labelSource = await labeller(o.labels, listed.root);
  const { format = 'arrow', compression = 'none' } = o;
  const meaning = { featureHash: hash, format, compression };
  const out = resolve(o.out);
  const bytes = listed.recordings.reduce((sum, recording) => sum + recording.bytes, 0);
  // A folder keeps its cuts, and so its finished shards, when its corpus has grown.
  const shardBytes = o.shardBytes ?? (await earlierHeader(out))?.shardBytes ?? usualShardBytes(bytes);
  const cuts = cutShards(listed.recordings, { shardBytes, parts });
  async function* shards(): AsyncGenerator<PlannedShard> {
    for (const [index, cut] of cuts.entries()) {
      throwIfAborted(o.signal);
      const inputs: ShardInput[] = [];
      for (let i = cut.from; i < cut.to; i++) {
        const recording = listed.recordings[i]!;
        const source = labelSource(recording);
        inputs.push(inputOf(recording, source instanceof Promise ? await source : source));
      }
      yield plannedShard(index, cut, inputs, meaning);
    }
  }
  const header: PlanHeader = {
    cochleaPlan: 1,
    version,
    spec: o.spec.toJSON(),
    specHash: o.spec.hash,
    featureHash: hash,
    root: listed.root,
    format,
    compression,
    standardize: o.standardize ?? null,
    shardBytes,
    shards: cuts.length,
    parts,
    recordings: listed.recordings.length,
    bytes,
  };
  return {
    out,
    header,
    listed,
    sizes: cuts.map(({ from, to, bytes: each }) => ({ recordings: to - from, bytes: each })),
    shards,
  };
}

function inputOf(recording: Recording, source: LabelSource): ShardInput {
  // To leave something out takes several times as long.
  if (recording.columns === undefined) return { ...recording, ...source };
  const { columns: _columns, ...rest } = recording;
  return { ...rest, ...source };
}

/** What is left of a plan once it is written. */
export type Published = Pick<Planned, 'out' | 'sizes'>;

/** Takes the folder over and writes the plan into it. */
export async function publishPlan({ out, header, sizes, shards }: Planned): Promise<Published> {
  await claimFolder(out, header);
  await clearSurplus(out, header);
  await writePlan(out, header, shards());
  await writeUnfinished(out, header);
  return { out, sizes };
}

function limited(listed: ListedCorpus, limit = Number.POSITIVE_INFINITY): ListedCorpus {
  return { ...listed, recordings: listed.recordings.slice(0, limit) };
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new PoolError('ERR_TASK_ABORTED', 'extract must not be aborted, got an abort signal');
}
