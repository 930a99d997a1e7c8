import { dirname, join, resolve } from 'node:path';
import type { Corpus } from '../corpus/index.js';
import { DatasetError, mustBe, type OptionKeys, refuseUnknown } from '../errors.js';
import { loadAddon, runtimeInfo } from '../native/index.js';
import { featureHash, parseSpec } from '../spec/index.js';
import { partIndex } from './array-index.js';
import { carryOut, reportOf, shardsOfPart } from './carry-out.js';
import { collectGarbage } from './collect-garbage.js';
import { estimate } from './estimate.js';
import {
  COMPUTE_KEYS,
  type ComputeOptions,
  checkComputeOptions,
  EXTRACT_KEYS,
  type ExtractOptions,
  type ExtractReport,
} from './extract-options.js';
import { tooManyErrors } from './extract-run.js';
import { gather, mergeFolder } from './merge.js';
import { type Planned, planCorpus, publishPlan, throwIfAborted } from './plan-corpus.js';
import { openPlan, PLAN, type Plan } from './plan-file.js';
import { finishedShard } from './receipts.js';
import { WorkProcess } from './work-process.js';

/**
 * Computes the features of a corpus in parallel into a folder of shards.
 *
 * A spec's leading decimation is folded into the hop, so only frames that are used get computed. The work is done by a
 * process of its own: a recording that brings it down is named in `errors.jsonl` and costs nothing else. Stopped at any
 * point, the same call goes on where it was.
 *
 * @param corpus a folder, a glob, a manifest, one recording, or a list of recordings
 * @throws ParameterError `ERR_CORPUS`, `ERR_LABELS`, `ERR_CSV_WIDTH`, `ERR_OPTION`, `ERR_UNKNOWN_OPTION`, `ERR_WRITE`
 * @throws DatasetError `ERR_RESUME` when `out` holds features of another spec or format, `ERR_TOO_MANY_ERRORS`
 * @throws PoolError `ERR_TASK_ABORTED`, `ERR_WORKER_DIED`
 * @example const report = await extract('data/fan', { spec, out: 'features/fan', labels: 'parent-folder' })
 */
export async function extract(corpus: Corpus, o: ExtractOptions): Promise<ExtractReport> {
  refuseUnknown(o, EXTRACT_KEYS, 'extract');
  checkComputeOptions(o);
  throwIfAborted(o.signal);
  if (o.dryRun) return dryReport(await planCorpus(corpus, o, 1), o);
  return withProcess(o, async (workProcess) => {
    // From here on the plan is on disk alone: a million recordings would be in memory as long as they are computed.
    const { out, sizes } = await publishPlan(await planCorpus(corpus, o, 1));
    collectGarbage();
    const plan = await openPlan(join(out, PLAN));
    const carried = await carryOut({ plan, part: null, shards: new Map(sizes.entries()), workProcess }, o);
    const { specHash, ...merged } = await mergeFolder(out);
    return { ...reportOf(plan, merged, carried), specHash };
  });
}

/** The process starts while it is found out what there is to do. */
async function withProcess<T>({ workers }: ComputeOptions, work: (workProcess: WorkProcess) => Promise<T>): Promise<T> {
  const workProcess = new WorkProcess(workers ?? runtimeInfo().threads);
  try {
    return await work(workProcess);
  } finally {
    workProcess.dismiss();
  }
}

export interface ExtractShardOptions extends ComputeOptions {
  /** Which, from 0; `'auto'` takes it from the variables of a Slurm array, a Kubernetes indexed Job or an AWS Batch array job. */
  readonly shard: number | 'auto';
}

const SHARD_KEYS: OptionKeys<ExtractShardOptions> = { ...COMPUTE_KEYS, shard: true };

/**
 * Computes one part of a plan that `planExtraction` wrote, into the plan's folder. Parts may be computed anywhere, at the
 * same time and more than once.
 *
 * @param plan path of the `plan.jsonl`
 * @returns what the part holds
 * @throws DatasetError `ERR_PLAN`; ParameterError `ERR_OPTION` for a shard that the plan does not have; otherwise as
 *   `extract`
 * @example await extractShard('features/plan.jsonl', { shard: 'auto' })
 */
export async function extractShard(plan: string, o: ExtractShardOptions): Promise<ExtractReport> {
  refuseUnknown(o, SHARD_KEYS, 'extractShard');
  checkComputeOptions(o);
  throwIfAborted(o.signal);
  return withProcess(o, async (workProcess) => {
    const opened = await openPlan(resolve(plan));
    refuseOtherEngine(opened);
    const part = partIndex(String(o.shard), opened.header.parts, process.env);
    const shards = await shardsOfPart(opened, part);
    const carried = await carryOut({ plan: opened, part, shards, workProcess }, o);
    return reportOf(opened, await gather(opened, part, dirname(opened.path)), carried);
  });
}

/** Another engine's features, or another version's files, would not go together with those of other machines. */
function refuseOtherEngine({ path, header }: Plan): void {
  const { numericVersion, version } = loadAddon();
  const own = featureHash(parseSpec(header.spec), { numericVersion, device: 'cpu' });
  if (own === header.featureHash && version === header.version) return;
  const expected = `one of this version (${version}, features ${own})`;
  throw new DatasetError('ERR_PLAN', mustBe(path, expected, `${header.version}, features ${header.featureHash}`));
}

/** Ends as the run would where the headers alone are too much for `strict` or `maxErrors`. */
async function dryReport({ out, header, shards, listed }: Planned, o: ExtractOptions): Promise<ExtractReport> {
  const { resume = true, maxErrors = Number.POSITIVE_INFINITY } = o;
  const estimated = await estimate(listed, o.spec, o);
  const failed = estimated.errors.length;
  if (failed > maxErrors) throw tooManyErrors(maxErrors, failed, estimated.errors.at(-1));
  let reused = 0;
  if (resume) for await (const shard of shards()) if ((await finishedShard(out, shard)) !== null) reused += 1;
  const { specHash, featureHash } = header;
  return { ...estimated, out, specHash, featureHash, dryRun: true, shards: { total: header.shards, reused } };
}
