/** The checksums that the default corpora must have, and how a corpus compares with them. */
import type { Registry } from '../../corpora/index.js';
import { EXPECTED } from './expected.js';
import { EXPECTED_FROM_NPM } from './expected-from-npm.js';
import type { FileRecord } from './make-file.js';
import type { CorpusSize } from './plan.js';

export type ChecksumVerdict =
  /** Nothing is on record for this seed and size. */
  | { readonly state: 'unknown' }
  | { readonly state: 'equal'; readonly files: number }
  /** Other versions of the recordings or of the decoding libraries give other bytes: same plan, slightly other sound. */
  | {
      readonly state: 'different';
      readonly files: number;
      readonly differing: readonly string[];
      readonly madeWith: readonly string[];
    };

/** Hex digits kept of each SHA-256. */
export const KEPT_DIGITS = 16;

export type Expected = (typeof EXPECTED)[number];

const ON_RECORD: Readonly<Record<Registry, readonly Expected[]>> = { apt: EXPECTED, npm: EXPECTED_FROM_NPM };

export interface Comparable {
  readonly seed: number;
  readonly size: CorpusSize;
  readonly backgrounds: 'recordings' | 'synthetic';
  readonly files: readonly FileRecord[];
}

/** @param source whose packages the recordings are in; of synthetic backgrounds (null) nothing is on record */
export function compareWithExpected(
  { seed, size, backgrounds, files }: Comparable,
  source: Registry | null = 'apt',
): ChecksumVerdict {
  const onRecord = source === null ? [] : ON_RECORD[source];
  const expected = onRecord.find((e) => e.seed === seed && e.size === size && e.backgrounds === backgrounds);
  if (expected === undefined) return { state: 'unknown' };
  const differing = files.filter(({ name, sha256 }) => {
    return expected.files[name] !== digestOf(sha256);
  });
  if (differing.length === 0) return { state: 'equal', files: files.length };
  return {
    state: 'different',
    files: files.length,
    differing: differing.map((file) => file.name),
    madeWith: expected.madeWith,
  };
}

/** Sound and labels in one short string. */
export function digestOf({ wav, txt }: FileRecord['sha256']): string {
  return `${wav.slice(0, KEPT_DIGITS)}${txt.slice(0, KEPT_DIGITS / 2)}`;
}
