import { resolve } from 'node:path';
import type { Recording } from '../corpus/index.js';
import type { AudioInput } from '../types.js';

/** What to open for a recording, and the file it lies in, absolute. */
export function audioOf(
  { path, member }: Pick<Recording, 'path' | 'member'>,
  root: string,
): { readonly input: AudioInput; readonly path: string } {
  const file = resolve(root, path);
  if (member === undefined) return { input: file, path: file };
  const { byteOffset, byteLength } = member;
  return { input: { path: file, byteOffset, byteLength, name: `${file}/${member.name}` }, path: file };
}
