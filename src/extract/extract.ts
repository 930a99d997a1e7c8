import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Corpus, ListedCorpus, RecordingError } from '../corpus/index.js';
import { labelOf, listCorpus } from '../corpus/index.js';
import { mustBe, ParameterError, refuseUnknown } from '../errors.js';
import { replaceFile } from '../files/index.js';
import { loadAddon } from '../native/index.js';
import type { ShardResult } from '../shards/index.js';
import { type Manifest, writeManifest } from '../shards/index.js';
import { featureHash } from '../spec/index.js';
import { estimate } from './estimate.js';
import { EXTRACT_KEYS, type ExtractOptions, type ExtractReport } from './extract-options.js';
import { type ExtractJob, ExtractRun, throwIfAborted, tooManyErrors } from './extract-run.js';
import { claimFolder, clearLeftovers, finishedShard } from './resume.js';
import { manifestShard, type PlannedShard, planShards, SHARD_BYTES } from './shard-plan.js';

const ERRORS_FILE = 'errors.jsonl';

/**
 * Computes the features of a corpus in parallel into a folder of Arrow shards.
 *
 * A spec's leading decimation is folded into the hop, so only frames that are used get computed. Stopped at any point,
 * the same call goes on where it was.
 *
 * @param corpus a folder, a glob, a CSV manifest with a column `path`, one recording, or a list of recordings
 * @throws ParameterError `ERR_CORPUS`, `ERR_LABELS`, `ERR_CSV_WIDTH`, `ERR_OPTION`, `ERR_UNKNOWN_OPTION`, `ERR_WRITE`
 * @throws DatasetError `ERR_RESUME` when `out` holds features of another spec, `ERR_TOO_MANY_ERRORS`
 * @throws PoolError `ERR_TASK_ABORTED`, `ERR_WORKER_DIED`
 * @example const report = await extract('data/fan', { spec, out: 'features/fan', labels: 'parent-folder' })
 */
export async function extract(corpus: Corpus, o: ExtractOptions): Promise<ExtractReport> {
  checkOptions(o);
  const listed = limited(await listCorpus(corpus), o.limit);
  const job = await plan(listed, o);
  if (o.dryRun) return dryReport(job, listed, o);
  await claimFolder(job.out, job.featureHash);
  await clearLeftovers(job.out, job.shards);
  await writeManifest(
    job.out,
    manifestOf(job, false, () => undefined),
  );
  const run = new ExtractRun(job, o, listed.recordings.length);
  try {
    await run.all();
  } finally {
    await clearLeftovers(job.out, job.shards);
    await writeErrors(job.out, run.errors());
  }
  await writeManifest(
    job.out,
    manifestOf(job, true, (shard) => run.results.get(shard.file)),
  );
  return run.report();
}

async function plan({ root, recordings }: ListedCorpus, o: ExtractOptions): Promise<ExtractJob> {
  const { numericVersion, version } = loadAddon();
  const hash = featureHash(o.spec, { numericVersion, device: 'cpu' });
  const inputs = [];
  for (const recording of recordings) {
    throwIfAborted(o.signal);
    const { columns: _columns, labels: _labels, ...rest } = recording;
    inputs.push({ ...rest, ...(await labelOf(recording, o.labels, root)) });
  }
  const shards = planShards(inputs, hash, o.shardBytes ?? SHARD_BYTES);
  return { out: resolve(o.out), root, spec: o.spec, featureHash: hash, version, shards };
}

/** Ends as the run would where the headers alone are too much for `strict` or `maxErrors`. */
async function dryReport(
  job: ExtractJob,
  { root, recordings }: ListedCorpus,
  o: ExtractOptions,
): Promise<ExtractReport> {
  const { out, spec, featureHash, shards } = job;
  const { resume = true, maxErrors = Number.POSITIVE_INFINITY } = o;
  const estimated = await estimate(recordings, root, spec, o);
  const failed = estimated.errors.length;
  if (failed > maxErrors) throw tooManyErrors(maxErrors, failed, estimated.errors.at(-1));
  let reused = 0;
  for (const shard of resume ? shards : []) if ((await finishedShard(out, shard)) !== null) reused += 1;
  return {
    ...estimated,
    out,
    specHash: spec.hash,
    featureHash,
    dryRun: true,
    shards: { total: shards.length, reused },
    elapsedSec: 0,
    timesRealTime: 0,
  };
}

function manifestOf(
  job: ExtractJob,
  complete: boolean,
  result: (shard: PlannedShard) => ShardResult | undefined,
): Manifest {
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
  await replaceFile(path, errors.map((error) => `${JSON.stringify(error)}\n`).join(''));
}

function limited(listed: ListedCorpus, limit = Number.POSITIVE_INFINITY): ListedCorpus {
  return { ...listed, recordings: listed.recordings.slice(0, limit) };
}

function checkOptions(o: ExtractOptions): void {
  refuseUnknown(o, EXTRACT_KEYS, 'extract');
  const count = (name: 'limit' | 'maxErrors' | 'shardBytes', least: number): void => {
    const value = o[name];
    if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
    throw new ParameterError('ERR_OPTION', mustBe(name, `a whole number from ${least}`, value));
  };
  count('limit', 1);
  count('maxErrors', 0);
  count('shardBytes', 1);
  if (o.strict && o.maxErrors !== undefined) {
    const expected = 'left out with strict, which ends at the first error';
    throw new ParameterError('ERR_OPTION', mustBe('maxErrors', expected, o.maxErrors));
  }
  throwIfAborted(o.signal);
}
