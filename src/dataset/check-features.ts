/** Whether a folder of features is whole: what its manifest says of each shard, against the bytes that are there. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toPlainError } from '../errors.js';
import { readManifest, type WrittenFile } from '../shards/index.js';
import type { Finding, LongWork } from '../types.js';
import { FeatureDataset } from './feature-dataset.js';

export interface FeaturesCheck {
  /** Whether nothing failed. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Compares every shard with the length and SHA-256 in the manifest, opens the folder as training would, and reads every
 * number of it, which has to be finite. What is wrong is in the result; nothing is thrown for it.
 *
 * @param folder of `extract`
 */
export async function checkFeatures(folder: string, { signal, onProgress }: LongWork = {}): Promise<FeaturesCheck> {
  const findings: Finding[] = [];
  const look = async (name: string, work: () => Promise<string>) => {
    try {
      findings.push({ name, status: 'passed', found: await work() });
    } catch (thrown) {
      signal?.throwIfAborted();
      findings.push({ name, status: 'failed', found: toPlainError(thrown).message });
    }
  };
  await look('shards', () => compareShards(folder, signal, onProgress));
  await look('features', () => readAll(folder, signal));
  return { ok: findings.every(({ status }) => status === 'passed'), findings };
}

async function compareShards(
  folder: string,
  signal: AbortSignal | undefined,
  onProgress: LongWork['onProgress'],
): Promise<string> {
  const manifest = await readManifest(folder);
  if (manifest === null) throw new Error(`${folder} has no manifest.json`);
  const { shards, complete } = manifest;
  if (!complete) throw new Error(`${folder} is not finished: extract again to go on`);
  for (const [i, shard] of shards.entries()) {
    signal?.throwIfAborted();
    onProgress?.({ stage: 'shards', done: i, total: shards.length });
    for (const file of shard.files) await compareFile(folder, file);
  }
  return `${shards.length} with the bytes of the manifest (SHA-256)`;
}

async function compareFile(folder: string, { file, bytes, sha256 }: WrittenFile): Promise<void> {
  const content = await readFile(join(folder, file));
  if (content.length !== bytes) throw new Error(`${file} must be ${bytes} bytes, got ${content.length}`);
  const found = createHash('sha256').update(content).digest('hex');
  if (found !== sha256) throw new Error(`${file} must have the SHA-256 ${sha256}, got ${found}`);
}

async function readAll(folder: string, signal: AbortSignal | undefined): Promise<string> {
  const data = await FeatureDataset.open(folder);
  let frames = 0;
  for (const { id } of data.items()) {
    signal?.throwIfAborted();
    const { features, nFrames } = await data.get(id);
    frames += nFrames;
    const wrong = features.data.findIndex((value) => !Number.isFinite(value));
    if (wrong !== -1) throw new Error(`${id} must hold finite numbers, got ${features.data[wrong]} at ${wrong}`);
  }
  return `${frames} frames of ${data.nItems} recordings, all finite`;
}
