/** The recordings of a folder with what their names and neighbours say of them. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAudioPath } from '../../audio/index.js';
import { mustBe, ParameterError } from '../../errors.js';
import { statOrNull } from '../../files/index.js';

/** Every recording below a folder in order of path, or one recording. @throws ParameterError `ERR_CORPUS` where there is none */
export async function findRecordings(data: string): Promise<string[]> {
  const info = await statOrNull(data);
  if (info === null) throw new ParameterError('ERR_CORPUS', mustBe('data', 'a folder, recording or CSV table', data));
  if (!info.isDirectory()) return [data];
  const names = await readdir(data, { recursive: true });
  const paths = names.filter((name) => isAudioPath(name)).map((name) => join(data, name));
  if (paths.length > 0) return paths.sort();
  throw new ParameterError('ERR_CORPUS', mustBe('data', 'a folder with recordings', data), { path: data });
}

/** The Audacity label file beside a recording: `a.wav` → `a.txt`. */
export function sidecarOf(recording: string): string {
  return recording.replace(/\.[^./\\]+$/, '.txt');
}

export function hasSidecar(recording: string): boolean {
  return existsSync(sidecarOf(recording));
}

export function parentFolder(recording: string): string {
  return basename(dirname(recording));
}
