import { mustBe } from '../../errors.js';
import type { Interval } from '../../types.js';
import { labelError, labelLines, readLabelText } from './label-text.js';

/** A stretch in which someone speaks. */
export interface RttmTurn extends Interval {
  /** From 1; null where the file does not say. */
  readonly channel: number | null;
}

/** Turns by file id; a recording that only lines of other kinds name has none. */
export type RttmTurns = ReadonlyMap<string, readonly RttmTurn[]>;

/** NIST, The 2009 (RT-09) Rich Transcription Meeting Recognition Evaluation Plan, appendix A. */
const TYPES: ReadonlySet<string> = new Set([
  ...['SEGMENT', 'NOSCORE', 'NO_RT_METADATA', 'LEXEME', 'NON-LEX', 'NON-SPEECH', 'FILLER', 'EDIT'],
  ...['SU', 'IP', 'CB', 'A/P', 'SPEAKER', 'SPKR-INFO'],
]);
/** The tenth, a signal look-ahead time, came with RT-09; many files do without. */
const FIELDS = [9, 10];
const NOT_SAID = '<NA>';
const COMMENT = ';;';

/**
 * Reads a Rich Transcription Time Marked file, which may be about many recordings. The `SPEAKER` lines count, with the
 * speaker's name as label (empty where there is none); overlaps are usual.
 *
 * @throws ParameterError `ERR_LABELS` naming file and line
 */
export async function readRttm(path: string): Promise<RttmTurns> {
  return parseRttm(await readLabelText(path), path);
}

/** Reads the text of an RTTM file; `name` is what errors call it. */
export function parseRttm(text: string, name: string): RttmTurns {
  const turns = new Map<string, RttmTurn[]>();
  for (const [line, lineNumber] of labelLines(text)) {
    if (line.trim() === '' || line.trimStart().startsWith(COMMENT)) continue;
    const fields = line.trim().split(/\s+/);
    const [type = '', fileId = ''] = fields;
    const refuse = (what: string, expected: string, got: unknown) =>
      labelError(name, lineNumber, mustBe(what, expected, got));
    if (!FIELDS.includes(fields.length)) throw refuse('a line', `${FIELDS.join(' or ')} fields`, fields.length);
    if (!TYPES.has(type)) throw refuse('its type', `one of ${[...TYPES].join(', ')}`, type);
    const ofFile = turns.get(fileId) ?? [];
    if (type === 'SPEAKER') ofFile.push(turnOf(fields, refuse));
    turns.set(fileId, ofFile);
  }
  return turns;
}

type Refuse = (what: string, expected: string, got: unknown) => Error;

function turnOf(fields: readonly string[], refuse: Refuse): RttmTurn {
  const [, , channel = '', start = '', duration = '', , , speaker = ''] = fields;
  const startSec = seconds(start);
  const durationSec = seconds(duration);
  if (Number.isNaN(startSec)) throw refuse('the onset', 'seconds from 0', start);
  if (Number.isNaN(durationSec)) throw refuse('the duration', 'seconds from 0', duration);
  const label = speaker === NOT_SAID ? '' : speaker;
  return { startSec, endSec: startSec + durationSec, label, channel: channelOf(channel, refuse) };
}

/** The two sides of a telephone call are also called A and B. */
function channelOf(text: string, refuse: Refuse): number | null {
  if (text === NOT_SAID) return null;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  if (/^[A-Z]$/.test(text)) return text.charCodeAt(0) - 'A'.charCodeAt(0) + 1;
  throw refuse('the channel', 'a number from 1, a letter or <NA>', text);
}

/** NaN for everything but a plain decimal number from 0. */
function seconds(text: string): number {
  return /^(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}
