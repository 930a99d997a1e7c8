import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingError } from '../corpus/index.js';
import { DatasetError, mustBe } from '../errors.js';
import { replaceFile } from '../files/index.js';
import type { SpecJson } from '../spec/index.js';

export const MANIFEST = 'manifest.json';

/** What came out of one shard. */
export interface ShardResult {
  readonly sha256: string;
  readonly bytes: number;
  readonly items: number;
  readonly frames: number;
  readonly audioSec: number;
  readonly errors: readonly RecordingError[];
}

/** A shard in the manifest: what went in, and what came out (absent until the folder is complete). */
export interface ManifestShard extends Partial<Omit<ShardResult, 'errors'>> {
  readonly file: string;
  readonly failed?: number;
  /** Fingerprints: size and time of change, not content, so that a resume does not read a whole corpus. */
  readonly inputs: readonly { id: string; path: string; bytes: number; mtimeMs: number }[];
}

/** `manifest.json`: what a folder of features holds. */
export interface Manifest {
  /** Of this layout. */
  readonly cochlea: 1;
  /** Of the library that wrote it. */
  readonly version: string;
  readonly spec: SpecJson;
  readonly specHash: string;
  readonly featureHash: string;
  /** Absolute folder that the recordings' paths are relative to. */
  readonly root: string;
  /** False while an extraction runs or after one was cut off: resume it. */
  readonly complete: boolean;
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
    if (manifest.cochlea === 1 && Array.isArray(manifest.shards)) return manifest;
  } catch (cause) {
    throw new DatasetError('ERR_SHARD', mustBe(path, 'JSON', cause instanceof Error ? cause.message : cause), { path });
  }
  throw new DatasetError('ERR_SHARD', mustBe(path, 'a manifest of this version (1)', 'another file'), { path });
}
