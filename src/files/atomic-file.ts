import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ParameterError } from '../errors.js';

/** Ends the name of a file that is not finished. */
export const UNFINISHED = '.tmp';

/**
 * Writes a file so that, whatever happens, either the old or the new one is there: under another name beside its own,
 * forced to the disk, and renamed. Several writers of one file do not disturb each other; the last one stays.
 *
 * @throws ParameterError `ERR_WRITE` where the path cannot be written
 */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomUUID()}${UNFINISHED}`;
  await writing(path, async () => {
    try {
      await writeSynced(temporary, content);
      await publish(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  });
}

const TEMPORARY_NAME = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** Whether a name is one that `replaceFile` writes under: a process that was killed may leave it. */
export function isUnfinished(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}

/** Writes a file that is not there yet, and forces it to the disk. */
export async function writeSynced(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives a finished, synced file its name, and makes the name last as well. */
export async function publish(temporary: string, path: string): Promise<void> {
  await rename(temporary, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Runs `work`; what the system has against it (no room, no permission) is told as `ERR_WRITE` with the path. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw new ParameterError('ERR_WRITE', `${path}: cannot be written: ${error.message}`, { path });
  }
}
