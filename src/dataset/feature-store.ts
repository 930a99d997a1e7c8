import { LRUCache } from 'lru-cache';
import { type FeatureBlock, readBlock } from '../shards/index.js';
import type { FeatureSource } from './item.js';

/** A block of a shard, or of another file, which then says how it is read. */
export interface StoredBlock extends FeatureBlock {
  readonly read?: () => Promise<Float32Array>;
}

/** Bytes of features kept in memory by default. */
export const CACHE_BYTES = 256 * 2 ** 20;

/**
 * Reads blocks of features when they are asked for, and keeps those used last, up to a number of bytes.
 * The block in hand is always kept, also one larger than all that: a window is never worth two reads.
 */
export class FeatureStore {
  readonly cacheBytes: number;
  /** Blocks read from disk so far. */
  nReads = 0;
  readonly #cache: LRUCache<string, Float32Array>;
  readonly #reading = new Map<string, Promise<Float32Array>>();
  #inHand: { readonly key: string; readonly values: Float32Array } | null = null;

  constructor(cacheBytes: number) {
    this.cacheBytes = cacheBytes;
    this.#cache = new LRUCache({ maxSize: cacheBytes, sizeCalculation: (values) => Math.max(1, values.byteLength) });
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#cache.calculatedSize;
  }

  /** @returns a source of `length` numbers from `first` in the block */
  source(block: StoredBlock, first: number, length: number): FeatureSource {
    const key = `${block.path}@${block.byteOffset}`;
    return {
      block: key,
      blockBytes: block.length * Float32Array.BYTES_PER_ELEMENT,
      read: () => {
        const values = this.#held(key);
        if (values) return values.subarray(first, first + length);
        return this.#load(key, block).then((loaded) => loaded.subarray(first, first + length));
      },
    };
  }

  #held(key: string): Float32Array | undefined {
    return this.#inHand?.key === key ? this.#inHand.values : this.#cache.get(key);
  }

  async #load(key: string, block: StoredBlock): Promise<Float32Array> {
    const reading = this.#reading.get(key) ?? this.#read(key, block);
    return reading;
  }

  #read(key: string, block: StoredBlock): Promise<Float32Array> {
    this.nReads += 1;
    const reading = (block.read?.() ?? readBlock(block))
      .then((values) => {
        this.#inHand = { key, values };
        this.#cache.set(key, values);
        return values;
      })
      .finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }
}
