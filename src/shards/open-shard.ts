import { type FileHandle, open } from 'node:fs/promises';
import { DatasetError, mustBe } from '../errors.js';

/** @throws DatasetError `ERR_SHARD` for a file that is not there or cannot be opened */
export async function openShard(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw damaged(path, cause instanceof Error ? cause.message : String(cause));
  }
}

export function damaged(path: string, got: string): DatasetError {
  return new DatasetError('ERR_SHARD', mustBe(path, 'a whole feature shard', got), { path });
}
