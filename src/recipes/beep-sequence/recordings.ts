/** The corpus as the recipe uses it: recordings with their labels, in order of time. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readLabels } from '../../audio/index.js';
import { mustBe, ParameterError } from '../../errors.js';
import type { Interval } from '../../types.js';
import type { Registry } from '../corpora/index.js';
import { type ChecksumVerdict, type CorpusSize, type FileRecord, PARTS, type Part } from './corpus/index.js';

export interface CorpusRecording extends FileRecord {
  /** The WAV file, absolute. */
  readonly path: string;
  readonly labels: readonly Interval[];
}

export interface BeepCorpus {
  readonly folder: string;
  readonly backgrounds: string;
  readonly size: CorpusSize;
  /** Whose packages the backgrounds come from; null for others, and where the corpus does not say. */
  readonly source: Registry | null;
  /** Packages the backgrounds come from, with their licences. */
  readonly packages: readonly { readonly name: string; readonly version: string; readonly licence: string }[];
  readonly recordings: readonly CorpusRecording[];
  /** Whether it has the bytes it had when the recipe was written; null for a corpus from elsewhere. */
  readonly checksums: ChecksumVerdict | null;
}

interface CorpusIndex extends Pick<BeepCorpus, 'backgrounds' | 'packages' | 'size'> {
  readonly cochleaCorpus: number;
  readonly source?: Registry | null;
  readonly files: readonly FileRecord[];
}

/** @throws ParameterError `ERR_CORPUS` where the folder was not made by `makeCorpus` */
export async function openCorpus(folder: string): Promise<BeepCorpus> {
  const index = await readIndex(join(folder, 'corpus.json'));
  const recordings = await Promise.all(
    index.files.map(async (file) => ({
      ...file,
      path: resolve(folder, `${file.name}.wav`),
      labels: await readLabels(join(folder, `${file.name}.txt`)),
    })),
  );
  const { backgrounds, size, source = null, packages } = index;
  return { folder, backgrounds, size, source, packages, recordings, checksums: null };
}

async function readIndex(path: string): Promise<CorpusIndex> {
  try {
    const index: CorpusIndex = JSON.parse(await readFile(path, 'utf8'));
    const named = ({ name, part }: FileRecord) => typeof name === 'string' && PARTS.includes(part);
    if (index.cochleaCorpus === 1 && Array.isArray(index.files) && index.files.every(named)) return index;
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : cause;
    throw new ParameterError('ERR_CORPUS', mustBe('data', 'a folder with the corpus.json of makeCorpus', got), {
      path,
    });
  }
  throw new ParameterError(
    'ERR_CORPUS',
    mustBe('corpus.json', 'version 1 with files that have a name and a part', path),
    { path },
  );
}

/** @throws ParameterError `ERR_CORPUS` naming the parts there are where one has no recording */
export function requireParts(corpus: BeepCorpus): BeepCorpus {
  const present = PARTS.filter((part) => partOf(corpus, part).length > 0);
  if (present.length === PARTS.length) return corpus;
  const expected = 'a corpus with recordings for train, validation, test and held-out';
  throw new ParameterError('ERR_CORPUS', mustBe('data', expected, `one for ${present.join(', ') || 'none of them'}`), {
    folder: corpus.folder,
  });
}

export function partOf(corpus: BeepCorpus, part: Part): CorpusRecording[] {
  return corpus.recordings.filter((recording) => recording.part === part);
}
