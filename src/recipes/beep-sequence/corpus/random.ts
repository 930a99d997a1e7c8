/** Seeded draws. Each file has its own stream, so files can be made in any order and by any number of workers. */
import { createHash } from 'node:crypto';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

const INT32_SPAN = 2 ** 32;
const HALF_SPAN = 2 ** 31;

export interface Random {
  /** Uniform in [low, high), 32 bits of resolution. */
  uniform(low: number, high: number): number;
  /** Whole number in [low, high], both included. */
  int(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
  /** One white sample in [-1, 1). */
  white(): number;
}

/** The stream that belongs to `seed` and a name; streams of different names are unrelated. */
export function randomFor(seed: number, name: string): Random {
  const digest = createHash('sha256').update(`${seed}/${name}`).digest();
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => digest.readInt32LE(at)));
  const uniform = (low: number, high: number) => low + (high - low) * ((generator.next() + HALF_SPAN) / INT32_SPAN);
  const int = (low: number, high: number) => low + Math.floor(uniform(0, high - low + 1));
  return {
    uniform,
    int,
    pick: (items) => items[int(0, items.length - 1)]!,
    shuffled: (items) => shuffle(items, int),
    white: () => generator.next() / HALF_SPAN,
  };
}

function shuffle<T>(items: readonly T[], int: (low: number, high: number) => number): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = int(0, i);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
