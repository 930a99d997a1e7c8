/** Windows in memory, for tests: what a `FeatureDataset` is to the trainer. */
import type { Batch, BatchOptions } from '../../src/dataset/index.js';
import type { TrainingData } from '../../src/training/index.js';

/** A small repeatable generator: Park and Miller's minimal standard. */
export function random(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}

export function shuffled<T>(values: readonly T[], next: () => number): T[] {
  const out = [...values];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

export class WindowTable implements TrainingData {
  readonly size: number;
  readonly spec = null;
  readonly #x: readonly (readonly number[])[];
  readonly #y: readonly (readonly number[])[];
  readonly #xShape: readonly number[];
  /** One per window, where a test gives them. */
  weights: readonly number[] | null = null;
  /** Class numbers of every window that was ever drawn. */
  readonly drawn: number[] = [];

  constructor(x: readonly (readonly number[])[], y: readonly (readonly number[])[], xShape?: readonly number[]) {
    this.size = x.length;
    this.#x = x;
    this.#y = y;
    this.#xShape = xShape ?? [x[0]?.length ?? 0];
  }

  async *batches(o: BatchOptions): AsyncGenerator<Batch> {
    const next = random(1000 * (o.seed ?? 0) + (o.firstEpoch ?? 0));
    const all = Array.from({ length: this.size }, (_, i) => i);
    const order = o.balance === 'index' ? this.#balanced(all, next) : o.shuffle ? shuffled(all, next) : all;
    for (let start = (o.skip ?? 0) * o.batchSize; start < order.length; start += o.batchSize) {
      const rows = order.slice(start, start + o.batchSize);
      this.drawn.push(...rows.map((row) => this.#y[row]![0]!));
      yield {
        x: Float32Array.from(rows.flatMap((row) => this.#x[row]!)),
        xShape: [rows.length, ...this.#xShape],
        y: Float32Array.from(rows.flatMap((row) => this.#y[row]!)),
        yShape: [rows.length, this.#y[0]!.length],
        ids: Int32Array.from(rows),
        ...(this.weights && { weights: Float32Array.from(rows, (row) => this.weights![row]!) }),
      };
    }
  }

  #balanced(all: readonly number[], next: () => number): number[] {
    const positives = all.filter((i) => this.#y[i]![0] === 1);
    const negatives = all.filter((i) => this.#y[i]![0] !== 1);
    const pick = (from: readonly number[]) => from[Math.floor(next() * from.length)]!;
    return all.map((_, k) => pick(k % 2 === 0 ? positives : negatives));
  }
}

/** Points of the square; the label is whether their signs differ. */
export function xorTable(n: number, seed: number): WindowTable {
  const next = random(seed);
  const points = Array.from({ length: n }, () => [2 * next() - 1, 2 * next() - 1]);
  return new WindowTable(
    points,
    points.map(([a, b]) => [a! * b! < 0 ? 1 : 0]),
  );
}

/** Sequences of zeros and ones; the label is whether the first value is a one, so only a memory can tell. */
export function memoryTable(n: number, length: number, seed: number): WindowTable {
  const next = random(seed);
  const rows = Array.from({ length: n }, () => Array.from({ length }, () => (next() < 0.5 ? 0 : 1)));
  return new WindowTable(
    rows,
    rows.map((row) => [row[0]!]),
    [length, 1],
  );
}
