import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { normalizeNumbers } from '../features/index.js';
import { loadAddon, type NativeAddon } from '../native/index.js';
import type { Normalize, Windowing } from '../spec/index.js';
import { epochOrder, type OrderOptions, shuffles } from './epoch-order.js';
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
}

const KEYS: OptionKeys<BatchOptions> = {
  batchSize: true,
  epochs: true,
  firstEpoch: true,
  skip: true,
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
 * that those of one item are gathered together.
 */
export async function* batches(table: WindowTable, cut: Cut, o: BatchOptions): AsyncGenerator<Batch> {
  refuseUnknown(o, KEYS, 'batches');
  const { batchSize, epochs = 1, firstEpoch = 0, skip = 0 } = o;
  requireCount('batchSize', batchSize, 1);
  requireCount('epochs', epochs, 1);
  requireCount('firstEpoch', firstEpoch, 0);
  requireCount('skip', skip, 0);
  const gatherer = new Gatherer(table, cut);
  for (let epoch = firstEpoch; epoch < firstEpoch + epochs; epoch++) {
    const order = epochOrder(table, epoch, o);
    const begin = epoch === firstEpoch ? skip * batchSize : 0;
    for (let at = begin; at < order.length; at += batchSize) {
      const numbers = order.subarray(at, at + batchSize);
      yield gatherer.batch(shuffles(o) ? numbers.sort() : numbers);
    }
  }
}

/** Cuts windows from frames natively, straight into the batch. */
class Gatherer {
  readonly #table: WindowTable;
  readonly #cut: Cut;
  readonly #addon: NativeAddon;
  readonly #mean: Float32Array;
  readonly #scale: Float32Array;
  readonly #weighted: boolean;

  constructor(table: WindowTable, cut: Cut) {
    this.#table = table;
    this.#cut = cut;
    this.#addon = loadAddon();
    const { mean, scale } = normalizeNumbers(cut.normalize, cut.width);
    this.#mean = mean;
    this.#scale = scale;
    this.#weighted = table.entries.some(({ info }) => info.weights !== undefined);
  }

  async batch(numbers: Uint32Array): Promise<Batch> {
    const { windowing, frameShape, width } = this.#cut;
    const perWindow = windowing.size * width;
    const x = new Float32Array(numbers.length * perWindow);
    const { targetWidth } = this.#table;
    const y = new Float32Array(numbers.length * targetWidth);
    const weights = new Float32Array(this.#weighted ? numbers.length : 0);
    for (let from = 0; from < numbers.length; ) {
      const index = this.#table.indexOf(numbers[from]!);
      const to = this.#runEnd(numbers, from, index);
      const read = this.#table.entries[index]!.source.read();
      const source = read instanceof Float32Array ? read : await read;
      this.#gather(source, numbers.subarray(from, to), index, x.subarray(from * perWindow, to * perWindow));
      for (let i = from; i < to; i++) {
        this.#table.writeTarget(index, numbers[i]!, y, i * targetWidth);
        if (this.#weighted) weights[i] = this.#weight(index, numbers[i]!);
      }
      from = to;
    }
    return {
      x,
      xShape: [numbers.length, windowing.size, ...frameShape],
      y,
      yShape: [numbers.length, targetWidth],
      ids: Int32Array.from(numbers),
      ...(this.#weighted && { weights }),
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
    return this.#table.entries[index]!.info.weights?.[this.#table.windowIn(index, number)] ?? 1;
  }
}

function requireCount(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new ParameterError('ERR_OPTION', mustBe(name, `a whole number from ${least}`, value));
}
