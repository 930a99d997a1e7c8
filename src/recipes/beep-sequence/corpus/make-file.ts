/** Makes one file of a corpus on disk, unless it is there and whole already. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatLabels } from '../../../audio/index.js';
import { replaceFile } from '../../../files/index.js';
import { SAMPLE_RATE } from './appliance.js';
import { type ClipLibrary, recordingLibrary } from './background.js';
import { cachedDecoder } from './decode.js';
import { type FilePlan, GENERATOR_VERSION } from './plan.js';
import { type RenderedEvent, renderFile } from './render.js';
import type { Category, Part, Source } from './sources.js';
import { syntheticLibrary } from './synthetic.js';
import { wav16 } from './wav16.js';

export interface FileTask {
  readonly out: string;
  readonly seed: number;
  readonly plan: FilePlan;
  /** The recordings of the file's part; null for synthetic backgrounds. */
  readonly sources: Readonly<Record<Category, readonly Source[]>> | null;
}

/** What `<name>.json` and `corpus.json` say of a file. */
export interface FileRecord {
  readonly name: string;
  readonly part: Part;
  readonly durationSec: number;
  /** The SNR of all events of a short file; null where events differ or there are none. */
  readonly snrDb: number | null;
  readonly profiles: readonly string[];
  /** In order of time. */
  readonly events: readonly RenderedEvent[];
  readonly clips: readonly string[];
  /** SHA-256 of `<name>.wav` and `<name>.txt`. */
  readonly sha256: { readonly wav: string; readonly txt: string };
  /** Hash of everything that decides the bytes, but for the recordings' own content. */
  readonly planHash: string;
}

export interface MadeFile {
  readonly record: FileRecord;
  /** Found whole, not made anew. */
  readonly kept: boolean;
}

const decode = cachedDecoder();

export async function makeFile(task: FileTask): Promise<MadeFile> {
  const planHash = hashOf(task);
  const base = join(task.out, task.plan.name);
  const found = await readRecord(base, planHash);
  if (found !== null) return { record: found, kept: true };

  const rendered = await renderFile(task.seed, task.plan, libraryOf(task));
  const wav = wav16(rendered.samples, SAMPLE_RATE);
  const txt = formatLabels(rendered.labels);
  const record: FileRecord = {
    name: task.plan.name,
    part: task.plan.part,
    durationSec: task.plan.durationSec,
    snrDb: commonSnr(rendered.events),
    profiles: task.plan.profiles,
    events: rendered.events,
    clips: rendered.clips,
    sha256: { wav: sha256(wav), txt: sha256(txt) },
    planHash,
  };
  await mkdir(dirname(base), { recursive: true });
  await replaceFile(`${base}.wav`, wav);
  await replaceFile(`${base}.txt`, txt);
  // Last, since it vouches for the other two.
  await replaceFile(`${base}.json`, `${JSON.stringify(record, null, 1)}\n`);
  return { record, kept: false };
}

function libraryOf(task: FileTask): ClipLibrary {
  return task.sources === null ? syntheticLibrary(task.seed, task.plan.part) : recordingLibrary(task.sources, decode);
}

function hashOf({ seed, plan, sources }: FileTask): string {
  const clips = sources && Object.values(sources).flatMap((list) => list.map(({ id, bytes }) => [id, bytes]));
  return sha256(JSON.stringify([GENERATOR_VERSION, seed, plan, clips])).slice(0, 16);
}

function commonSnr(events: readonly RenderedEvent[]): number | null {
  const snrs = new Set(events.map((event) => event.snrDb));
  return snrs.size === 1 ? [...snrs][0]! : null;
}

/** The record of a file that is there, was made from the same plan, and has the bytes it should have. */
async function readRecord(base: string, planHash: string): Promise<FileRecord | null> {
  const [json, wav, txt] = await Promise.all(
    ['json', 'wav', 'txt'].map((extension) => readIfThere(`${base}.${extension}`)),
  );
  if (!json || !wav || !txt) return null;
  const record = parseRecord(json);
  const whole = record?.planHash === planHash && record.sha256.wav === sha256(wav) && record.sha256.txt === sha256(txt);
  return whole ? record : null;
}

/** Null for a record that a crash or an editor left unreadable: the file is then made again. */
function parseRecord(json: Uint8Array): FileRecord | null {
  try {
    return JSON.parse(Buffer.from(json).toString('utf8')) as FileRecord;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
