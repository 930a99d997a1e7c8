import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFile, writing } from '../files/index.js';
import type { WrittenFile } from './shard-sink.js';

/** A file that is whole, but has a temporary name, and is perhaps not on the disk yet. */
export interface UnpublishedFile extends WrittenFile {
  /** Its name in the folder until then. */
  readonly temporary: string;
}

/**
 * Forces the files of a shard to the disk and gives them their names, in the order given. A disk may take as long for that
 * as a shard takes to compute, so it is none of the worker's business. The names last when the folder is synced next.
 *
 * @throws ParameterError `ERR_WRITE`; what has no name by then is removed
 */
export async function publishFiles(folder: string, files: readonly UnpublishedFile[]): Promise<readonly WrittenFile[]> {
  const named: WrittenFile[] = [];
  try {
    for (const { file, temporary } of files) await writing(join(folder, file), () => syncFile(join(folder, temporary)));
    for (const { temporary, ...published } of files) {
      const path = join(folder, published.file);
      await writing(path, () => rename(join(folder, temporary), path));
      named.push(published);
    }
    return named;
  } catch (error) {
    for (const { temporary } of files.slice(named.length)) await rm(join(folder, temporary), { force: true });
    throw error;
  }
}
