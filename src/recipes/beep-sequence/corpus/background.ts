/** A file's background: recordings of its part joined with crossfades at one level, over a noise floor. */
import { DatasetError } from '../../../errors.js';
import { SAMPLE_RATE } from './appliance.js';
import { dbToAmplitude } from './exact-math.js';
import type { Random } from './random.js';
import type { Category, Source } from './sources.js';

export const PROFILES = ['speech', 'music', 'ambience', 'mixed'] as const;
export type Profile = (typeof PROFILES)[number];

/** Where clips come from: recordings of one part, or a synthetic stand-in. */
export interface ClipLibrary {
  /** Ids of the clips of a category, in a fixed order. */
  ids(category: Category): readonly string[];
  /** 16 kHz mono samples of a clip. */
  read(id: string): Promise<Float32Array>;
}

export interface Background {
  readonly samples: Float64Array;
  /** Ids of the clips in it, each once. */
  readonly clips: readonly string[];
}

const CROSSFADE_SEC = 0.05;
/** A long track gives at most this much to one stretch. */
const LONGEST_TAKE_SEC = 40;
/** Short ambience is repeated to last this long. */
const SHORTEST_AMBIENCE_SEC = 4;
/** Level of the noise floor below the recordings' RMS: what an SNR means where the recording is silent. */
const FLOOR_DB = { low: -25, high: -18 };
/** Shorter recordings are clicks, not events. */
const SHORTEST_FOREGROUND_SEC = 0.2;
/** In a mixed background the second layer lies this far below the speech. */
const SECOND_LAYER_DB = { low: -9, high: -3 };
/** Below this RMS a clip is silence and is left out. */
const SILENCE_RMS = 1e-4;
/** A clip whose peak is this many times its RMS is a click in silence: its gain is held down. */
const CREST_LIMIT = 12;

/** Background of `durationSec` with an RMS near 1 (the recordings' level), floor included. */
export async function makeBackground(
  profile: Profile,
  durationSec: number,
  library: ClipLibrary,
  random: Random,
): Promise<Background> {
  const length = Math.round(durationSec * SAMPLE_RATE);
  const layers =
    profile === 'mixed'
      ? [
          await joinClips('speech', length, library, random),
          await joinClips(random.pick(['music', 'ambience'] as const), length, library, random),
        ]
      : [await joinClips(profile, length, library, random)];
  const samples = layers[0]!.samples;
  if (layers[1] !== undefined) {
    addScaled(samples, layers[1].samples, dbToAmplitude(random.uniform(SECOND_LAYER_DB.low, SECOND_LAYER_DB.high)));
  }
  addScaled(samples, pinkNoise(length, random), dbToAmplitude(random.uniform(FLOOR_DB.low, FLOOR_DB.high)));
  return { samples, clips: [...new Set(layers.flatMap((layer) => layer.clips))].sort() };
}

async function joinClips(
  category: Category,
  length: number,
  library: ClipLibrary,
  random: Random,
): Promise<Background> {
  const samples = new Float64Array(length);
  const clips: string[] = [];
  let at = 0;
  while (at < length) {
    const before = at;
    for (const id of random.shuffled(library.ids(category))) {
      const clip = takeFrom(await library.read(id), category, random);
      if (clip === null) continue;
      at = append(samples, at, clip);
      clips.push(id);
      if (at >= length) break;
    }
    if (at === before) {
      throw new DatasetError('ERR_FETCH', `recordings of ${category} must be more than silence, got none that is`);
    }
  }
  return { samples, clips };
}

/** A clip of a category for the foreground: at most `durationSec` of one recording, its ends faded. */
export async function foregroundClip(
  category: Category,
  durationSec: number,
  library: ClipLibrary,
  random: Random,
): Promise<{ samples: Float64Array; clips: readonly string[] }> {
  for (const id of random.shuffled(library.ids(category))) {
    const whole = await library.read(id);
    const gain = levelGain(whole);
    if (gain === null || whole.length < SHORTEST_FOREGROUND_SEC * SAMPLE_RATE) continue;
    const samples = take(whole, Math.round(durationSec * SAMPLE_RATE), gain, random);
    return { samples: faded(samples), clips: [id] };
  }
  return { samples: new Float64Array(0), clips: [] };
}

