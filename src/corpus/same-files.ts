/** Links give one file several names; a corpus holds each file once. */
import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mustBe, ParameterError } from '../errors.js';

/** Files looked at together. */
const AT_ONCE = 64;

interface Name {
  readonly path: string;
  /** What all names of the file have in common. */
  readonly file: string;
  /** No link leads here, from the folder of the corpus on. */
  readonly isPlain: boolean;
}

/**
 * Leaves out further names of the same file, whether symbolic links (to it, or to a folder on its way) or hard links. The
 * name that no link leads to stays, so that a link which someone adds changes nothing; among others the first.
 *
 * @param root folder that the paths are relative to
 * @param paths in byte order; also the order of what is left
 */
export async function oncePerFile(root: string, paths: readonly string[]): Promise<string[]> {
  const chosen = new Map<string, Name>();
  for (const name of await namesOf(root, paths)) {
    const before = chosen.get(name.file);
    if (before === undefined || (name.isPlain && !before.isPlain)) chosen.set(name.file, name);
  }
  const kept = new Set([...chosen.values()].map(({ path }) => path));
  return paths.filter((path) => kept.has(path));
}

/**
 * For paths that someone wrote down: there a second name is a mistake, and which one was meant is not for us to say.
 *
 * @throws ParameterError `ERR_CORPUS` naming both
 */
export async function refuseSameFiles(root: string, paths: readonly string[]): Promise<void> {
  const seen = new Map<string, string>();
  for (const { path, file } of await namesOf(root, paths)) {
    const before = seen.get(file);
    if (before !== undefined) {
      const got = `${before} and ${path}, which are one`;
      throw new ParameterError('ERR_CORPUS', mustBe('recordings of a list', 'different files', got), { path, before });
    }
    seen.set(file, path);
  }
}

async function namesOf(root: string, paths: readonly string[]): Promise<Name[]> {
  const realRoot = await realpath(root).catch(() => root);
  const names: Name[] = [];
  for (let start = 0; start < paths.length; start += AT_ONCE) {
    const some = paths.slice(start, start + AT_ONCE);
    names.push(...(await Promise.all(some.map((path) => nameOf(root, realRoot, path)))));
  }
  return names;
}

/** What cannot be looked at is a file of its own: its reader says what is wrong with it. */
async function nameOf(root: string, realRoot: string, path: string): Promise<Name> {
  const full = resolve(root, path);
  try {
    const [real, { dev, ino, nlink }] = await Promise.all([realpath(full), stat(full, { bigint: true })]);
    // Some file systems number no files, and a number alone is worth nothing across them.
    const file = nlink > 1n && ino > 0n ? `${dev}:${ino}` : real;
    return { path, file, isPlain: real === join(realRoot, path) };
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return { path, file: full, isPlain: true };
  }
}
