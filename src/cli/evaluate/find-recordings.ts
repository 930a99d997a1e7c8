/** The recordings of a folder with what their names and neighbours say of them. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { listCorpus } from '../../corpus/index.js';
import { mustBe, ParameterError } from '../../errors.js';
import { statOrNull } from '../../files/index.js';

/**
 * Every recording below a folder, as `extract` lists them (in byte order, each file once), or one recording.
 * @throws ParameterError `ERR_CORPUS` where there is none
 */
export async function findRecordings(data: string): Promise<string[]> {
  const info = await statOrNull(data);
  if (info === null) throw new ParameterError('ERR_CORPUS', mustBe('data', 'a folder, recording or CSV table', data));
  if (!info.isDirectory()) return [data];
  const { recordings } = await listCorpus(data);
  return recordings.map(({ path }) => join(data, path));
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
