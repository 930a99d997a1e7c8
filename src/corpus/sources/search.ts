/** Folders and globs. */
import { type Dirent, lstat, readdir, realpath, type Stats, stat } from 'node:fs';
import { resolve } from 'node:path';
import { glob } from 'tinyglobby';
import { isAudioPath } from '../../audio/index.js';
import { nameFromBytes, pathOnDisk } from '../../files/index.js';
import { inByteOrder } from '../byte-order.js';
import { oncePerFile } from '../same-files.js';
import { asNamed, type Found } from './found.js';
import { fromPaths } from './items.js';

type Told<T> = (error: NodeJS.ErrnoException | null, found: T) => void;

/**
 * How links are followed, and names read. A search leaves out links that lead nowhere, and nobody would hear of them: here
 * they are files as they lie. It also takes a link to `foobar` for a circle where another led to `foo`, as it compares how
 * their paths begin; with a slash behind them they differ. And it would lose names that are not UTF-8.
 */
const fileSystem = (onLink: () => void) => ({
  realpath: ((path: string, tell: Told<string>) =>
    realpath(pathOnDisk(path), (error, found) => tell(null, `${error ? path : found}/`))) as typeof realpath,
  stat: ((path: string, tell: Told<Stats>) => {
    const plain = pathOnDisk(path.replace(/\/$/, ''));
    stat(plain, (error, found) => (error ? lstat(plain, tell) : tell(null, found)));
  }) as typeof stat,
  readdir: ((path: string, _options: unknown, tell: Told<Dirent[]>) =>
    readdir(pathOnDisk(path), { withFileTypes: true, encoding: 'buffer' }, (error, entries) =>
      tell(error, error ? [] : entries.map((entry) => withTextName(entry, onLink))),
    )) as typeof readdir,
});

function withTextName(entry: Dirent<Buffer>, onLink: () => void): Dirent {
  if (entry.isSymbolicLink()) onLink();
  return Object.assign(entry as Dirent<never>, { name: nameFromBytes(entry.name) });
}

export async function fromFolder(path: string): Promise<Found> {
  const root = resolve(path);
  const found = await audioFiles('**/*', root);
  const files = await oncePerFile(root, found.paths, found);
  return { root, named: files.map((file) => ({ ...asNamed(file.path), ...file })), isSearched: true };
}

export async function fromGlob(pattern: string): Promise<Found> {
  const found = await audioFiles(pattern, process.cwd(), true);
  const { root, named } = fromPaths(found.paths);
  const files = named.map(({ path }) => path);
  const kept = (await oncePerFile(root, files, found)).map(({ path }) => resolve(root, path));
  return { ...fromPaths(kept), isSearched: true };
}

/** A folder whose name says that it is a recording is listed as one: whoever reads it says what it is. */
function audioFiles(pattern: string, cwd: string, absolute = false): Promise<Search> {
  return search(pattern, isAudioPath, cwd, absolute);
}

export interface Search {
  /** In byte order. */
  readonly paths: readonly string[];
  /** Whether any symbolic link was met. */
  readonly hasLinks: boolean;
}

/** Paths that match. */
export async function search(
  pattern: string,
  isWanted: (path: string) => boolean,
  cwd: string,
  absolute: boolean,
): Promise<Search> {
  let hasLinks = false;
  const fs = fileSystem(() => {
    hasLinks = true;
  });
  const files = await glob(pattern, { cwd, absolute, onlyFiles: false, fs });
  const paths = inByteOrder(files.map((file) => file.replace(/\/$/, '')).filter((file) => isWanted(file)));
  return { paths, hasLinks };
}
