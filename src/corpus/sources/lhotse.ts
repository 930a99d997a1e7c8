/** Manifests of lhotse: recordings, supervisions, cuts. */
import { resolve } from 'node:path';
import * as z from 'zod';
import { statOrNull } from '../../files/index.js';
import type { Interval } from '../../types.js';
import { cutFields } from '../cut-fields.js';
import { clipIntervals } from '../label-files.js';
import { baseFolder } from './base-folder.js';
import { belowRoot, commonFolder, type Found, type Named, refuse } from './found.js';
import { columnsOf, isObject, type JsonLine, type JsonRow, readJsonLines } from './json-manifest.js';

const channels = z.union([z.number(), z.array(z.number())]);
const RECORDING = z.object({
  id: z.string(),
  sources: z.array(z.object({ type: z.string(), channels: z.array(z.number()), source: z.unknown() })),
  duration: z.number(),
  channel_ids: z.array(z.number()).nullish(),
  transforms: z.array(z.unknown()).nullish(),
});
const SUPERVISION = z.object({
  id: z.string(),
  recording_id: z.string(),
  start: z.number(),
  duration: z.number(),
  channel: channels.nullish(),
  text: z.string().nullish(),
  speaker: z.string().nullish(),
  language: z.string().nullish(),
  gender: z.string().nullish(),
});
const CUT = z.object({
  id: z.string(),
  start: z.number(),
  duration: z.number(),
  channel: channels,
  supervisions: z.array(SUPERVISION).nullish(),
  recording: RECORDING.nullish(),
  custom: z.record(z.string(), z.unknown()).nullish(),
});

type LhotseRecording = z.infer<typeof RECORDING>;
type Supervision = z.infer<typeof SUPERVISION>;
type Cut = z.infer<typeof CUT>;

/** Whether a line is one of lhotse's: this library's own have a `path`. */
export function isLhotse(row: JsonRow): boolean {
  return row.path === undefined && ('sources' in row || 'recording_id' in row || 'type' in row);
}

/** A cut of lhotse's whose file has not been resolved yet. */
interface Unplaced extends Omit<Named, 'path'> {
  readonly source: string;
}

export async function fromLhotse(path: string, lines: AsyncIterable<JsonLine>): Promise<Found> {
  const unplaced: Unplaced[] = [];
  let recordings: ReadonlyMap<string, LhotseRecording> | null = null;
  for await (const { row, where } of lines) {
    if ('sources' in row) unplaced.push(ofRecording(parse(RECORDING, row, where), where));
    else if ('recording_id' in row) {
      recordings ??= await recordingsBeside(path);
      unplaced.push(ofSupervision(parse(SUPERVISION, row, where), recordings, where));
    } else unplaced.push(ofCut(row, where));
  }
  const base = await baseFolder(path, firstOf(unplaced));
  const files = unplaced.map(({ source }) => resolve(base, source));
  const root = commonFolder(files);
  const named = unplaced.map(({ source, ...rest }) => ({ ...rest, path: belowRoot(root, resolve(base, source)) }));
  return { root, named, isSearched: false };
}

function* firstOf(all: readonly Unplaced[]): Generator<string> {
  for (const { source } of all) yield source;
}

function parse<T extends z.ZodType>(schema: T, row: JsonRow, where: string): z.infer<T> {
  const { data, error } = schema.safeParse(row);
  if (error === undefined) return data;
  const [issue] = error.issues;
  return refuse(where, 'as lhotse writes it', `${issue?.path.join('.')}: ${issue?.message}`);
}

function ofRecording(recording: LhotseRecording, where: string): Unplaced {
  if (recording.sources.length !== 1) {
    const got = `${recording.sources.length} files of ${recording.id}`;
    refuse(`sources in ${where}`, 'one file of all channels (cuts may go by channels of several)', got);
  }
  return { id: recording.id, source: fileOf(recording, null, where).source };
}

/** The file of a channel, or of all channels, and which of its own channels that is. */
function fileOf(
  recording: LhotseRecording,
  channel: number | null,
  where: string,
): { readonly source: string; readonly channel: number | null } {
  const { id, sources, transforms } = recording;
  if (transforms != null && transforms.length > 0) {
    const names = transforms.map((transform) => (isObject(transform) ? transform.name : transform));
    refuse(`transforms of ${id} in ${where}`, 'none (what they make has to be saved first)', names);
  }
  const found = sources.find(({ channels }) => channel === null || channels.includes(channel));
  if (found === undefined) return refuse(`channel of ${id} in ${where}`, 'one of its sources', channel);
  if (found.type !== 'file' || typeof found.source !== 'string') {
    return refuse(`source of ${id} in ${where}`, 'of type "file"', found.type);
  }
  const place = channel === null || found.channels.length === 1 ? 0 : found.channels.indexOf(channel);
  return { source: found.source, channel: channel === null ? null : place };
}

