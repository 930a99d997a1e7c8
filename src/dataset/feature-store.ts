import { LRUCache } from 'lru-cache';
import { type FeatureBlock, readBlock, ShardFiles } from '../shards/index.js';
import type { FeatureSource } from './item.js';

/** Bytes of features kept in memory by default. */
export const CACHE_BYTES = 256 * 2 ** 20;
/** An item that is at least this part of its block is not worth a read of its own. */
const LARGE_PART = 1 / 4;

/**
 * Reads blocks of features when they are asked for, and keeps those used last, up to a number of bytes.
 * The block in hand is always kept, also one larger than all that: a window is never worth two reads.
 */
export class FeatureStore {
  readonly cacheBytes: number;
  /** Blocks read from disk so far, whole or in part. */
  nReads = 0;
  readonly #files = new ShardFiles();
  readonly #cache: LRUCache<string, Float32Array>;
  readonly #reading = new Map<string, Promise<Float32Array>>();
  #inHand: { readonly key: string; readonly values: Float32Array } | null = null;
  /** Block of the last item that was read alone: whoever asks for another one of it goes through them all. */
  #partlyRead: string | null = null;

  constructor(cacheBytes: number) {
    this.cacheBytes = cacheBytes;
    this.#cache = new LRUCache({ maxSize: cacheBytes, sizeCalculation: (values) => Math.max(1, values.byteLength) });
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#cache.calculatedSize;
  }

  /** @returns a source of `length` numbers from `first` in the block */
  source(block: FeatureBlock, first: number, length: number): FeatureSource {
    const key = `${block.path}@${block.byteOffset}`;
    const part = (values: Float32Array) => values.subarray(first, first + length);
    const read = (): Float32Array | Promise<Float32Array> => {
      const values = this.#held(key);
      return values ? part(values) : this.#take(key, block).then(part);
    };
    return {
      block: key,
      blockBytes: block.length * Float32Array.BYTES_PER_ELEMENT,
      read,
      readAlone: () => {
        const worthAll = this.#partlyRead === key || length >= LARGE_PART * block.length || this.#isNear(key);
        return worthAll ? read() : this.#readPart(key, block, first, length);
      },
      readAhead: () => (this.#isNear(key) ? null : this.#read(key, block).then(() => undefined)),
    };
  }

  #isNear(key: string): boolean {
    return this.#inHand?.key === key || this.#cache.has(key) || this.#reading.has(key);
  }

  #held(key: string): Float32Array | undefined {
    return this.#inHand?.key === key ? this.#inHand.values : this.#cache.get(key);
  }

  async #take(key: string, block: FeatureBlock): Promise<Float32Array> {
    const values = await (this.#reading.get(key) ?? this.#read(key, block));
    this.#inHand = { key, values };
    return values;
  }

  #read(key: string, block: FeatureBlock): Promise<Float32Array> {
    this.nReads += 1;
    const reading = readBlock(block, this.#files)
      .then((values) => {
        this.#cache.set(key, values);
        return values;
      })
      .finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }

  #readPart(key: string, block: FeatureBlock, first: number, length: number): Promise<Float32Array> {
    this.nReads += 1;
    this.#partlyRead = key;
    return readBlock(block, this.#files, first, length);
  }
}
