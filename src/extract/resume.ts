import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError, mustBe } from '../errors.js';
import { isUnfinished, replaceFile, statOrNull, writing } from '../files/index.js';
import type { ShardResult } from '../shards/index.js';
import { readManifest } from '../shards/index.js';
import { type PlannedShard, SHARD_FILE } from './shard-plan.js';

/** Stands beside each finished shard: which task made it and what came out. The one thing resume goes by. */
interface Receipt extends ShardResult {
  readonly task: string;
}

/**
 * Makes the folder, or takes one over that holds the same features.
 *
 * @throws DatasetError `ERR_RESUME` when it holds others; ParameterError `ERR_WRITE` when it cannot be made
 */
export async function claimFolder(folder: string, featureHash: string): Promise<void> {
  await writing(folder, () => mkdir(folder, { recursive: true }));
  const found = await readManifest(folder);
  if (found === null || found.featureHash === featureHash) return;
  const message = mustBe(
    folder,
    `empty or hold features ${featureHash}`,
    `features ${found.featureHash} of another spec`,
  );
  throw new DatasetError('ERR_RESUME', message, { folder, expected: featureHash, got: found.featureHash });
}

/** The result of a shard that is finished: same task, same bytes. Otherwise `null`, and it is to be made again. */
export async function finishedShard(folder: string, shard: PlannedShard): Promise<ShardResult | null> {
  const receipt = await readReceipt(join(folder, receiptName(shard)));
  if (receipt?.task !== shard.task) return null;
  const path = join(folder, shard.file);
  if ((await statOrNull(path))?.size !== receipt.bytes) return null;
  if ((await sha256Of(path)) !== receipt.sha256) return null;
  const { task: _, ...result } = receipt;
  return result;
}

export async function writeReceipt(folder: string, shard: PlannedShard, result: ShardResult): Promise<void> {
  const receipt: Receipt = { task: shard.task, ...result };
  await replaceFile(join(folder, receiptName(shard)), `${JSON.stringify(receipt)}\n`);
}

/** Removes unfinished files, and shards of an earlier run that this plan does not have. */
export async function clearLeftovers(folder: string, plan: readonly PlannedShard[]): Promise<void> {
  const keep = new Set(plan.flatMap((shard) => [shard.file, receiptName(shard)]));
  for (const name of await readdir(folder)) {
    if ((SHARD_FILE.test(name) && !keep.has(name)) || isUnfinished(name)) await rm(join(folder, name));
  }
}

function receiptName(shard: PlannedShard): string {
  return shard.file.replace(/\.arrow$/, '.json');
}

async function readReceipt(path: string): Promise<Receipt | null> {
  if ((await statOrNull(path)) === null) return null;
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    // Receipts are written whole or not at all; one that someone damaged only costs its shard's work.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}
