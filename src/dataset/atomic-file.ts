import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Ends the name of a file that is not finished. */
export const UNFINISHED = '.tmp';

/** Writes a whole file so that, whatever happens, either the old or the new one is there. */
export async function writeAtomic(path: string, text: string): Promise<void> {
  const temporary = path + UNFINISHED;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await publish(temporary, path);
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
