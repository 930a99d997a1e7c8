/** One process's share of a corpus: every n-th clip. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadAddon } from '../../src/native/index.js';
import { type CorpusPlan, clipLengths, clipOf, renderClip } from './clips.js';
import { type Recordings, readRecordings, SAMPLE_RATE } from './recordings.js';

export interface PartOfCorpus {
  readonly folder: string;
  /** `mp3` is encoded from what this writes as WAV. */
  readonly plan: CorpusPlan;
  /** See `prepareRecordings`. */
  readonly stem: string;
  /** This process makes clips `index`, `index + of`, … */
  readonly index: number;
  readonly of: number;
}

export function writePart({ stem, ...part }: PartOfCorpus): void {
  writeClips(part, readRecordings(stem));
}

export function writeClips({ folder, plan, index, of }: Omit<PartOfCorpus, 'stem'>, recordings: Recordings): void {
  const made = new Set<string>();
  const container = plan.format === 'flac' ? 'flac' : 'wav';
  for (const [number, sec] of clipLengths(plan).entries()) {
    if (number % of !== index) continue;
    const clip = clipOf(number, sec, plan.seed, recordings);
    const path = join(folder, `${clip.name}.${container}`);
    const parent = dirname(path);
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    const samples = floatsOf(renderClip(clip, recordings));
    writeFileSync(path, loadAddon().codecEncode(samples, 1, SAMPLE_RATE, container));
  }
}

/** A loop, as `Float32Array.from` with a function takes several times as long. */
function floatsOf(samples: Int16Array): Float32Array {
  const floats = new Float32Array(samples.length);
  for (let i = 0; i < floats.length; i += 1) floats[i] = samples[i]! / 32768;
  return floats;
}
