import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
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

/** Forces a file that is there to the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
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
    throw writeError(path, error);
  }
}

/** The same of work that is done when it returns. */
export function writingSync<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw writeError(path, error);
  }
}

function writeError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return new ParameterError('ERR_WRITE', `${path}: cannot be written: ${error.message}`, { path });
}

/** Text written at a time. */
const CHUNK_CHARACTERS = 1 << 20;

/**
 * `replaceFile` of lines that are made as they are written, each without its line break.
 *
 * @throws ParameterError `ERR_WRITE` where the path cannot be written
 */
export async function replaceLines(path: string, lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
  const temporary = `${path}.${randomUUID()}${UNFINISHED}`;
  await writing(path, async () => {
    const file = openSync(temporary, 'wx');
    try {
      let waiting = '';
      const flush = (): void => {
        const bytes = Buffer.from(waiting);
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
        waiting = '';
      };
      for await (const line of lines) {
        waiting += `${line}\n`;
        if (waiting.length >= CHUNK_CHARACTERS) flush();
      }
      flush();
      fsyncSync(file);
      closeSync(file);
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
  syncFolder(dirname(path));
}

/** Makes the names in a folder last. */
function syncFolder(folder: string): void {
  const open = openSync(folder, 'r');
  try {
    fsyncSync(open);
  } finally {
    closeSync(open);
  }
}
