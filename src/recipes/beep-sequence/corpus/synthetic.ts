/**
 * Synthetic backgrounds for tests and machines that cannot fetch recordings: modulated pink noise with a hum.
 * No claim about real recordings rests on them; clip ids and `corpus.json` say "synthetic".
 */
import { SAMPLE_RATE } from './appliance.js';
import { type ClipLibrary, pinkNoise } from './background.js';
import { sinTurns } from './exact-math.js';
import { randomFor } from './random.js';
import type { Part } from './sources.js';

const CLIPS_PER_CATEGORY = 4;
const CLIP_SEC = 5;

/** Clips that differ by part, so that parts share no background here either. */
export function syntheticLibrary(seed: number, part: Part): ClipLibrary {
  const made = new Map<string, Float32Array>();
  return {
    ids: (category) => Array.from({ length: CLIPS_PER_CATEGORY }, (_, i) => `synthetic/${part}/${category}-${i}`),
    read: (id) => {
      const clip = made.get(id) ?? synthesise(seed, id);
      made.set(id, clip);
      return Promise.resolve(clip);
    },
  };
}

function synthesise(seed: number, id: string): Float32Array {
  const random = randomFor(seed, id);
  const noise = pinkNoise(CLIP_SEC * SAMPLE_RATE, random);
  const swellHz = random.uniform(0.3, 5);
  const humHz = random.uniform(90, 1500);
  const hum = random.uniform(0, 1);
  return Float32Array.from(noise, (x, i) => {
    const sec = i / SAMPLE_RATE;
    return 0.1 * (x * (1 + 0.8 * sinTurns(sec * swellHz)) + hum * sinTurns(sec * humHz));
  });
}
