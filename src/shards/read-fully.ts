import type { FileHandle } from 'node:fs/promises';
import { damaged } from './open-shard.js';

/** Read at a time: Node takes lengths of 31 bits. */
const MOST_BYTES = 2 ** 30;

/** Fills `into` from `position` on. @throws DatasetError `ERR_SHARD` for a file that ends before */
export async function readFully(file: FileHandle, into: Uint8Array, position: number, path: string): Promise<void> {
  for (let at = 0; at < into.byteLength; ) {
    const { bytesRead } = await file.read(into, at, Math.min(into.byteLength - at, MOST_BYTES), position + at);
    if (bytesRead === 0) throw damaged(path, `an end at byte ${position + at}`);
    at += bytesRead;
  }
}
