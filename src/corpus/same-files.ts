/** Links give one file several names; a corpus holds each file once. */
import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mustBe, ParameterError } from '../errors.js';
import { nameFromBytes, pathOnDisk } from '../files/index.js';
import type { Recording } from './recording.js';

/** Files looked at together. */
const AT_ONCE = 64;

/** A file that was looked at. What cannot be has no size. */
export type LookedAt = Pick<Recording, 'path' | 'bytes' | 'mtimeMs'>;

interface Name extends LookedAt {
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
 * @param o `hasLinks: false` where it is known that none of the paths leads over a symbolic link: that is found out sooner
 */
export async function oncePerFile(
  root: string,
  paths: readonly string[],
  o: { readonly hasLinks: boolean },
): Promise<LookedAt[]> {
  const chosen = new Map<string, Name>();
  const names = await namesOf(root, paths, o);
  for (const name of names) {
    const before = chosen.get(name.file);
    if (before === undefined || (name.isPlain && !before.isPlain)) chosen.set(name.file, name);
  }
  return names
    .filter((name) => chosen.get(name.file) === name)
    .map(({ path, bytes, mtimeMs }) => ({ path, bytes, mtimeMs }));
}

/**
 * For recordings that someone wrote down: there a second name is a mistake, and which one was meant is not for us to say.
 * Cuts of one file differ in what they take of it.
 *
 * @throws ParameterError `ERR_CORPUS` naming both
 */
export async function refuseSameFiles(root: string, recordings: readonly Placed[]): Promise<void> {
  const paths = [...new Set(recordings.map(({ path }) => path))];
  const fileOf = new Map((await namesOf(root, paths, { hasLinks: true })).map(({ path, file }) => [path, file]));
  const seen = new Map<string, Placed>();
  for (const recording of recordings) {
    const { id, path, startSec = 0, durationSec = '', channel = '', member } = recording;
    const part = [startSec, durationSec, channel, member?.byteOffset ?? ''].join(' ');
    const key = part === WHOLE ? (fileOf.get(path) ?? path) : `${fileOf.get(path)} ${part}`;
    const before = seen.get(key);
    if (before !== undefined) {
      const [one, other] = before.path === path ? [before.id, id] : [before.path, path];
      const got = `${one} and ${other}, which are one`;
      throw new ParameterError('ERR_CORPUS', mustBe('recordings of a list', 'different files', got), {
        path,
        before: before.path,
      });
    }
    seen.set(key, recording);
  }
}

type Placed = Pick<Recording, 'id' | 'path' | 'startSec' | 'durationSec' | 'channel' | 'member'>;

/** The part of a file that is all of it. */
const WHOLE = '0   ';

async function namesOf(
  root: string,
  paths: readonly string[],
  { hasLinks }: { readonly hasLinks: boolean },
): Promise<Name[]> {
  const realRoot = await realpath(root).catch(() => root);
  const names: Name[] = [];
  for (let start = 0; start < paths.length; start += AT_ONCE) {
    const some = paths.slice(start, start + AT_ONCE);
    names.push(...(await Promise.all(some.map((path) => nameOf({ root, realRoot, path, hasLinks })))));
  }
  return names;
}

/** What cannot be looked at is a file of its own: its reader says what is wrong with it. */
async function nameOf({ root, realRoot, path, hasLinks }: Naming): Promise<Name> {
  const full = resolve(root, path);
  const onDisk = pathOnDisk(full);
  const plain = join(realRoot, path);
  try {
    const [real, found] = await Promise.all([hasLinks ? realOf(onDisk) : plain, stat(onDisk, { bigint: true })]);
    const { dev, ino, nlink, size, mtimeMs } = found;
    // Some file systems number no files, and a number alone is worth nothing across them.
    const file = nlink > 1n && ino > 0n ? `${dev}:${ino}` : real;
    return { path, file, isPlain: real === plain, bytes: Number(size), mtimeMs: Number(mtimeMs) };
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return { path, file: full, isPlain: true, bytes: 0, mtimeMs: 0 };
  }
}

interface Naming {
  readonly root: string;
  readonly realRoot: string;
  readonly path: string;
  readonly hasLinks: boolean;
}

async function realOf(path: string | Buffer): Promise<string> {
  return nameFromBytes(await realpath(path, 'buffer'));
}
