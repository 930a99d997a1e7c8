import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathOnDisk } from './raw-name.js';

/** Files looked at between two turns of the loop. */
const AT_ONCE = 64;
/** What a file takes at most where it does not pay to ask for several at a time. */
const QUICK_MS = 0.05;

/**
 * Looks at many files, and makes something of each: `null` stands for one that cannot be looked at. On this machine a file
 * takes microseconds, far less than a promise; over a network it takes as long as the way there and back, and then several
 * are asked for at a time.
 *
 * @param root folder that the paths are relative to
 */
export async function statEach<T>(
  root: string,
  paths: readonly string[],
  make: (found: BigIntStats | null, i: number) => T,
): Promise<T[]> {
  const made: T[] = [];
  let isQuick = true;
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const some = paths.slice(from, from + AT_ONCE).map((path) => pathOnDisk(resolve(root, path)));
    const found = isQuick ? [] : await Promise.all(some.map(statSoon));
    if (isQuick) isQuick = statsNow(some, found);
    found.forEach((stats, i) => {
      made.push(make(stats, from + i));
    });
    await setImmediate();
  }
  return made;
}

/** @returns whether most of them were quick: a single one may have waited for the processor, not for the disk */
function statsNow(paths: readonly (string | Buffer)[], into: (BigIntStats | null)[]): boolean {
  let nSlow = 0;
  let before = performance.now();
  for (const path of paths) {
    into.push(statNow(path));
    const now = performance.now();
    if (now - before > QUICK_MS) nSlow += 1;
    before = now;
  }
  return nSlow <= paths.length / 2;
}

function statNow(path: string | Buffer): BigIntStats | null {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    return nothing(error);
  }
}

function statSoon(path: string | Buffer): Promise<BigIntStats | null> {
  return stat(path, { bigint: true }).catch(nothing);
}

function nothing(error: unknown): null {
  if (error instanceof Error && 'syscall' in error) return null;
  throw error;
}
