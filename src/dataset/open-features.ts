import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatasetError, mustBe } from '../errors.js';
import { type Manifest, readManifest, readShardIndex, type ShardIndex, type WrittenFile } from '../shards/index.js';
import { parseSpec, type Spec } from '../spec/index.js';
import type { FeatureStore } from './feature-store.js';
import { FolderItems } from './folder-items.js';
import { frameTiming } from './front-end.js';
import type { ItemStore } from './item.js';
import { TextIndex } from './text-index.js';

export interface OpenedFolder {
  readonly spec: Spec;
  readonly frameShape: readonly number[];
  readonly items: ItemStore;
}

/**
 * Reads what a folder of features holds, without the features, one shard at a time.
 *
 * @param features where the numbers will be read
 * @throws DatasetError `ERR_SHARD` for a folder without manifest, one whose extraction was cut off, a damaged shard, or
 *   two recordings with one id
 */
export async function openFolder(source: string | URL, features: FeatureStore): Promise<OpenedFolder> {
  const folder = resolve(source instanceof URL ? fileURLToPath(source) : source);
  const manifest = await readManifest(folder);
  if (manifest === null) throw broken(folder, 'a folder of features', 'no manifest.json');
  if (!manifest.complete) throw broken(folder, 'complete (extract again to go on)', 'an extraction that was cut off');
  // Other formats are for other programs to read.
  if (manifest.format !== 'arrow') throw broken(folder, 'a folder of Arrow shards', `format ${manifest.format}`);
  const spec = parseSpec(manifest.spec);
  const items = new FolderItems(manifest.root, frameTiming(spec), features);
  let frameShape: readonly number[] = [];
  for (const file of manifest.shards.flatMap(({ files }) => files)) {
    const opened = await openShard(folder, manifest, file);
    items.add(opened.entries, opened.width);
    ({ frameShape } = opened);
  }
  items.trim();
  const { twice } = new TextIndex(items.length, (item) => items.id(item));
  if (twice !== null) throw broken(folder, 'of recordings with different ids', `${twice} twice`);
  return { spec, frameShape, items };
}

async function openShard(folder: string, { featureHash }: Manifest, { file, bytes }: WrittenFile): Promise<ShardIndex> {
  const path = join(folder, file);
  const shard = await readShardIndex(path);
  const { size } = await stat(path);
  if (size !== bytes) throw broken(path, `${bytes} bytes long, as its manifest says`, size);
  if (shard.featureHash !== featureHash) throw broken(path, `a shard of features ${featureHash}`, shard.featureHash);
  return shard;
}

function broken(path: string, expected: string, got: unknown): DatasetError {
  return new DatasetError('ERR_SHARD', mustBe(path, expected, got), { path });
}
