import { LRUCache } from 'lru-cache';
import { type FeatureBlock, readBlock, ShardFiles } from '../shards/index.js';
import type { FeatureSource } from './item.js';

/** A block of a shard, or of another file, which then says how it is read. */
export interface BlockPlace extends FeatureBlock {
  readonly read?: () => Promise<Float32Array>;
}

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

  block(place: BlockPlace): StoredBlock {
    return new StoredBlock(this, place);
  }

  isNear({ key }: StoredBlock): boolean {
    return this.#inHand?.key === key || this.#cache.has(key) || this.#reading.has(key);
  }

  /** Now where the block is there. */
  read(block: StoredBlock): Float32Array | Promise<Float32Array> {
    const held = this.#inHand?.key === block.key ? this.#inHand.values : this.#cache.get(block.key);
    return held ?? this.#take(block);
  }

  /** Into the cache, not into the hand. */
  load(block: StoredBlock): Promise<Float32Array> {
    const { key } = block;
    this.nReads += 1;
    const reading = (block.place.read?.() ?? readBlock(block.place, this.#files))
      .then((values) => {
        this.#cache.set(key, values);
        return values;
      })
      .finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }

  /** @returns `null` where the whole block had better be read */
  readPart(block: StoredBlock, first: number, length: number): Promise<Float32Array> | null {
    const { key, place } = block;
    const isLarge = place.read !== undefined || place.packed !== undefined || length >= LARGE_PART * place.length;
    if (isLarge || this.#partlyRead === key || this.isNear(block)) return null;
    this.nReads += 1;
    this.#partlyRead = key;
    return readBlock(place, this.#files, first, length);
  }

  async #take(block: StoredBlock): Promise<Float32Array> {
    const values = await (this.#reading.get(block.key) ?? this.load(block));
    this.#inHand = { key: block.key, values };
    return values;
  }
}

/** A block and where it is kept once it has been read. */
export class StoredBlock {
  readonly key: string;
  readonly place: BlockPlace;
  readonly store: FeatureStore;

  constructor(store: FeatureStore, place: BlockPlace) {
    this.store = store;
    this.place = place;
    this.key = `${place.path}@${place.byteOffset}`;
  }

  /** @returns a source of `length` numbers from `first` in the block */
  part(first: number, length: number): FeatureSource {
    return new BlockPart(this, first, length);
  }
}

class BlockPart implements FeatureSource {
  readonly #block: StoredBlock;
  readonly #first: number;
  readonly #length: number;

  constructor(block: StoredBlock, first: number, length: number) {
    this.#block = block;
    this.#first = first;
    this.#length = length;
  }

  get block(): string {
    return this.#block.key;
  }

  get blockBytes(): number {
    return this.#block.place.length * Float32Array.BYTES_PER_ELEMENT;
  }

  get isNear(): boolean {
    return this.#block.store.isNear(this.#block);
  }

  read(): Float32Array | Promise<Float32Array> {
    const values = this.#block.store.read(this.#block);
    return values instanceof Float32Array ? this.#part(values) : values.then((read) => this.#part(read));
  }

  readAlone(): Float32Array | Promise<Float32Array> {
    return this.#block.store.readPart(this.#block, this.#first, this.#length) ?? this.read();
  }

  async readAhead(): Promise<void> {
    await this.#block.store.load(this.#block);
  }

  #part(values: Float32Array): Float32Array {
    return values.subarray(this.#first, this.#first + this.#length);
  }
}
