/** Links give one file several names; a corpus holds each file once. */
import type { BigIntStats } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { mustBe, ParameterError } from '../errors.js';
import { nameFromBytes, pathOnDisk, statEach } from '../files/index.js';
import type { Recording } from './recording.js';

/** Files whose real paths are asked for at a time. */
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
  const plainOf = (path: string): string => (hasLinks ? resolve(realRoot, path) : path);
  const names = await statEach(root, paths, (found, i) => nameOf(paths[i]!, plainOf(paths[i]!), found));
  if (!hasLinks) return names;
  const led: Name[] = [];
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const some = names.slice(start, start + AT_ONCE);
    led.push(...(await Promise.all(some.map((name) => behindLinks(root, name, realRoot)))));
  }
  return led;
}

/**
 * As if no link led to it. What cannot be looked at is a file of its own: its reader says what is wrong with it.
 *
 * @param plain what no other file is called
 */
function nameOf(path: string, plain: string, found: BigIntStats | null): Name {
  if (found === null) return { path, file: plain, isPlain: true, bytes: 0, mtimeMs: 0 };
  const { dev, ino, nlink, size, mtimeMs } = found;
  // Some file systems number no files, and a number alone is worth nothing across them.
  const file = nlink > 1n && ino > 0n ? `${dev}:${ino}` : plain;
  return { path, file, isPlain: true, bytes: Number(size), mtimeMs: Number(mtimeMs) };
}

async function behindLinks(root: string, name: Name, realRoot: string): Promise<Name> {
  const plain = resolve(realRoot, name.path);
  const real = await realOf(resolve(root, name.path), plain);
  return real === plain ? name : { ...name, file: name.file === plain ? real : name.file, isPlain: false };
}

async function realOf(path: string, plain: string): Promise<string> {
  try {
    return nameFromBytes(await realpath(pathOnDisk(path), 'buffer'));
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return plain;
    throw error;
  }
}
