/** The folder an extraction writes into. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError, mustBe } from '../errors.js';
import { isUnfinished, writing } from '../files/index.js';
import { readManifest } from '../shards/index.js';
import type { PlanHeader } from './plan-file.js';
import { shardIndexOf } from './shard-plan.js';

/**
 * Makes the folder, or takes one over that holds the same features in the same format.
 *
 * @throws DatasetError `ERR_RESUME` when it holds others; ParameterError `ERR_WRITE` when it cannot be made
 */
export async function claimFolder(
  folder: string,
  { featureHash, format, compression }: Pick<PlanHeader, 'featureHash' | 'format' | 'compression'>,
): Promise<void> {
  await writing(folder, () => mkdir(folder, { recursive: true }));
  const found = await readManifest(folder);
  if (found === null) return;
  const details = { folder, expected: featureHash, got: found.featureHash };
  if (found.featureHash !== featureHash) {
    const got = `features ${found.featureHash} of another spec`;
    throw new DatasetError('ERR_RESUME', mustBe(folder, `empty or hold features ${featureHash}`, got), details);
  }
  if (found.format === format && found.compression === compression) return;
  const expected = `empty or hold shards as ${format}, compression ${compression}`;
  const got = `${found.format}, compression ${found.compression}`;
  throw new DatasetError('ERR_RESUME', mustBe(folder, expected, got), details);
}

/** Removes unfinished files: processes that were killed leave them. */
export async function clearUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (isUnfinished(name)) await rm(join(folder, name), { force: true });
  }
}

/** Removes shards that the plan no longer has. */
export async function clearSurplus(folder: string, { shards }: Pick<PlanHeader, 'shards'>): Promise<void> {
  for (const name of await readdir(folder)) {
    const shard = shardIndexOf(name);
    if (shard !== null && shard >= shards) await rm(join(folder, name), { force: true });
  }
}
