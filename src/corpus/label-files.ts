/** Files with a recording's labels: where they lie, and what they say of its cut. */
import { basename, extname, join, posix, relative, resolve } from 'node:path';
import {
  firstIntervalTier,
  isAudioPath,
  type RttmTurn,
  readLabels,
  readRttm,
  readTextGrid,
  readTimit,
  tierOf,
} from '../audio/index.js';
import { mustBe, ParameterError } from '../errors.js';
import { statOrNull } from '../files/index.js';
import type { Interval } from '../types.js';
import type { CheckedRule, LabelFormat } from './label-rule.js';
import type { Recording } from './recording.js';

type FilesRule = Extract<CheckedRule, { readonly by: 'files' }>;

/** A label file to read, with what would show that it has changed. Nothing but data: it goes into plans. */
export interface Sidecar {
  /** Relative to the corpus' root; absolute beside a recording that lies outside. */
  readonly path: string;
  /** 0 where there is no file, as is `mtimeMs`. */
  readonly bytes: number;
  readonly mtimeMs: number;
  readonly format: LabelFormat;
  /** What an RTTM file may call the recording, and whose channel counts: from 1, or null for all. */
  readonly recording?: { readonly names: readonly string[]; readonly channel: number | null };
}

/** Why a rule says nothing of a recording. */
export interface Fault {
  readonly fault: string;
}

/** Where a recording lies, a member of an archive as if it were unpacked beside it; relative to the corpus' root with `/`. */
export function placeOf({ path, member }: Recording): string {
  if (member === undefined) return path;
  // What leads out of the archive's folder leads nowhere.
  return posix.join(posix.dirname(path), posix.join('/', member.name).slice(1));
}

/**
 * The label file of a recording, or the first of the names that it could have where none is there. One that may not be
 * looked at is told when it is read.
 */
export async function findSidecar(recording: Recording, root: string, rule: FilesRule): Promise<Sidecar> {
  const { folder, extension, format } = rule;
  const place = placeOf(recording);
  const below = posix.isAbsolute(place) ? basename(place) : place;
  const endings = format.kind === 'cgn' ? [extension, `${extension}.gz`] : [extension];
  // Relative, so that a plan stays the same where a corpus and its labels are moved together.
  const audio = folder === null ? place : join(relative(root, resolve(root, folder)), below);
  const names = namesOf(audio, endings);
  const more = format.kind === 'rttm' ? { recording: rttmRecording(recording) } : {};
  for (const path of names) {
    const found = await statOrNull(resolve(root, path)).catch(() => null);
    if (found !== null) return { path, bytes: found.size, mtimeMs: Math.trunc(found.mtimeMs), format, ...more };
  }
  return { path: names[0] ?? place, bytes: 0, mtimeMs: 0, format, ...more };
}

/** `SA1.WAV.wav` is a TIMIT recording made a WAV file, and its phones are in `SA1.PHN`. */
function namesOf(audio: string, endings: readonly string[]): string[] {
  const stem = withoutExtension(audio);
  const stems = isAudioPath(stem) ? [stem, withoutExtension(stem)] : [stem];
  const cases = new Set(endings.flatMap((ending) => [ending, ending.toLowerCase(), ending.toUpperCase()]));
  return stems.flatMap((name) => [...cases].map((ending) => `${name}.${ending}`));
}

function withoutExtension(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}

/** What RTTM may call a recording: its id, its path or its file name, without the extension; and the channel that counts. */
function rttmRecording(recording: Recording): NonNullable<Sidecar['recording']> {
  const place = withoutExtension(placeOf(recording));
  const names = [...new Set([recording.id, place, basename(place)])];
  return { names, channel: typeof recording.channel === 'number' ? recording.channel + 1 : null };
}

/**
 * Who speaks when, from a file about many recordings: for each the labels of its cut, or why there are none. RTTM goes by
 * names without folders, so it cannot tell two recordings of one name apart.
 *
 * @throws ParameterError `ERR_LABELS` naming file and line
 */
