/** The items of a view: which ones, in which order, and which windows of them. */

import { mustBe, ParameterError } from '../errors.js';
import { windowCount } from '../features/index.js';
import type { Windowing } from '../spec/index.js';
import type { FeatureSource, ItemInfo, ItemStore, Origin } from './item.js';
import { ChangedItems, JoinedItems } from './item-stores.js';

/** An item in a view: windows `[first, end)` of it. Made when asked for; its parts too. */
export interface Entry {
  /** Its place in the view. */
  readonly index: number;
  readonly first: number;
  readonly end: number;
  readonly info: ItemInfo;
  readonly source: FeatureSource;
  readonly origin: Origin;
}

/** Where a view is of some items only: their places in the store, and their windows where those are not all. */
interface Picked {
  readonly items: Uint32Array;
  readonly spans: { readonly first: Uint32Array; readonly end: Uint32Array } | null;
}

export class Entries {
  readonly windowing: Windowing;
  readonly #store: ItemStore;
  readonly #picked: Picked | null;

  /** @param picked `null`: every item, with all its windows */
  constructor(store: ItemStore, windowing: Windowing, picked: Picked | null = null) {
    this.#store = store;
    this.windowing = windowing;
    this.#picked = picked;
  }

  get length(): number {
    return this.#picked?.items.length ?? this.#store.length;
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }

  at(index: number): Entry {
    return new LazyEntry(this, index);
  }

  first(index: number): number {
    return this.#picked?.spans?.first[index] ?? 0;
  }

  end(index: number): number {
    return this.#picked?.spans?.end[index] ?? this.nWindows(index);
  }

  /** Of the whole item. */
  nWindows(index: number): number {
    return windowCount(this.nFrames(index), this.windowing);
  }

  nFrames(index: number): number {
    return this.#store.nFrames(this.#item(index));
  }

  info(index: number): ItemInfo {
    return { ...this.#store.facts(this.#item(index)), nWindows: this.nWindows(index) };
  }

  id(index: number): string {
    return this.#store.id(this.#item(index));
  }

  label(index: number): string | number | undefined {
    return this.#store.label(this.#item(index));
  }

  targets(index: number): Float32Array | undefined {
    return this.#store.targets(this.#item(index));
  }

  weights(index: number): Float32Array | undefined {
    return this.#store.weights(this.#item(index));
  }

  source(index: number): FeatureSource {
    return this.#store.source(this.#item(index));
  }

  origin(index: number): Origin {
    return this.#store.origin(this.#item(index));
  }

  contentHash(index: number): string | null {
    return this.#store.contentHash(this.#item(index));
  }

  /** A view of some of these, in the order given. */
  pick(entries: readonly Pick<Entry, 'index' | 'first' | 'end'>[]): Entries {
    const items = Uint32Array.from(entries, ({ index }) => this.#item(index));
    const whole = entries.every(({ index, first, end }) => first === 0 && end === this.nWindows(index));
    if (whole) return new Entries(this.#store, this.windowing, { items, spans: null });
    const first = Uint32Array.from(entries, (entry) => entry.first);
    const end = Uint32Array.from(entries, (entry) => entry.end);
    return new Entries(this.#store, this.windowing, { items, spans: { first, end } });
  }

  /** The same frames in other windows. @throws ParameterError `ERR_OPTION` where the windows are not all of their item */
  recut(windowing: Windowing): Entries {
    const { size, stride, tail } = this.windowing;
    const isSameCut = size === windowing.size && stride === windowing.stride && tail === windowing.tail;
    if (this.#picked?.spans && !isSameCut) {
      throw new ParameterError('ERR_OPTION', mustBe('windowing', 'chosen before a split by time', windowing));
    }
    return new Entries(this.#store, windowing, this.#picked);
  }

  /** The same numbers with other facts, which are kept as they are given. */
  changed(change: (item: ItemInfo) => ItemInfo): Entries {
    const infos = Array.from({ length: this.length }, (_, index) => {
      const info = this.info(index);
      return { ...change(info), nFrames: info.nFrames };
    });
    const store = new ChangedItems(this, infos);
    return new Entries(store, this.windowing, this.#renumbered());
  }

  /** One view after another; all are cut alike. */
  static join(parts: readonly Entries[]): Entries {
    const [first] = parts;
    if (parts.length === 1) return first!;
    const entries = parts.flatMap((part) => [...part].map(({ first, end }) => ({ first, end })));
    const joined = new Entries(new JoinedItems(parts), first!.windowing);
    return joined.pick(entries.map((span, index) => ({ index, ...span })));
  }

  #item(index: number): number {
    return this.#picked?.items[index] ?? index;
  }

  /** The same windows of a store that holds just these items, in this order. */
  #renumbered(): Picked | null {
    if (this.#picked?.spans == null) return null;
    return { items: Uint32Array.from(this.#picked.items.keys()), spans: this.#picked.spans };
  }
}

class LazyEntry implements Entry {
  readonly index: number;
  readonly first: number;
  readonly end: number;
  readonly #entries: Entries;

  constructor(entries: Entries, index: number) {
    this.#entries = entries;
    this.index = index;
    this.first = entries.first(index);
    this.end = entries.end(index);
  }

  get info(): ItemInfo {
    return this.#entries.info(this.index);
  }

  get source(): FeatureSource {
    return this.#entries.source(this.index);
  }

  get origin(): Origin {
    return this.#entries.origin(this.index);
  }
}
