/** Whether shards hold what their manifest says, number by number. */
import { join } from 'node:path';
import { DatasetError, mustBe } from '../errors.js';
import {
  type FeatureBlock,
  type Manifest,
  type ManifestShard,
  readBlock,
  readShardIndex,
  ShardFiles,
  type ShardIndex,
} from '../shards/index.js';
import { Texts } from './columns.js';
import { TextIndex } from './text-index.js';

/** Looks at one shard after another; the ids of all are compared at the end. */
export class ShardCheck {
  frames = 0;
  readonly #folder: string;
  readonly #manifest: Manifest;
  readonly #signal: AbortSignal | undefined;
  readonly #files = new ShardFiles();
  readonly #ids = new Texts();
  #frameShape: string | null = null;

  constructor(folder: string, manifest: Manifest, signal: AbortSignal | undefined) {
    this.#folder = folder;
    this.#manifest = manifest;
    this.#signal = signal;
  }

  /** @throws DatasetError `ERR_SHARD` naming the file and what is wrong with it */
  async add({ files, items, frames }: ManifestShard): Promise<void> {
    let [itemsThere, framesThere] = [0, 0];
    for (const { file } of files) {
      const path = join(this.#folder, file);
      const index = await this.#open(path);
      const { entries } = index;
      itemsThere += entries.length;
      for (const entry of entries) {
        this.#ids.push(entry.id);
        framesThere += entry.nFrames;
      }
      await this.#readAll(index, path);
      if (itemsThere > items || framesThere > frames) break;
    }
    const path = join(this.#folder, files.at(-1)?.file ?? '');
    if (itemsThere !== items) throw broken(path, `with ${items} recordings`, itemsThere);
    if (framesThere !== frames) throw broken(path, `with ${frames} frames`, framesThere);
    this.frames += framesThere;
  }

  ids(): TextIndex {
    return new TextIndex(this.#ids.length, (row) => this.#ids.at(row));
  }

  found(): string {
    return `${this.frames} frames of ${this.#ids.length} recordings, all finite`;
  }

  async #open(path: string): Promise<ShardIndex> {
    const index = await readShardIndex(path);
    const { featureHash, frameShape } = index;
    const expected = this.#manifest.featureHash;
    if (featureHash !== expected) throw broken(path, `a shard of features ${expected}`, featureHash);
    this.#frameShape ??= frameShape.join();
    if (frameShape.join() !== this.#frameShape) {
      throw broken(path, `of frames of [${this.#frameShape}], as those before`, `[${frameShape}]`);
    }
    return index;
  }

  /** A number that is none makes a sum of zeros one, which is looked for only then. */
  async #readAll({ entries, width }: ShardIndex, path: string): Promise<void> {
    const blocks = new Set<FeatureBlock>(entries.map(({ block }) => block));
    for (const block of blocks) {
      this.#signal?.throwIfAborted();
      const values = await readBlock(block, this.#files);
      let zeros = 0;
      for (let i = 0; i < values.length; i++) zeros += values[i]! * 0;
      if (zeros === 0) continue;
      const at = values.findIndex((value) => !Number.isFinite(value));
      const inBlock = entries.filter((entry) => entry.block === block);
      const { id } = inBlock.findLast(({ firstFrame }) => firstFrame * width <= at)!;
      throw broken(path, 'of finite numbers', `${values[at]} in ${id}`);
    }
  }
}

function broken(path: string, expected: string, got: unknown): DatasetError {
  return new DatasetError('ERR_SHARD', mustBe(path, expected, got), { path });
}
