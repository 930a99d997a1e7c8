import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pathOnDisk } from './raw-name.js';

/** Null where nothing is there. What may not be looked at, or goes round in a circle of links, is an error. */
export async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(pathOnDisk(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
}
