import { lstat, realpath, type Stats, stat } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob, isDynamicPattern } from 'tinyglobby';
import { isAudioPath } from '../audio/index.js';
import { mustBe, ParameterError } from '../errors.js';
import { readCsv, statOrNull } from '../files/index.js';
import type { Corpus, ListedCorpus, Recording } from './recording.js';
import { oncePerFile, refuseSameFiles } from './same-files.js';

/** Files whose sizes are asked for at a time. */
const STATS_AT_ONCE = 64;

type Told<T> = (error: NodeJS.ErrnoException | null, found: T) => void;

/**
 * How links are followed. A search leaves out links that lead nowhere, and nobody would hear of them: here they are files
 * as they lie. It also takes a link to `foobar` for a circle where another led to `foo`, as it compares how their paths
 * begin; with a slash behind them they differ.
 */
const FOLLOWING_LINKS = {
  realpath: ((path: string, tell: Told<string>) =>
    realpath(path, (error, found) => tell(null, `${error ? path : found}/`))) as typeof realpath,
  stat: ((path: string, tell: Told<Stats>) => {
    const plain = path.replace(/\/$/, '');
    stat(plain, (error, found) => (error ? lstat(plain, tell) : tell(null, found)));
  }) as typeof stat,
};

interface Named {
  readonly id: string;
  readonly path: string;
  readonly columns?: Readonly<Record<string, string>>;
}

/**
 * All recordings of a corpus with their sizes: a folder's and a glob's in byte order of their paths, a list's and a
 * manifest's in the order given. Links are followed, and each file is listed once.
 *
 * @throws ParameterError `ERR_CORPUS` when nothing is found, two recordings have one id, or a list or manifest names one
 *   file twice
 */
export async function listCorpus(corpus: Corpus): Promise<ListedCorpus> {
  const { root, named, isSearched } = await findRecordings(corpus);
  if (named.length === 0)
    throw new ParameterError('ERR_CORPUS', mustBe('corpus', 'recordings', `none in ${show(corpus)}`));
  const seen = new Set<string>();
  for (const { id } of named) {
    if (seen.has(id))
      throw new ParameterError('ERR_CORPUS', mustBe('ids of a corpus', 'different', `${id} twice`), { id });
    seen.add(id);
  }
  if (!isSearched)
    await refuseSameFiles(
      root,
      named.map(({ path }) => path),
    );
  return { root, recordings: await withSizes(root, named) };
}

interface Found {
  readonly root: string;
  readonly named: readonly Named[];
  /** By a folder or glob; else someone wrote the paths down. */
  readonly isSearched: boolean;
}

async function findRecordings(corpus: Corpus): Promise<Found> {
  if (typeof corpus !== 'string' && !(corpus instanceof URL)) return fromPaths(corpus);
  const path = corpus instanceof URL ? fileURLToPath(corpus) : corpus;
  const found = await statOrNull(path);
  if (found?.isDirectory()) {
    const root = resolve(path);
    const files = await oncePerFile(root, await audioFiles('**/*', root));
    return { root, named: files.map((file) => ({ id: file, path: file })), isSearched: true };
  }
  if (found && path.toLowerCase().endsWith('.csv')) return fromManifest(path);
  if (found) return fromPaths([path]);
  if (isDynamicPattern(path)) return fromGlob(path);
  throw new ParameterError('ERR_CORPUS', mustBe('corpus', 'a folder, glob, CSV manifest or recording', path), { path });
}

async function audioFiles(pattern: string, cwd: string, absolute = false): Promise<string[]> {
  const files = await glob(pattern, { cwd, absolute, onlyFiles: true, fs: FOLLOWING_LINKS });
  return inByteOrder(files.filter((file) => isAudioPath(file)));
}

async function fromGlob(pattern: string): Promise<Found> {
  const { root, named } = fromPaths(await audioFiles(pattern, process.cwd(), true));
  const files = named.map(({ path }) => path);
  const kept = (await oncePerFile(root, files)).map((file) => resolve(root, file));
  return { ...fromPaths(kept), isSearched: true };
}

/** Ids of listed files are their paths below the deepest folder that holds them all. */
function fromPaths(paths: readonly string[]): Found {
  const files = paths.map((path) => resolve(path));
  const root = commonFolder(files);
  const below = files.map((file) => slashes(relative(root, file)));
  return { root, named: below.map((file) => ({ id: file, path: file })), isSearched: false };
}

async function fromManifest(path: string): Promise<Found> {
  const root = dirname(resolve(path));
  const { header, rows } = await readCsv(path);
  const pathColumn = header.indexOf('path');
  if (pathColumn < 0) {
    throw new ParameterError('ERR_CORPUS', mustBe(`header of ${path}`, 'one with a column "path"', [...header]), {
      path,
    });
  }
  const named = rows.map(({ cells, row, line }) => {
    const columns = Object.fromEntries(header.map((name, column) => [name, cells[column] ?? '']));
    const given = cells[pathColumn] ?? '';
    if (given === '')
      throw new ParameterError('ERR_CORPUS', mustBe(`path in ${path} row ${row} (line ${line})`, 'a file', ''));
    return { id: columns.id || slashes(given), path: belowRoot(root, resolve(root, given)), columns };
  });
  return { root, named, isSearched: false };
}

async function withSizes(root: string, named: readonly Named[]): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (let start = 0; start < named.length; start += STATS_AT_ONCE) {
    const part = named.slice(start, start + STATS_AT_ONCE).map(async (item) => {
      const found = await readableStat(resolve(root, item.path));
      return { ...item, bytes: found?.size ?? 0, mtimeMs: Math.trunc(found?.mtimeMs ?? 0) };
    });
    recordings.push(...(await Promise.all(part)));
  }
  return recordings;
}

/** A file that cannot be looked at is an error of that recording, told when it is read; here it has no size. */
function readableStat(path: string): Promise<Stats | null> {
  return statOrNull(path).catch(() => null);
}

/** Sorted by UTF-8 bytes: the same on every machine and locale, unlike UTF-16 or collation order. */
export function inByteOrder(paths: readonly string[]): string[] {
  const keyed = paths.map((path) => ({ path, key: Buffer.from(path) }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ path }) => path);
}

function commonFolder(files: readonly string[]): string {
  const [first = process.cwd(), ...rest] = files.map((file) => dirname(file));
  const parts = first.split(sep);
  let shared = parts.length;
  for (const folder of rest) {
    const other = folder.split(sep);
    while (shared > 0 && !parts.slice(0, shared).every((part, i) => part === other[i])) shared -= 1;
  }
  return parts.slice(0, shared).join(sep) || sep;
}

function belowRoot(root: string, file: string): string {
  const path = relative(root, file);
  return path.startsWith('..') || isAbsolute(path) ? file : slashes(path);
}

function slashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}

function show(corpus: Corpus): string {
  return typeof corpus === 'string' || corpus instanceof URL ? String(corpus) : `a list of ${corpus.length}`;
}
