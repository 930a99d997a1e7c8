/** 20 s of a corpus, cut from tones that stand for recordings. */
import type { CorpusPlan } from '../../bench/bulk/clips.js';
import { writeClips } from '../../bench/bulk/write-part.js';
import { testSignal } from '../../bench/signal.js';

export const samples = Int16Array.from(testSignal(7), (x) => x * 30_000);
export const recordings = {
  samples,
  parts: [
    { label: 'bells', first: 0 },
    { label: 'voices', first: 50_000 },
  ],
};
/** 20 s: nine clips of 2 s, and one of 1.5 s and of 0.5 s among them. */
export const PLAN: CorpusPlan = {
  ...{ hours: 20 / 3600, format: 'wav', clipSec: 2, seed: 7 },
  long: [
    { sec: 1.5, count: 1 },
    { sec: 0.5, count: 1 },
  ],
};
export const CLIPS = 11;

/** A corpus as `processes` of them make it. */
export function corpus(folder: string, plan = PLAN, processes = 1): string {
  for (let index = 0; index < processes; index += 1) writeClips({ folder, plan, index, of: processes }, recordings);
  return folder;
}
