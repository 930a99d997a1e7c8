import { lstat, realpath, type Stats, stat } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob, isDynamicPattern } from 'tinyglobby';
import { isAudioPath } from '../audio/index.js';
import { mustBe, ParameterError } from '../errors.js';
import { statOrNull } from '../files/index.js';
import { readCsv } from './csv.js';
import type { Corpus, ListedCorpus, Recording } from './recording.js';

/** Files whose sizes are asked for at a time. */
const STATS_AT_ONCE = 64;

type Told<T> = (error: NodeJS.ErrnoException | null, found: T) => void;

/** A search leaves out links that lead nowhere, and nobody would hear of them: here they are files as they lie. */
const LISTING_BROKEN_LINKS = {
  realpath: ((path: string, tell: Told<string>) =>
    realpath(path, (error, found) => tell(null, error ? path : found))) as typeof realpath,
  stat: ((path: string, tell: Told<Stats>) =>
    stat(path, (error, found) => (error ? lstat(path, tell) : tell(null, found)))) as typeof stat,
};

interface Named {
  readonly id: string;
  readonly path: string;
  readonly columns?: Readonly<Record<string, string>>;
}

/**
 * All recordings of a corpus with their sizes: a folder's and a glob's in byte order of their paths, a list's and a
 * manifest's in the order given.
 *
 * @throws ParameterError `ERR_CORPUS` when nothing is found, or two recordings have one id
 */
export async function listCorpus(corpus: Corpus): Promise<ListedCorpus> {
  const { root, named } = await findRecordings(corpus);
  if (named.length === 0)
    throw new ParameterError('ERR_CORPUS', mustBe('corpus', 'recordings', `none in ${show(corpus)}`));
  const seen = new Set<string>();
  for (const { id } of named) {
    if (seen.has(id))
      throw new ParameterError('ERR_CORPUS', mustBe('ids of a corpus', 'different', `${id} twice`), { id });
    seen.add(id);
  }
  return { root, recordings: await withSizes(root, named) };
}

async function findRecordings(corpus: Corpus): Promise<{ root: string; named: Named[] }> {
  if (typeof corpus !== 'string' && !(corpus instanceof URL)) return fromPaths(corpus);
  const path = corpus instanceof URL ? fileURLToPath(corpus) : corpus;
  const found = await statOrNull(path);
  if (found?.isDirectory()) {
    const root = resolve(path);
    return { root, named: (await audioFiles('**/*', root)).map((file) => ({ id: file, path: file })) };
  }
  if (found && path.toLowerCase().endsWith('.csv')) return fromManifest(path);
  if (found) return fromPaths([path]);
  if (isDynamicPattern(path)) return fromPaths(await audioFiles(path, process.cwd(), true));
  throw new ParameterError('ERR_CORPUS', mustBe('corpus', 'a folder, glob, CSV manifest or recording', path), { path });
}

async function audioFiles(pattern: string, cwd: string, absolute = false): Promise<string[]> {
  const files = await glob(pattern, { cwd, absolute, onlyFiles: true, fs: LISTING_BROKEN_LINKS });
  return inByteOrder(files.filter((file) => isAudioPath(file)));
}

/** Ids of listed files are their paths below the deepest folder that holds them all. */
function fromPaths(paths: readonly string[]): { root: string; named: Named[] } {
  const files = paths.map((path) => resolve(path));
  const root = commonFolder(files);
  return {
    root,
    named: files.map((file) => ({ id: slashes(relative(root, file)), path: slashes(relative(root, file)) })),
  };
}

async function fromManifest(path: string): Promise<{ root: string; named: Named[] }> {
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
  return { root, named };
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