export async function turnsFrom(file: string): Promise<(recording: Recording) => readonly Interval[] | Fault> {
  const turns = await readRttm(file);
  const owners = new Map<string, string>();
  return (recording) => {
    const { names, channel } = rttmRecording(recording);
    const name = names.find((one) => turns.has(one));
    if (name === undefined) return { fault: mustBe(file, `a file with lines about ${names.join(' or ')}`, 'none') };
    const place = placeOf(recording);
    const owner = owners.get(name) ?? place;
    owners.set(name, owner);
    const expected = `${owner} alone, which it may also be about`;
    if (owner !== place) return { fault: mustBe(`what ${file} calls ${name}`, expected, place) };
    return clipIntervals(ofChannel(turns.get(name) ?? [], channel), recording);
  };
}

function ofChannel(turns: readonly RttmTurn[], channel: number | null): Interval[] {
  const kept = turns.filter((turn) => channel === null || turn.channel === null || turn.channel === channel);
  return kept.map(({ startSec, endSec, label }) => ({ startSec, endSec, label }));
}

/**
 * Reads a label file.
 *
 * @param sampleRate Hz, the recording's own: files that count samples need it
 * @returns in seconds from the start of the recording
 * @throws ParameterError `ERR_LABELS` naming file and line, also where there is no file; `ERR_SAMPLE_RATE`
 */
export async function readSidecar(sidecar: Sidecar, root: string, sampleRate?: number): Promise<readonly Interval[]> {
  const path = resolve(root, sidecar.path);
  const isGone = (await statOrNull(path).catch(() => undefined)) === null;
  if (isGone) {
    throw new ParameterError('ERR_LABELS', mustBe('label file', 'there (empty when nothing happens)', path), { path });
  }
  const { format } = sidecar;
  if (format.kind === 'audacity') return readLabels(path);
  if (format.kind === 'rttm') return rttmBeside(path, sidecar.recording);
  const intervals = format.kind === 'timit' ? await timit(path, sampleRate) : await textGrid(path, format);
  return intervals.filter(({ label }) => !format.silences.includes(label.trim()));
}

async function timit(path: string, sampleRate: number | undefined): Promise<Interval[]> {
  if (sampleRate !== undefined) return readTimit(path, sampleRate);
  throw new ParameterError('ERR_SAMPLE_RATE', mustBe('sampleRate', `given, as ${path} counts samples`, sampleRate));
}

type TextGridFormat = Extract<LabelFormat, { readonly kind: 'textgrid' | 'cgn' }>;

async function textGrid(path: string, { kind, tier }: TextGridFormat): Promise<readonly Interval[]> {
  const isCgn = kind === 'cgn';
  const grid = await readTextGrid(path, isCgn ? 'latin1' : 'auto');
  const found = isCgn && tier === null ? firstIntervalTier(grid, path) : tierOf(grid, tier, path);
  return found.intervals;
}

/** A file about one recording may be empty, but not about others. */
async function rttmBeside(path: string, recording: Sidecar['recording']): Promise<Interval[]> {
  const { names, channel } = recording ?? { names: [], channel: null };
  const turns = await readRttm(path);
  const name = names.find((one) => turns.has(one));
  if (name === undefined && turns.size > 0) {
    const expected = `about ${names.join(' or ')}`;
    throw new ParameterError('ERR_LABELS', mustBe(path, expected, `${[...turns.keys()].join(', ')} only`), { path });
  }
  return ofChannel(turns.get(name ?? '') ?? [], channel);
}

/**
 * What of a recording's labels falls into a cut of it, relative to the cut's start. Labels that reach over an edge are cut
 * there; a point belongs to the cut that it begins.
 *
 * @param cut default: from the start, to the end
 */
export function clipIntervals(
  intervals: readonly Interval[],
  { startSec: cutStart = 0, durationSec = Number.POSITIVE_INFINITY }: Pick<Recording, 'startSec' | 'durationSec'>,
): readonly Interval[] {
  if (cutStart === 0 && durationSec === Number.POSITIVE_INFINITY) return intervals;
  const cutEnd = cutStart + durationSec;
  return intervals
    .filter(({ startSec, endSec }) => startSec < cutEnd && (endSec > cutStart || startSec >= cutStart))
    .map(({ startSec, endSec, label }) => ({
      startSec: Math.max(startSec, cutStart) - cutStart,
      endSec: Math.min(endSec, cutEnd) - cutStart,
      label,
    }));
}
