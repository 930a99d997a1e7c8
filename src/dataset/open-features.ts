import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatasetError, mustBe } from '../errors.js';
import { windowCount } from '../features/index.js';
import {
  type Manifest,
  readManifest,
  readShardIndex,
  type ShardEntry,
  type ShardIndex,
  type WrittenFile,
} from '../shards/index.js';
import { parseSpec, type Spec, type Windowing } from '../spec/index.js';
import type { FeatureStore } from './feature-store.js';
import type { Entry } from './item.js';

export interface OpenedFolder {
  readonly spec: Spec;
  readonly frameShape: readonly number[];
  /** Makes the entries once it is known how windows are cut. */
  entries(windowing: Windowing, store: FeatureStore): Entry[];
}

/**
 * Reads what a folder of features holds, without the features.
 *
 * @throws DatasetError `ERR_SHARD` for a folder without manifest, one whose extraction was cut off, or a damaged shard
 */
export async function openFolder(source: string | URL): Promise<OpenedFolder> {
  const folder = resolve(source instanceof URL ? fileURLToPath(source) : source);
  const manifest = await readManifest(folder);
  if (manifest === null) throw broken(folder, 'a folder of features', 'no manifest.json');
  if (!manifest.complete) throw broken(folder, 'complete (extract again to go on)', 'an extraction that was cut off');
  const shards: ShardIndex[] = [];
  for (const { files } of manifest.shards) {
    for (const file of files) shards.push(await openShard(folder, manifest, file));
  }
  const { root } = manifest;
  return {
    spec: parseSpec(manifest.spec),
    frameShape: shards[0]?.frameShape ?? [],
    entries: (windowing, store) =>
      shards.flatMap((shard) => shard.entries.map((entry) => entryOf(entry, shard.width, root, windowing, store))),
  };
}

async function openShard(folder: string, { featureHash }: Manifest, { file, bytes }: WrittenFile): Promise<ShardIndex> {
  const path = join(folder, file);
  const shard = await readShardIndex(path);
  const { size } = await stat(path);
  if (size !== bytes) throw broken(path, `${bytes} bytes long, as its manifest says`, size);
  if (shard.featureHash !== featureHash) throw broken(path, `a shard of features ${featureHash}`, shard.featureHash);
  return shard;
}

function entryOf(
  { id, path, group, label, labels, durationSec, nFrames, firstFrame, block }: ShardEntry,
  width: number,
  root: string,
  windowing: Windowing,
  store: FeatureStore,
): Entry {
  const file = resolve(root, path);
  const nWindows = windowCount(nFrames, windowing);
  return {
    info: {
      id,
      path: file,
      group: group ?? undefined,
      label: label ?? undefined,
      labels,
      durationSec,
      nFrames,
      nWindows,
    },
    source: store.source(block, firstFrame * width, nFrames * width),
    origin: { series: file, firstFrame: 0 },
    first: 0,
    end: nWindows,
  };
}

function broken(path: string, expected: string, got: unknown): DatasetError {
  return new DatasetError('ERR_SHARD', mustBe(path, expected, got), { path });
}
