/** What of a recording counts, as manifests of every kind say it. */
import { mustBe, ParameterError } from '../errors.js';
import type { ChannelChoice } from '../types.js';
import type { Recording } from './recording.js';

export type CutFields = Pick<Recording, 'startSec' | 'durationSec' | 'channel'>;

/** As they are written: numbers, or text that is one. Nothing, `null` and empty text are left out. */
export type RawCutFields = Readonly<Record<keyof CutFields, unknown>>;

/**
 * @param where what the message calls the place, e.g. `list.csv row 3`
 * @throws ParameterError `ERR_CORPUS`
 */
export function cutFields(raw: RawCutFields, where: string): CutFields {
  const startSec = seconds('start', raw.startSec, where, (x) => x >= 0, 'a number of seconds from 0');
  const durationSec = seconds('duration', raw.durationSec, where, (x) => x > 0, 'a positive number of seconds');
  const channel = isSaid(raw.channel) ? channelOf(raw.channel, where) : undefined;
  return {
    ...(startSec !== undefined && startSec > 0 && { startSec }),
    ...(durationSec !== undefined && { durationSec }),
    ...(channel !== undefined && { channel }),
  };
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function seconds(
  name: string,
  raw: unknown,
  where: string,
  isRight: (seconds: number) => boolean,
  expected: string,
): number | undefined {
  if (!isSaid(raw)) return undefined;
  const value = numberOf(raw);
  if (Number.isFinite(value) && isRight(value)) return value;
  throw new ParameterError('ERR_CORPUS', mustBe(`${name} in ${where}`, expected, raw));
}

function channelOf(raw: unknown, where: string): ChannelChoice {
  if (raw === 'mean') return raw;
  const value = numberOf(raw);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new ParameterError('ERR_CORPUS', mustBe(`channel in ${where}`, "a number from 0 or 'mean'", raw));
}

function numberOf(raw: unknown): number {
  if (typeof raw === 'number') return raw;
  // `Number` would take blanks for 0 and read hexadecimal digits.
  return typeof raw === 'string' && /^\s*[-+.\d][-+.\deE]*\s*$/.test(raw) ? Number(raw) : Number.NaN;
}
