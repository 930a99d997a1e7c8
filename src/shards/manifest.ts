import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingError } from '../corpus/index.js';
import { DatasetError, mustBe } from '../errors.js';
import { replaceFile } from '../files/index.js';
import type { SpecJson } from '../spec/index.js';
import type { WrittenFile } from './shard-sink.js';
import type { ColumnStats } from './statistics.js';

export const MANIFEST = 'manifest.json';

/** What came out of one shard. */
export interface ShardResult {
  readonly files: readonly WrittenFile[];
  /** Rows. */
  readonly items: number;
  readonly frames: number;
  readonly audioSec: number;
  readonly errors: readonly RecordingError[];
  readonly stats: ColumnStats;
}

/** A shard in the manifest: what went in, and what came out. */
export interface ManifestShard extends Omit<ShardResult, 'errors' | 'stats'> {
  readonly name: string;
  /** Recordings that went in, and a fingerprint of them: names, sizes, times of change, labels, and the spec. */
  readonly inputs: number;
  readonly task: string;
  /** Recordings without features. */
  readonly failed: number;
}

/** `manifest.json`: what a folder of features holds. What went into each shard stands in `plan.jsonl`. */
export interface Manifest {
  /** Of this layout. */
  readonly cochlea: 2;
  /** Of the library that wrote it. */
  readonly version: string;
  readonly spec: SpecJson;
  readonly specHash: string;
  readonly featureHash: string;
  /** Absolute folder that the recordings' paths are relative to. */
  readonly root: string;
  /** Of the shards. */
  readonly format: string;
  readonly compression: string;
  /** False while an extraction runs or after one was cut off: resume it. Then nothing is said below. */
  readonly complete: boolean;
  readonly recordings: number;
  readonly frames: number;
  readonly audioSec: number;
  readonly failed: number;
  /** Of every column, over all frames; `null` where there is none. */
  readonly stats: ColumnStats | null;
  readonly shards: readonly ManifestShard[];
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await replaceFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
}

/**
 * @returns `null` where there is none
 * @throws DatasetError `ERR_SHARD` when there is one that cannot be read
 */
export async function readManifest(folder: string): Promise<Manifest | null> {
  const path = join(folder, MANIFEST);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
  try {
    const manifest: Manifest = JSON.parse(text);
    if (manifest.cochlea === 2 && Array.isArray(manifest.shards)) return manifest;
  } catch (cause) {
    throw new DatasetError('ERR_SHARD', mustBe(path, 'JSON', cause instanceof Error ? cause.message : cause), { path });
  }
  throw new DatasetError('ERR_SHARD', mustBe(path, 'a manifest of this version (2)', 'another file'), { path });
}
