/** Label files as Praat and pyannote.core write them: test/golden/make_labels.py. */
import { readFileSync } from 'node:fs';
import type { TextGrid } from '../../../src/audio/index.js';
import type { Interval } from '../../../src/types.js';

interface Stored {
  readonly name: string;
  readonly base64: string;
}

interface GoldenLabels {
  /** What Praat writes and what it reads in it. */
  readonly grids: readonly (Stored & { readonly grid: TextGrid })[];
  /** What Praat also writes. */
  readonly others: readonly Stored[];
  readonly rttm: { readonly text: string; readonly turns: Readonly<Record<string, readonly Interval[]>> };
}

export const GOLDEN: GoldenLabels = JSON.parse(
  readFileSync(new URL('../../golden/data/labels.json', import.meta.url), 'utf8'),
);

export function bytesOf({ base64 }: Stored): Uint8Array {
  return Buffer.from(base64, 'base64');
}

export function goldenGrid(name: string): { readonly bytes: Uint8Array; readonly grid: TextGrid } {
  const found = GOLDEN.grids.find((one) => one.name === name);
  if (found === undefined)
    throw new Error(`a golden TextGrid must be one of test/golden/data/labels.json, got ${name}`);
  return { bytes: bytesOf(found), grid: found.grid };
}
