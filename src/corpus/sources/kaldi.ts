/** Kaldi's data folders: `wav.scp`, and `segments`, `text`, `utt2spk` where they lie beside it. */
import { open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readLines, statOrNull } from '../../files/index.js';
import { cutFields } from '../cut-fields.js';
import type { ArchiveMember } from '../recording.js';
import { baseFolder } from './base-folder.js';
import { belowRoot, commonFolder, type Found, type Named, refuse } from './found.js';

/** An entry of a table: `<key> <the rest of the line>`. */
interface Entry {
  readonly key: string;
  readonly value: string;
  readonly where: string;
}

interface Sound {
  /** As the table has it. */
  readonly path: string;
  /** In an archive of WAV files. */
  readonly byteOffset: number | null;
  readonly where: string;
}

interface Placed {
  readonly path: string;
  readonly member?: ArchiveMember;
}

export async function fromKaldi(scp: string): Promise<Found> {
  const folder = dirname(resolve(scp));
  const sounds = new Map<string, Sound>();
  for await (const { key, value, where } of entries(scp)) {
    if (sounds.has(key)) refuse('keys of wav.scp', 'different', `${key} twice (${where})`, scp);
    sounds.set(key, soundOf(value, where));
  }
  const base = await baseFolder(scp, paths(sounds));
  const root = commonFolder([...sounds.values()].map(({ path }) => resolve(base, path)));
  const placed = await placeAll(sounds, base, root);
  const saying = { text: await tableBeside(folder, 'text'), speakers: await tableBeside(folder, 'utt2spk') };
  const named: Named[] = [];
  for await (const utterance of utterancesOf(folder, placed)) named.push(withColumns(utterance, saying));
  return { root, named, isSearched: false };
}

function* paths(sounds: ReadonlyMap<string, Sound>): Generator<string> {
  for (const { path } of sounds.values()) yield path;
}

async function* entries(path: string): AsyncGenerator<Entry> {
  for await (const { text, line } of readLines(path)) {
    const [, key = '', value = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(text) ?? [];
    if (key !== '') yield { key, value, where: `${path} line ${line}` };
  }
}

/** Kaldi's extended file names: a path, or a path and where in it; commands are none of ours to run. */
function soundOf(name: string, where: string): Sound {
  const plain = 'a file (save what a command makes first, as wav-copy does)';
  if (name === '' || name === '-' || name.endsWith('|') || name.startsWith('|')) refuse(where, plain, name || 'none');
  const [, path, offset] = /^(.*[^:]):(\d+)$/.exec(name) ?? [];
  if (path === undefined) return { path: name, byteOffset: null, where };
  return { path, byteOffset: Number(offset), where };
}

async function placeAll(sounds: ReadonlyMap<string, Sound>, base: string, root: string) {
  const placed = new Map<string, Placed>();
  for (const [key, sound] of sounds) {
    const file = resolve(base, sound.path);
    const path = belowRoot(root, file);
    const member = sound.byteOffset === null ? null : await wavAt(file, sound.byteOffset, key, sound.where);
    placed.set(key, member === null ? { path } : { path, member });
  }
  return placed;
}

/** `RIFF`, and how many bytes follow these eight. */
const RIFF_HEAD_BYTES = 8;

/** A WAV file inside an archive, which ends where it says itself. */
async function wavAt(file: string, byteOffset: number, name: string, where: string): Promise<ArchiveMember> {
  const head = Buffer.alloc(RIFF_HEAD_BYTES);
  const archive = await open(file).catch((error: unknown) => refuse(where, 'a file that can be read', String(error)));
  try {
    await archive.read(head, 0, head.length, byteOffset);
  } finally {
    await archive.close();
  }
  const magic = head.toString('latin1', 0, 4);
  if (magic === 'RIFF') return { name, byteOffset, byteLength: RIFF_HEAD_BYTES + head.readUInt32LE(4) };
  return refuse(`${file} at byte ${byteOffset} (${where})`, 'a WAV file', JSON.stringify(magic), file);
}

async function tableBeside(folder: string, name: string): Promise<ReadonlyMap<string, string>> {
  const table = new Map<string, string>();
  const path = join(folder, name);
  if ((await statOrNull(path)) === null) return table;
  for await (const { key, value } of entries(path)) table.set(key, value);
  return table;
}

async function* utterancesOf(folder: string, placed: ReadonlyMap<string, Placed>): AsyncGenerator<Named> {
  const segments = join(folder, 'segments');
  if ((await statOrNull(segments)) === null) {
    for (const [id, place] of placed) yield { id, ...place };
    return;
  }
  for await (const { key, value, where } of entries(segments)) {
    const [recording = '', start, end, channel, ...more] = value.split(/\s+/);
    const place = placed.get(recording);
    if (place === undefined) return refuse(where, 'about a recording of wav.scp', recording, segments);
    if (end === undefined || more.length > 0) refuse(where, '<utterance> <recording> <start> <end>', value, segments);
    // An end of −1 is the recording's own.
    const durationSec = end === '-1' ? undefined : Number(end) - Number(start);
    yield { id: key, ...place, ...cutFields({ startSec: start, durationSec, channel }, where) };
  }
}

interface Saying {
  readonly text: ReadonlyMap<string, string>;
  readonly speakers: ReadonlyMap<string, string>;
}

function withColumns(utterance: Named, { text, speakers }: Saying): Named {
  const [said, speaker] = [text.get(utterance.id), speakers.get(utterance.id)];
  const columns = {
    ...(said !== undefined && { text: said, label: said }),
    ...(speaker !== undefined && { speaker, group: speaker }),
  };
  return Object.keys(columns).length > 0 ? { ...utterance, columns } : utterance;
}
