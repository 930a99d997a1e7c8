/** Which clips a corpus has: cut from the recordings at seeded places, each at its own level, so that no two are equal. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Recordings, SAMPLE_RATE } from './recordings.js';

export const FORMATS = ['wav', 'flac', 'mp3'] as const;
export type Format = (typeof FORMATS)[number];

/** Clips of another length than the rest. */
export interface LongClips {
  readonly sec: number;
  readonly count: number;
}

export interface CorpusPlan {
  /** Of audio, long clips included. */
  readonly hours: number;
  /** 16-bit WAV, FLAC or MP3, 16 kHz mono. */
  readonly format: Format;
  readonly clipSec: number;
  readonly long: readonly LongClips[];
  readonly seed: number;
}

export interface Clip {
  /** Below the corpus's folder, without an extension: `<label>/<number>`. */
  readonly name: string;
  readonly number: number;
  /** Into the joined recordings; what goes past their end goes on from their beginning. */
  readonly first: number;
  readonly length: number;
  readonly gain: number;
  /** Added to every sample, in steps of 16 bits. */
  readonly offset: number;
}

const SEC_PER_HOUR = 3600;
const GAIN = { low: 0.25, high: 1 };
const LARGEST_OFFSET = 8;
/** The number of a clip is in the last bits of so many first samples: even of silence no two are equal. */
const NUMBER_BITS = 24;

/** Lengths in seconds, the long ones spread evenly among the rest. At least one clip. */
export function clipLengths({ hours, clipSec, long }: Omit<CorpusPlan, 'seed' | 'format'>): number[] {
  const longs = long.flatMap(({ sec, count }) => Array.from({ length: count }, () => sec));
  const left = hours * SEC_PER_HOUR - longs.reduce((sum, sec) => sum + sec, 0);
  const lengths = Array.from({ length: Math.max(Math.round(left / clipSec), longs.length > 0 ? 0 : 1) }, () => clipSec);
  longs.forEach((sec, i) => void lengths.splice(Math.floor(((i + 0.5) * lengths.length) / longs.length), 0, sec));
  return lengths;
}

/** The clip of a number: a pure function of it, the seed and the recordings. */
export function clipOf(number: number, sec: number, seed: number, { samples, parts }: Recordings): Clip {
  const random = xoroshiro128plus(seed ^ Math.imul(number + 1, 0x9e3779b1));
  // Neighbouring seeds begin alike.
  for (let i = 0; i < 8; i += 1) uniformFloat64(random);
  const first = Math.floor(uniformFloat64(random) * samples.length);
  const label = parts.findLast((part) => part.first <= first)?.label ?? 'recordings';
  return {
    name: `${label}/${String(number).padStart(6, '0')}`,
    number,
    first,
    length: Math.round(sec * SAMPLE_RATE),
    gain: GAIN.low + (GAIN.high - GAIN.low) * uniformFloat64(random),
    offset: Math.floor((2 * LARGEST_OFFSET + 1) * uniformFloat64(random)) - LARGEST_OFFSET,
  };
}

/** Samples of a clip. */
export function renderClip({ number, first, length, gain, offset }: Clip, { samples }: Recordings): Int16Array {
  const out = new Int16Array(length);
  for (let i = 0, at = first; i < length; i += 1, at += 1) {
    if (at === samples.length) at = 0;
    out[i] = Math.max(-32768, Math.min(32767, Math.round(samples[at]! * gain) + offset));
  }
  for (let bit = 0; bit < Math.min(NUMBER_BITS, length); bit += 1) out[bit] = (out[bit]! & ~1) | ((number >> bit) & 1);
  return out;
}
