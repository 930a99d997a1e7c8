/** What is finished: one small file beside each shard, the one thing that resume goes by. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile, statOrNull } from '../files/index.js';
import type { ShardResult } from '../shards/index.js';
import type { PlannedShard } from './shard-plan.js';

interface Receipt extends ShardResult {
  /** What made the shard. */
  readonly task: string;
  /** Times of change of its files in milliseconds: as long as they stay, nobody has touched them. */
  readonly mtimesMs: readonly number[];
}

/** What an earlier run made of a shard, if that is what is asked for now and still as it was. Otherwise `null`. */
export async function finishedShard(folder: string, shard: PlannedShard): Promise<ShardResult | null> {
  const receipt = await readReceipt(join(folder, receiptName(shard)));
  if (receipt?.task !== shard.task) return null;
  const { task: _task, mtimesMs, ...result } = receipt;
  for (const [i, { file, bytes, sha256 }] of result.files.entries()) {
    const path = join(folder, file);
    const found = await statOrNull(path);
    if (found?.size !== bytes) return null;
    if (found.mtimeMs !== mtimesMs[i] && (await sha256Of(path)) !== sha256) return null;
  }
  return result;
}

export async function writeReceipt(folder: string, shard: PlannedShard, result: ShardResult): Promise<void> {
  const mtimesMs = await Promise.all(result.files.map(async ({ file }) => (await stat(join(folder, file))).mtimeMs));
  const receipt: Receipt = { task: shard.task, ...result, mtimesMs };
  await replaceFile(join(folder, receiptName(shard)), `${JSON.stringify(receipt)}\n`);
}

function receiptName({ name }: PlannedShard): string {
  return `${name}.json`;
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
