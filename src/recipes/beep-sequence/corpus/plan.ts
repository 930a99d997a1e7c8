/** What a corpus consists of: every file's name, part, length, background profile, SNR and events, before any sound. */
import { PROFILES, type Profile } from './background.js';
import { type EventKind, HARD_DECK } from './events.js';
import { type Random, randomFor } from './random.js';
import { PARTS, type Part } from './sources.js';

export const DEFAULT_SEED = 1337;
export const SNRS_DB = [-5, 0, 5, 10, 15, 20] as const;
/** Part of every draw: raised whenever the same plan would give other bytes, and to draw files nobody has looked at. */
export const GENERATOR_VERSION = 8;

/** The generator's own stream for a seed and a name; another version of it draws another corpus throughout. */
export function drawsFor(seed: number, name: string): Random {
  return randomFor(seed, `generator ${GENERATOR_VERSION}/${name}`);
}

export type CorpusSize = 'full' | 'small' | 'tiny';

export interface FilePlan {
  /** Path below the corpus folder without extension, e.g. `train/train-007`. */
  readonly name: string;
  readonly part: Part;
  readonly durationSec: number;
  /** Background of each stretch of `stretchSec`; a short file has one. */
  readonly profiles: readonly Profile[];
  readonly stretchSec: number;
  /** One event per entry, in no order yet; its SNR in dB. */
  readonly events: readonly { readonly kind: EventKind; readonly snrDb: number }[];
}

interface PartSize {
  readonly files: number;
  readonly durationSec: number;
  readonly sequences: number;
  readonly hardNegatives: number;
  /** Every n-th file holds background alone; 0 for none. */
  readonly quietEvery: number;
}

const MINUTE = { durationSec: 60, sequences: 3, hardNegatives: 4, quietEvery: 12 };
const SHORT = { durationSec: 45, sequences: 2, hardNegatives: 3, quietEvery: 0 };
/** Sparse events: one in about half a minute. The last file is background alone. */
const LONG = { durationSec: 720, sequences: 12, hardNegatives: 13, quietEvery: 4 };

/**
 * The seed had 26 parts of 60 s; `full` has 360 of them and ten long recordings. Test and held-out parts are large enough
 * that one sequence more or less does not decide whether a floor holds.
 */
const SIZES: Readonly<Record<CorpusSize, Readonly<Record<Part, PartSize>>>> = {
  full: {
    train: { files: 280, ...MINUTE },
    validation: { files: 32, ...MINUTE },
    test: { files: 48, ...MINUTE },
    'held-out': { files: 10, ...LONG },
  },
  small: {
    train: { files: 14, ...MINUTE },
    validation: { files: 5, ...MINUTE },
    test: { files: 8, ...MINUTE },
    'held-out': { files: 1, ...LONG, durationSec: 240, sequences: 4, hardNegatives: 4 },
  },
  tiny: {
    train: { files: 4, ...SHORT },
    validation: { files: 2, ...SHORT },
    test: { files: 3, ...SHORT },
    'held-out': { files: 1, ...SHORT, durationSec: 90 },
  },
};
/** A long file changes its background this often. */
const STRETCH_SEC = 60;

/** Plans a corpus. Every draw here depends on `seed` and the part alone. */
export function planCorpus(seed: number, size: CorpusSize, parts: readonly Part[] = PARTS): FilePlan[] {
  return PARTS.filter((part) => parts.includes(part)).flatMap((part) => planPart(seed, part, SIZES[size][part]));
}

function planPart(seed: number, part: Part, size: PartSize): FilePlan[] {
  const random = drawsFor(seed, `plan/${part}`);
  const hardKinds = dealer(HARD_DECK, random.shuffled);
  const profiles = dealer(PROFILES, random.shuffled);
  const snrs = dealer(SNRS_DB, random.shuffled);
  return Array.from({ length: size.files }, (_, i) => {
    const quiet = size.quietEvery > 0 && i % size.quietEvery === size.quietEvery - 1;
    const stretches = Math.ceil(size.durationSec / STRETCH_SEC);
    const fileSnr = snrs();
    // A short file has one SNR, so that scores per SNR can be told file by file; a long one mixes them as life does.
    const snr = part === 'held-out' ? snrs : () => fileSnr;
    const kinds: EventKind[] = quiet
      ? []
      : [
          ...Array.from({ length: size.sequences }, () => 'sequence' as const),
          ...Array.from({ length: size.hardNegatives }, hardKinds),
        ];
    return {
      name: `${part}/${part}-${String(i).padStart(3, '0')}`,
      part,
      durationSec: size.durationSec,
      profiles: Array.from({ length: stretches }, profiles),
      stretchSec: Math.min(STRETCH_SEC, size.durationSec),
      events: kinds.map((kind) => ({ kind, snrDb: snr() })),
    };
  });
}

/** Deals a deck out evenly: shuffled anew each time it runs out. */
function dealer<T>(deck: readonly T[], shuffled: (items: readonly T[]) => T[]): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = shuffled(deck);
    return left.pop()!;
  };
}
