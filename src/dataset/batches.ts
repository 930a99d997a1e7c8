import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { normalizeNumbers } from '../features/index.js';
import { loadAddon, type NativeAddon } from '../native/index.js';
import type { Normalize, Windowing } from '../spec/index.js';
import { epochOrder, type OrderOptions, shuffles } from './epoch-order.js';
import { ReadAhead } from './read-ahead.js';
import type { WindowTable } from './window-table.js';

export interface BatchOptions extends OrderOptions {
  /** Windows per batch; the last of an epoch may hold fewer. */
  readonly batchSize: number;
  /** Default 1. */
  readonly epochs?: number | undefined;
  /** Number of the first epoch: a run that goes on at epoch 3 draws what it would have drawn. Default 0. */
  readonly firstEpoch?: number | undefined;
  /** Batches of the first epoch that a run which goes on in its middle has had. Default 0. */
  readonly skip?: number | undefined;
  /**
   * `'own'` (default): every batch has arrays of its own. `'reused'`: the next batch overwrites the arrays of the one
   * before, so nothing is allocated while an epoch runs; whoever keeps a batch copies it.
   */
  readonly buffers?: 'own' | 'reused' | undefined;
}

const KEYS: OptionKeys<BatchOptions> = {
  batchSize: true,
  epochs: true,
  firstEpoch: true,
  skip: true,
  buffers: true,
  shuffle: true,
  balance: true,
  epochWindows: true,
  seed: true,
};

export interface Batch {
  /** `[batch, size, …]`, normalised */
  readonly x: Float32Array;
  readonly xShape: readonly number[];
  /** `[batch, width]`; width 0 where nothing has a target */
  readonly y: Float32Array;
  readonly yShape: readonly number[];
  /** Window numbers in the data set. */
  readonly ids: Int32Array;
  /** `[batch]`, where an item has weights. */
  readonly weights?: Float32Array;
}

/** How windows are cut from frames. */
export interface Cut {
  readonly windowing: Windowing;
  readonly normalize: Normalize | undefined;
  /** Shape of one frame. */
  readonly frameShape: readonly number[];
  /** Numbers in one frame. */
  readonly width: number;
}

/**
 * Batches of an epoch. Which windows make a batch is random when shuffled; within it they stand in ascending order, so
 * that those of one item are gathered together. While a batch is used, features of those that follow are read.
 */
export async function* batches(table: WindowTable, cut: Cut, o: BatchOptions): AsyncGenerator<Batch> {
  refuseUnknown(o, KEYS, 'batches');
  const { batchSize, epochs = 1, firstEpoch = 0, skip = 0, buffers = 'own' } = o;
  requireCount('batchSize', batchSize, 1);
  requireCount('epochs', epochs, 1);
  requireCount('firstEpoch', firstEpoch, 0);
  requireCount('skip', skip, 0);
  if (buffers !== 'own' && buffers !== 'reused') {
    throw new ParameterError('ERR_OPTION', mustBe('buffers', '"own" or "reused"', buffers));
  }
  const gatherer = new Gatherer(table, cut, buffers === 'reused' ? batchSize : null);
  for (let epoch = firstEpoch; epoch < firstEpoch + epochs; epoch++) {
    const { numbers, groups } = epochOrder(table, epoch, o);
    const begin = epoch === firstEpoch ? skip * batchSize : 0;
    const ahead = new ReadAhead(table, groups);
    const batchAt = (at: number) => {
      const drawn = numbers.subarray(at, at + batchSize);
      return shuffles(o) ? drawn.sort() : drawn;
    };
    if (begin < numbers.length) ahead.batch(batchAt(begin));
    for (let at = begin; at < numbers.length; at += batchSize) {
      const batch = await gatherer.batch(batchAt(at));
      ahead.batch(batchAt(at + batchSize));
      ahead.group(Math.min(numbers.length, at + batchSize));
      yield batch;
    }
  }
}

/** Room for a batch. */
interface Buffers {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly ids: Int32Array;
  readonly weights: Float32Array;
}

/** Cuts windows from frames natively, straight into the batch. */
class Gatherer {
  readonly #table: WindowTable;
  readonly #cut: Cut;
  readonly #addon: NativeAddon;
  readonly #mean: Float32Array;
  readonly #scale: Float32Array;
  readonly #weighted: boolean;
  readonly #reused: Buffers | null;

  /** @param most windows of a batch whose arrays are used again and again; `null`: each has its own */
  constructor(table: WindowTable, cut: Cut, most: number | null) {
    this.#table = table;
    this.#cut = cut;
    this.#addon = loadAddon();
    const { mean, scale } = normalizeNumbers(cut.normalize, cut.width);
    this.#mean = mean;
    this.#scale = scale;
    this.#weighted = table.isWeighted;
    this.#reused = most === null ? null : this.#buffers(Math.min(most, table.size));
  }

  async batch(numbers: Uint32Array): Promise<Batch> {
    const { windowing, frameShape, width } = this.#cut;
    const { targetWidth } = this.#table;
    const perWindow = windowing.size * width;
    const n = numbers.length;
    const room = this.#reused ?? this.#buffers(n);
    const [x, y] = [room.x.subarray(0, n * perWindow), room.y.subarray(0, n * targetWidth)];
    const [ids, weights] = [room.ids.subarray(0, n), room.weights.subarray(0, this.#weighted ? n : 0)];
    for (let from = 0; from < n; ) {
      const index = this.#table.indexOf(numbers[from]!);
      const to = this.#runEnd(numbers, from, index);
      const read = this.#table.entries.source(index).read();
      const source = read instanceof Float32Array ? read : await read;
      this.#gather(source, numbers.subarray(from, to), index, x.subarray(from * perWindow, to * perWindow));
      for (let i = from; i < to; i++) {
        this.#table.writeTarget(index, numbers[i]!, y, i * targetWidth);
        if (this.#weighted) weights[i] = this.#weight(index, numbers[i]!);
      }
      from = to;
    }
    ids.set(numbers);
    return {
      x,
      xShape: [n, windowing.size, ...frameShape],
      y,
      yShape: [n, targetWidth],
      ids,
      ...(this.#weighted && { weights }),
    };
  }

  #buffers(n: number): Buffers {
    return {
      x: new Float32Array(n * this.#cut.windowing.size * this.#cut.width),
      y: new Float32Array(n * this.#table.targetWidth),
      ids: new Int32Array(n),
      weights: new Float32Array(this.#weighted ? n : 0),
    };
  }

  /** Windows of one item that follow each other in the batch are gathered in one call. */
  #runEnd(numbers: Uint32Array, from: number, index: number): number {
    const range = this.#table.range(index);
    let to = from + 1;
    while (to < numbers.length && numbers[to]! >= range.from && numbers[to]! < range.to) to += 1;
    return to;
  }

  #gather(source: Float32Array, numbers: Uint32Array, index: number, out: Float32Array): void {
    const { windowing, width } = this.#cut;
    const starts = new Int32Array(numbers.length);
    for (let i = 0; i < starts.length; i++) {
      starts[i] = this.#table.windowIn(index, numbers[i]!) * windowing.stride;
    }
    this.#addon.gatherWindows(
      {
        source,
        rowWidth: width,
        size: windowing.size,
        starts,
        padValue: windowing.padValue,
        mean: this.#mean,
        scale: this.#scale,
      },
      out,
    );
  }

  #weight(index: number, number: number): number {
    return this.#table.entries.weights(index)?.[this.#table.windowIn(index, number)] ?? 1;
  }
}

function requireCount(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new ParameterError('ERR_OPTION', mustBe(name, `a whole number from ${least}`, value));
}
