import type { Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDynamicPattern } from 'tinyglobby';
import { statOrNull } from '../files/index.js';
import type { Corpus, ListedCorpus, Recording } from './recording.js';
import { refuseSameFiles } from './same-files.js';
import { fromCsv } from './sources/csv-manifest.js';
import { type Found, type Named, refuse } from './sources/found.js';
import { fromIterable, fromPaths } from './sources/items.js';
import { fromJsonLines } from './sources/json-manifest.js';
import { fromKaldi } from './sources/kaldi.js';
import { fromFolder, fromGlob } from './sources/search.js';
import { fromTars, isTarPath } from './sources/web-dataset.js';

/** Files whose sizes are asked for at a time. */
const STATS_AT_ONCE = 64;
/** What a cut of a longer recording counts: as much as 16 bits at 16 kHz. How long the whole is, nobody has looked. */
const CUT_BYTES_PER_SEC = 32_000;

/**
 * All recordings of a corpus with their sizes: a folder's and a glob's in byte order of their paths, others in the order
 * given. Links are followed, and each file is listed once, or once for each cut of it.
 *
 * @throws ParameterError `ERR_CORPUS` when nothing is found, two recordings have one id, a list or manifest names one file
 *   or cut twice, or it says something that cannot be; `ERR_CSV_WIDTH`
 */
export async function listCorpus(corpus: Corpus): Promise<ListedCorpus> {
  const { root, named, isSearched } = await findRecordings(corpus);
  if (named.length === 0) refuse('corpus', 'recordings', `none in ${show(corpus)}`);
  refuseSameIds(named);
  if (!isSearched) await refuseSameFiles(root, named);
  return { root, recordings: await withSizes(root, named) };
}

function refuseSameIds(named: readonly Named[]): void {
  const seen = new Set<string>();
  for (const { id } of named) {
    if (seen.has(id)) refuse('ids of a corpus', 'different', `${id} twice`);
    seen.add(id);
  }
}

async function findRecordings(corpus: Corpus): Promise<Found> {
  if (typeof corpus !== 'string' && !(corpus instanceof URL)) return fromIterable(corpus);
  const path = corpus instanceof URL ? fileURLToPath(corpus) : corpus;
  const found = await statOrNull(path);
  if (found?.isDirectory()) return (await isKaldiFolder(path)) ? fromKaldi(join(path, 'wav.scp')) : fromFolder(path);
  if (isTarPath(path)) return fromTars(path);
  if (found) return fromFile(path);
  if (isDynamicPattern(path)) return fromGlob(path);
  return refuse('corpus', 'a folder, glob, manifest, tar archive or recording', path, path);
}

async function isKaldiFolder(path: string): Promise<boolean> {
  return (await statOrNull(join(path, 'wav.scp')))?.isFile() ?? false;
}

function fromFile(path: string): Promise<Found> | Found {
  const name = path.toLowerCase();
  if (name.endsWith('.csv')) return fromCsv(path);
  if (/\.jsonl(\.gz)?$/.test(name)) return fromJsonLines(path);
  return name.endsWith('.scp') ? fromKaldi(path) : fromPaths([path]);
}

async function withSizes(root: string, named: readonly Named[]): Promise<Recording[]> {
  const recordings: Recording[] = [];
  const thin = thinner();
  const shared = new Map<string, Promise<Stats | null>>();
  for (let start = 0; start < named.length; start += STATS_AT_ONCE) {
    const part = named.slice(start, start + STATS_AT_ONCE);
    const found = await Promise.all(part.map((item) => (isLookedAt(item) ? null : statOf(item, root, shared))));
    part.forEach((item, i) => {
      if (isLookedAt(item)) recordings.push(thin(item));
      else {
        const [bytes, mtimeMs] = [bytesOf(item, found[i]?.size ?? 0), Math.trunc(found[i]?.mtimeMs ?? 0)];
        recordings.push({ ...thin(item), bytes, mtimeMs });
      }
    });
  }
  return recordings;
}

function isLookedAt(item: Named): item is Recording {
  return item.bytes !== undefined && item.mtimeMs !== undefined;
}

/** Different texts that are looked for; more are as good as all different. */
const MOST_KNOWN = 1 << 16;

/** Makes recordings take little memory: there may be millions, and labels, speakers and files of cuts come again and again. */
function thinner(): <T extends Named>(item: T) => T {
  const known = new Map<string, string>();
  const once = (text: string): string => {
    const before = known.get(text);
    if (before === undefined && known.size < MOST_KNOWN) known.set(text, text);
    return before ?? text;
  };
  return (item) => {
    const { path, columns } = item;
    // A path that is the id is no string of its own.
    if (columns === undefined && item.id === path) return item;
    const thin = { ...item, path: item.id === path ? item.id : once(path) };
    if (columns === undefined) return thin;
    return { ...thin, columns: Object.fromEntries(Object.entries(columns).map(([name, cell]) => [name, once(cell)])) };
  };
}

/**
 * A file that cannot be looked at is an error of that recording, told when it is read; here it has no size. One that holds
 * several recordings is looked at once.
 */
function statOf({ path, ...item }: Named, root: string, shared: Map<string, Promise<Stats | null>>) {
  const isPart = item.member !== undefined || item.durationSec !== undefined || item.startSec !== undefined;
  const before = shared.get(path);
  if (before !== undefined) return before;
  const found = statOrNull(resolve(root, path)).catch(() => null);
  if (isPart) shared.set(path, found);
  return found;
}

function bytesOf({ member, durationSec }: Named, size: number): number {
  const whole = member === undefined ? size : member.byteLength;
  return durationSec === undefined ? whole : Math.min(whole, Math.ceil(durationSec * CUT_BYTES_PER_SEC));
}

function show(corpus: Corpus): string {
  return typeof corpus === 'string' || corpus instanceof URL ? String(corpus) : 'a list';
}
