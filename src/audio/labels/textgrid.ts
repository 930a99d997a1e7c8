import { mustBe, ParameterError } from '../../errors.js';
import type { Interval } from '../../types.js';
import { type LabelEncoding, labelError, readLabelText } from './label-text.js';
import { TextGridFields } from './textgrid-fields.js';

/** What Praat calls a TextGrid: labels of one recording, in layers. */
export interface TextGrid {
  readonly startSec: number;
  readonly endSec: number;
  readonly tiers: readonly TextGridTier[];
}

export interface TextGridTier {
  /** Points are intervals that end where they start. */
  readonly kind: 'interval' | 'point';
  readonly name: string;
  /** In order. Where nothing is said there is an interval with an empty label, as in the file. */
  readonly intervals: readonly Interval[];
}

/** The header of both text forms; the short one once had a header of its own, which CGN's files have. */
const FILE_TYPES: readonly string[] = ['ooTextFile', 'ooTextFile short'];
const HEADER = 'that of a TextGrid, saved by Praat as text or short text ("ooTextFile", then "TextGrid")';
/** How Praat's binary files begin, without quotes. */
const BINARY = 'ooBinaryFile';
const CLASSES: Readonly<Record<string, TextGridTier['kind']>> = { IntervalTier: 'interval', TextTier: 'point' };

/**
 * Reads a TextGrid in Praat's long or short text form, in UTF-8, UTF-16 or Latin-1.
 *
 * @throws ParameterError `ERR_LABELS` naming file and line
 */
export async function readTextGrid(path: string, encoding?: LabelEncoding): Promise<TextGrid> {
  return parseTextGrid(await readLabelText(path, encoding), path);
}

/** Reads the text of a TextGrid; `name` is what errors call it. */
export function parseTextGrid(text: string, name: string): TextGrid {
  if (text.startsWith(BINARY)) throw labelError(name, 1, mustBe('the file type', HEADER, BINARY));
  const fields = new TextGridFields(text.replace(/^\uFEFF/, ''), name);
  readHeader(fields);
  const [startSec, endSec] = readSpan(fields, 'the TextGrid');
  const tiers: TextGridTier[] = [];
  const size = fields.exists('tiers') ? fields.count('size') : 0;
  for (let i = 1; i <= size; i++) tiers.push(readTier(fields, `tier ${i}`));
  fields.end(`what follows the last of ${size} tiers`);
  return { startSec, endSec, tiers };
}

function readHeader(fields: TextGridFields): void {
  if (!FILE_TYPES.includes(fields.text('the file type'))) throw fields.refuse('the file type', HEADER);
  if (fields.text('the object class') !== 'TextGrid') throw fields.refuse('the object class', HEADER);
}

function readTier(fields: TextGridFields, what: string): TextGridTier {
  const className = fields.text(`class of ${what}`);
  const kind = CLASSES[className];
  if (kind === undefined) throw fields.refuse(`class of ${what}`, Object.keys(CLASSES).join(' or '));
  const name = fields.text(`name of ${what}`);
  readSpan(fields, what);
  const intervals: Interval[] = [];
  const size = fields.count(`size of ${what}`);
  for (let i = 1; i <= size; i++) {
    const here = `${kind} ${i} of ${what} (${name})`;
    intervals.push(kind === 'point' ? readPoint(fields, here) : readInterval(fields, here));
    const isInOrder = (intervals.at(-2)?.startSec ?? 0) <= intervals.at(-1)!.startSec;
    if (!isInOrder) throw fields.refuse(`start of ${here}`, 'at or after the start of the one before');
  }
  return { kind, name, intervals };
}

function readInterval(fields: TextGridFields, what: string): Interval {
  const [startSec, endSec] = readSpan(fields, what);
  return { startSec, endSec, label: fields.text(`text of ${what}`) };
}

function readPoint(fields: TextGridFields, what: string): Interval {
  const timeSec = readTime(fields, `time of ${what}`);
  return { startSec: timeSec, endSec: timeSec, label: fields.text(`mark of ${what}`) };
}

function readSpan(fields: TextGridFields, what: string): [startSec: number, endSec: number] {
  const startSec = readTime(fields, `xmin of ${what}`);
  const endSec = fields.number(`xmax of ${what}`);
  if (endSec < startSec) throw fields.refuse(`xmax of ${what}`, `at or after xmin (${startSec})`);
  return [startSec, endSec];
}

function readTime(fields: TextGridFields, what: string): number {
  const timeSec = fields.number(what);
  if (timeSec < 0) throw fields.refuse(what, 'from 0');
  return timeSec;
}

/**
 * A tier by its name, or by its number from 1 as Praat counts; without either, the only one there is.
 *
 * @param name what errors call the TextGrid
 * @throws ParameterError `ERR_LABELS` naming the tiers that are there
 */
export function tierOf({ tiers }: TextGrid, tier: string | number | null, name: string): TextGridTier {
  const isAsked = (one: TextGridTier, i: number) => tier === null || tier === i + 1 || tier === one.name;
  const found = tiers.filter(isAsked);
  if (found.length === 1) return found[0]!;
  const there = tiers.map((one, i) => `${i + 1} ${JSON.stringify(one.name)}`).join(', ') || 'none, as it is empty';
  const got = tier === null ? 'nothing' : found.length > 1 ? `${tier}, which ${found.length} are called` : tier;
  throw new ParameterError('ERR_LABELS', mustBe(`tier of ${name}`, `one of its tiers (${there})`, got));
}

/** The first tier with intervals: in a corpus like CGN, the one of the speaker whom the recording is about. */
export function firstIntervalTier({ tiers }: TextGrid, name: string): TextGridTier {
  const found = tiers.find(({ kind }) => kind === 'interval');
  if (found !== undefined) return found;
  throw new ParameterError('ERR_LABELS', mustBe(`tiers of ${name}`, 'some with intervals', `${tiers.length} without`));
}
