import type { Comparable } from './checksums.js';

interface Expected extends Pick<Comparable, 'seed' | 'size' | 'backgrounds'> {
  /** Versions of recordings and libraries behind these bytes. */
  readonly madeWith: string;
  /** File name → 16 digits of the sound's SHA-256 and 8 of the labels'. */
  readonly files: Readonly<Record<string, string>>;
}

export const EXPECTED: readonly Expected[] = [];
