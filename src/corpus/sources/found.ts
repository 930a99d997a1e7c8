/** What every source gives: recordings that have not been looked at yet. */
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { mustBe, ParameterError } from '../../errors.js';
import { isReadableName, shownName } from '../../files/index.js';
import type { Recording } from '../recording.js';

/** A recording, perhaps before its file was looked at. */
export type Named = Omit<Recording, 'bytes' | 'mtimeMs'> & Partial<Pick<Recording, 'bytes' | 'mtimeMs'>>;

export interface Found {
  /** Absolute. */
  readonly root: string;
  readonly named: readonly Named[];
  /** By a folder or glob; else someone wrote the paths down. */
  readonly isSearched: boolean;
}

export function refuse(name: string, expected: string, got: unknown, path?: string): never {
  throw new ParameterError('ERR_CORPUS', mustBe(name, expected, got), path === undefined ? {} : { path });
}

/** A file whose path is its id; of one that is no text, what can be shown of it. */
export function asNamed(path: string): Named {
  return { id: isReadableName(path) ? path : shownName(path), path };
}

/** The deepest folder that holds all files. */
export function commonFolder(files: readonly string[]): string {
  const [first = process.cwd(), ...rest] = new Set(files.map((file) => dirname(file)));
  const parts = first.split(sep);
  let shared = parts.length;
  for (const folder of rest) {
    const other = folder.split(sep);
    while (shared > 0 && !parts.slice(0, shared).every((part, i) => part === other[i])) shared -= 1;
  }
  return parts.slice(0, shared).join(sep) || sep;
}

/** A file's path as recordings have it: below the root with `/`, or absolute outside it. */
export function belowRoot(root: string, file: string): string {
  const path = relative(root, file);
  return path.startsWith('..') || isAbsolute(path) ? file : slashes(path);
}

export function slashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