/** The gain to RMS 1 (less where a click dominates); null for silence. */
function levelGain(clip: Float32Array): number | null {
  let energy = 0;
  let peak = 0;
  for (let i = 0; i < clip.length; i++) {
    const x = clip[i]!;
    energy += x * x;
    peak = Math.max(peak, Math.abs(x));
  }
  const rms = Math.sqrt(energy / Math.max(1, clip.length));
  return rms > SILENCE_RMS ? Math.min(1 / rms, CREST_LIMIT / peak) : null;
}

/** `length` samples of a clip from a random place, scaled; the level is the whole clip's. */
function take(clip: Float32Array, length: number, gain: number, random: Random): Float64Array {
  const first = clip.length > length ? random.int(0, clip.length - length) : 0;
  const out = Float64Array.from(clip.subarray(first, first + length));
  for (let i = 0; i < out.length; i++) out[i]! *= gain;
  return out;
}

function takeFrom(clip: Float32Array, category: Category, random: Random): Float64Array | null {
  const gain = levelGain(clip);
  if (gain === null) return null;
  const longest = Math.round(random.uniform(LONGEST_TAKE_SEC / 2, LONGEST_TAKE_SEC) * SAMPLE_RATE);
  const taken = take(clip, longest, gain, random);
  return category === 'ambience' ? repeated(taken, SHORTEST_AMBIENCE_SEC * SAMPLE_RATE) : taken;
}

function repeated(clip: Float64Array, shortest: number): Float64Array {
  if (clip.length >= shortest) return clip;
  const out = new Float64Array(shortest);
  for (let at = 0; at < shortest; ) at = append(out, at, clip);
  return out;
}

/** Writes a clip at `at`, overlapping what is there by the crossfade; returns where the next one starts. */
function append(out: Float64Array, at: number, clip: Float64Array): number {
  const fade = Math.min(Math.round(CROSSFADE_SEC * SAMPLE_RATE), Math.floor(clip.length / 3), at);
  const first = at - fade;
  for (let i = 0; i < clip.length && first + i < out.length; i++) {
    const gain = (i + 0.5) / fade;
    out[first + i] = i < fade ? out[first + i]! * (1 - gain) + clip[i]! * gain : clip[i]!;
  }
  return first + clip.length;
}

function faded(clip: Float64Array): Float64Array {
  const fade = Math.min(Math.round(CROSSFADE_SEC * SAMPLE_RATE), Math.floor(clip.length / 3));
  for (let i = 0; i < fade; i++) {
    clip[i]! *= (i + 0.5) / fade;
    clip[clip.length - 1 - i]! *= (i + 0.5) / fade;
  }
  return clip;
}

export function addScaled(out: Float64Array, samples: Float64Array, gain: number, at = 0): void {
  const end = Math.min(samples.length, out.length - at);
  for (let i = 0; i < end; i++) out[at + i]! += gain * samples[i]!;
}

/** RMS of `pinkNoise` before scaling, measured over four million samples. */
const PINK_RMS = 1.721;

/** Pink noise by Paul Kellet's "economy" filter, RMS about 1. */
export function pinkNoise(length: number, random: Random): Float64Array {
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  const out = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const white = random.white();
    b0 = 0.99765 * b0 + white * 0.099046;
    b1 = 0.963 * b1 + white * 0.2965164;
    b2 = 0.57 * b2 + white * 1.0526913;
    out[i] = (b0 + b1 + b2 + white * 0.1848) / PINK_RMS;
  }
  return out;
}

/** Reads recordings through `src/audio`, keeping the last few decoded. */
export function recordingLibrary(
  sources: Readonly<Record<Category, readonly Source[]>>,
  decode: (path: string) => Promise<Float32Array>,
): ClipLibrary {
  const byId = new Map(Object.values(sources).flatMap((list) => list.map((source) => [source.id, source] as const)));
  return {
    ids: (category) => sources[category].map((source) => source.id),
    read: (id) => decode(byId.get(id)!.path),
  };
}