async function recordingsBeside(path: string): Promise<ReadonlyMap<string, LhotseRecording>> {
  const beside = path.replace(/supervisions(?=[^/]*$)/, 'recordings');
  if (beside === path || (await statOrNull(beside)) === null) {
    refuse(path, 'beside its recordings, its name with "recordings" instead of "supervisions"', 'none', path);
  }
  const recordings = new Map<string, LhotseRecording>();
  for await (const { row, where } of readJsonLines(beside)) {
    const recording = parse(RECORDING, row, where);
    recordings.set(recording.id, recording);
  }
  return recordings;
}

function ofSupervision(
  supervision: Supervision,
  recordings: ReadonlyMap<string, LhotseRecording>,
  where: string,
): Unplaced {
  const { id, recording_id, start, duration, channel } = supervision;
  const recording = recordings.get(recording_id);
  if (recording === undefined) return refuse(`recording_id in ${where}`, 'one of the recordings', recording_id);
  const said = [{ ...supervision, start: 0 }];
  return cutOf({ id, start, duration, channel: channel ?? 0, supervisions: said, recording }, where);
}

function ofCut(row: JsonRow, where: string): Unplaced {
  if (row.type !== 'MonoCut' && row.type !== 'MultiCut') {
    refuse(`type in ${where}`, 'MonoCut or MultiCut (what others mix or pad has to be saved first)', row.type);
  }
  const cut = parse(CUT, row, where);
  if (cut.recording == null) return refuse(`recording in ${where}`, 'there', 'none: a cut of features');
  return cutOf({ ...cut, recording: cut.recording }, where);
}

type SoundCut = Cut & { readonly recording: LhotseRecording };

function cutOf(cut: SoundCut, where: string): Unplaced {
  const { id, start, duration, recording, custom } = cut;
  const wanted = channelOf(cut, where);
  const { source, channel } = fileOf(recording, wanted, where);
  const isWhole = start === 0 && duration >= recording.duration;
  const isOnly = recording.sources.length === 1 && recording.sources[0]?.channels.length === 1;
  const stretch = isWhole ? {} : { startSec: start, durationSec: duration };
  const fields = { startSec: undefined, durationSec: undefined, ...stretch, channel: isOnly ? null : channel };
  const said = cut.supervisions ?? [];
  return {
    id,
    source,
    ...cutFields(fields, where),
    ...(said.length > 0 && { labels: clipIntervals(said.map(intervalOf), { startSec: 0, durationSec: duration }) }),
    columns: { ...columnsOf(custom ?? {}), ...columnsOfSaid(said) },
  };
}

/** All channels of a recording are no choice; others are one or none. */
function channelOf({ channel, recording, id }: SoundCut, where: string): number | null {
  const wanted = typeof channel === 'number' ? [channel] : channel;
  const all = recording.sources.flatMap((source) => source.channels);
  if (wanted.length === 1) return wanted[0] ?? null;
  if (recording.sources.length === 1 && all.every((one) => wanted.includes(one))) return null;
  return refuse(`channel of ${id} in ${where}`, 'one channel, or all of one file', wanted);
}

function intervalOf({ id, start, duration, text, speaker }: Supervision): Interval {
  return { startSec: start, endSec: start + duration, label: text ?? speaker ?? id };
}

/** What is said of the whole cut: each word where all supervisions have the same, and all texts. */
function columnsOfSaid(said: readonly Supervision[]): Record<string, string> {
  const texts = said.flatMap(({ text }) => (text == null ? [] : [text]));
  const text = texts.length > 0 ? texts.join(' ') : undefined;
  const speaker = common(said, 'speaker');
  const columns = { text, speaker, language: common(said, 'language'), gender: common(said, 'gender') };
  const label = said.length === 1 ? text : undefined;
  return columnsOf({ ...columns, label, group: speaker });
}

function common(said: readonly Supervision[], field: 'speaker' | 'language' | 'gender'): string | undefined {
  const found = new Set(said.map((supervision) => supervision[field] ?? ''));
  const [only] = found;
  return found.size === 1 && only !== '' ? only : undefined;
}
