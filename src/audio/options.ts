import { mustBe, ParameterError } from '../errors.js';
import type { ChannelChoice } from '../types.js';
import { checkSampleRate } from './pcm.js';

export interface ReadOptions {
  /** Hz; the recording is resampled where it has another rate. Default: its own. */
  readonly sampleRate?: number | undefined;
  /** One channel, the mean of all, or `'all'` of them interleaved as they are. Default `'all'`. */
  readonly channel?: ChannelChoice | 'all' | undefined;
  /** Where to start, in seconds, rounded to the nearest sample. Default 0. */
  readonly startSec?: number | undefined;
  /** How much to read at most, in seconds; a recording that ends earlier gives what it has. Default: all. */
  readonly durationSec?: number | undefined;
  /** Ends the reading between two blocks, a few milliseconds each. */
  readonly signal?: AbortSignal | undefined;
}

export interface OpenOptions extends ReadOptions {
  /** `'peak'` divides by the largest magnitude of what is read; silence stays silence. Default `'none'`. */
  readonly normalize?: 'none' | 'peak' | undefined;
}

export const READ_OPTIONS: readonly string[] = [
  'sampleRate',
  'channel',
  'startSec',
  'durationSec',
  'signal',
] satisfies (keyof ReadOptions)[];
export const OPEN_OPTIONS: readonly string[] = [...READ_OPTIONS, 'normalize' satisfies keyof OpenOptions];

/** `ERR_OPTION` and its relatives for options that can be judged without the recording. */
export function checkOptions(options: OpenOptions, of: string, names: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw new ParameterError('ERR_UNKNOWN_OPTION', mustBe(`an option of ${of}`, `one of ${names.join(', ')}`, name));
  }
  const { sampleRate, channel = 'all', startSec = 0, durationSec = 1, normalize = 'none' } = options;
  if (sampleRate !== undefined) checkSampleRate('sampleRate', sampleRate);
  if (channel !== 'all' && channel !== 'mean' && !(Number.isSafeInteger(channel) && channel >= 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('channel', "a number from 0, 'mean' or 'all'", channel));
  }
  if (!(Number.isFinite(startSec) && startSec >= 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('startSec', 'a number of seconds from 0', startSec));
  }
  if (!(Number.isFinite(durationSec) && durationSec > 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('durationSec', 'a positive number of seconds', durationSec));
  }
  if (normalize !== 'none' && normalize !== 'peak') {
    throw new ParameterError('ERR_OPTION', mustBe('normalize', "'none' or 'peak'", normalize));
  }
}
