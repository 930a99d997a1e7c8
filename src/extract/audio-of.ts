import { resolve } from 'node:path';
import type { Recording } from '../corpus/index.js';
import type { FileRange } from '../types.js';

/** What to open for a recording, and the file it lies in, absolute. */
export function audioOf(
  { path, member }: Pick<Recording, 'path' | 'member'>,
  root: string,
): { readonly input: string | FileRange; readonly path: string } {
  const file = resolve(root, path);
  if (member === undefined) return { input: file, path: file };
  const { byteOffset, byteLength } = member;
  return { input: { path: file, byteOffset, byteLength, name: `${file}/${member.name}` }, path: file };
}

/** How a shard names the file: in an archive, as if that were a folder. */
export function pathOf({ path, member }: Pick<Recording, 'path' | 'member'>): string {
  return member === undefined ? path : `${path}/${member.name}`;
}
