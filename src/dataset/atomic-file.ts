import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ParameterError } from '../errors.js';

/** Ends the name of a file that is not finished. */
export const UNFINISHED = '.tmp';

/** Writes a whole file so that, whatever happens, either the old or the new one is there. */
export async function writeAtomic(path: string, text: string): Promise<void> {
  const temporary = path + UNFINISHED;
  await writing(path, async () => {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await publish(temporary, path);
  });
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
