import { closeSync, openSync, readSync } from 'node:fs';
import { readMemory } from '../files/index.js';

/** Read at a time. */
const CHUNK_BYTES = 1 << 20;

/** A file's bytes, in memory that is used again for the next ones. */
export function* chunksOf(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    const chunk = readMemory(CHUNK_BYTES);
    for (;;) {
      const read = readSync(file, chunk);
      if (read === 0) return;
      yield chunk.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}
