import { ModelError, mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import type { Spec, Windowing } from '../spec/index.js';
import { readTable, TABLE_CACHE_BYTES, type TableReport, type TableSource } from '../tables/index.js';
import { type Batch, type BatchOptions, batches } from './batches.js';
import { Entries } from './entries.js';
import { CACHE_BYTES, FeatureStore } from './feature-store.js';
import {
  type FrameTiming,
  frameTiming,
  normalizeOf,
  sameFeatures,
  type WindowingInput,
  windowingOf,
} from './front-end.js';
import type { Item, ItemInfo, ItemInput } from './item.js';
import { type LeakOptions, refuseLeaks } from './leaks.js';
import { type MemoryItems, memoryItems } from './memory-items.js';
import { openFolder } from './open-features.js';
import type { Parts } from './parts.js';
import { type SplitOptions, splitEntries } from './split.js';
import type { Span } from './split-by-time.js';
import { type StandardNormalize, standardStats } from './stats.js';
import { TableItems, tableTiming, tableWindowing } from './table-items.js';
import { type Targets, targetsOf } from './targets.js';
import { TextIndex } from './text-index.js';
import { WindowTable } from './window-table.js';

export interface OpenOptions {
  /** How windows are cut. Default: as the first stage of the spec says. */
  readonly windowing?: WindowingInput | undefined;
  /** Bytes of features kept in memory, whatever the size of the corpus. Default 256 MiB. */
  readonly cacheBytes?: number | undefined;
}

export interface FromOptions extends Pick<OpenOptions, 'windowing'> {
  /** Gives windowing (of items, not of a table's rows), normalisation and the order of labels. */
  readonly spec?: Spec | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface StatsOptions {
  readonly per?: 'column' | 'all';
}

const OPEN_KEYS: OptionKeys<OpenOptions> = { windowing: true, cacheBytes: true };
const FROM_KEYS: OptionKeys<FromOptions> = { windowing: true, spec: true, signal: true };
const STATS_KEYS: OptionKeys<StatsOptions> = { per: true };
const LEAK_KEYS: OptionKeys<LeakOptions> = { groupBy: true, purge: true, duplicates: true };

/** Where a window lies: seconds from the start of the recording. */
export interface WindowPlace {
  readonly item: ItemInfo;
  /** Number of the window in its item. */
  readonly window: number;
  /** `null` without a spec: nobody knows how long a frame is. */
  readonly startSec: number | null;
  readonly endSec: number | null;
}

/** What all views of one data set share. */
interface Source {
  readonly spec: Spec | null;
  readonly frameShape: readonly number[];
  readonly store: FeatureStore;
  /** Of a table: what became of its rows, and when its frames were, where the spec does not say. */
  readonly table?: { readonly report: TableReport; readonly timing: FrameTiming | null } | undefined;
}

const EVERY_FRAME: Windowing = { size: 1, stride: 1, tail: 'drop', padValue: 0 };

/**
 * Sequences cut into windows: recordings whose features lie in a folder, series from memory, or rows of a table.
 * A data set is a view: `split`, `filter` and `map` share the features, which are read when a batch needs them.
 * Windows are numbered `0 … size − 1` in the order of the items.
 */
export class FeatureDataset {
  readonly #source: Source;
  readonly #entries: Entries;
  #cachedIds: TextIndex | undefined;
  #cachedTable: WindowTable | undefined;
  #cachedTargets: Targets | undefined;

  private constructor(source: Source, entries: Entries) {
    this.#source = source;
    this.#entries = entries;
  }

  /**
   * Opens a folder that `extract` made, or puts data sets of the same features together; their windows are cut as the
   * first's unless `o.windowing` says otherwise.
   *
   * @throws DatasetError `ERR_SHARD` for a folder that is not whole
   * @throws ModelError `ERR_SPEC_MISMATCH` for data sets that do not go together
   * @throws ParameterError `ERR_OPTION`, also for `cacheBytes` with data sets, each of which has its own cache;
   *   `ERR_UNKNOWN_OPTION`
   */
  static async open(source: string | URL | readonly FeatureDataset[], o: OpenOptions = {}): Promise<FeatureDataset> {
    refuseUnknown(o, OPEN_KEYS, 'FeatureDataset.open');
    if (typeof source !== 'string' && !(source instanceof URL)) return FeatureDataset.#join(source, o);
    const { cacheBytes = CACHE_BYTES } = o;
    if (!Number.isSafeInteger(cacheBytes) || cacheBytes < 1) {
      throw new ParameterError('ERR_OPTION', mustBe('cacheBytes', 'a positive whole number', cacheBytes));
    }
    const store = new FeatureStore(cacheBytes);
    const { spec, frameShape, items } = await openFolder(source, store);
    const windowing = windowingOf(o.windowing, spec) ?? EVERY_FRAME;
    return new FeatureDataset({ spec, frameShape, store }, new Entries(items, windowing));
  }

  /**
   * A data set over items in memory (they are not copied), or over a table in CSV or Parquet.
   * Without windowing and spec, each item is one window, and all must be equally long.
   *
   * @throws ParameterError `ERR_SHAPE`, `ERR_CORPUS`; of tables also `ERR_COLUMN`, `ERR_CSV_WIDTH`, `ERR_CSV_VALUE`,
   *   `ERR_TIMESTAMP`, `ERR_LABELS`, which name file, row and column; PoolError `ERR_TASK_ABORTED`
   */
  static async from(
    source: Iterable<ItemInput> | AsyncIterable<ItemInput> | TableSource,
    o: FromOptions = {},
  ): Promise<FeatureDataset> {
    refuseUnknown(o, FROM_KEYS, 'FeatureDataset.from');
    const { spec = null } = o;
    if ('table' in source) return FeatureDataset.#ofTable(source, o);
    return FeatureDataset.#over(await memoryItems(source, frameTiming(spec), o.signal), o, spec);
  }

  static async #ofTable(source: TableSource, o: FromOptions): Promise<FeatureDataset> {
    const spec = o.spec ?? null;
    const content = await readTable(source, windowingOf(o.windowing, spec), o.signal);
    const windowing = tableWindowing(content, o.windowing, spec);
    const store = new FeatureStore(source.cacheBytes ?? TABLE_CACHE_BYTES);
    const table = { report: content.report, timing: tableTiming(content) };
    const entries = new Entries(new TableItems(content, windowing, store), windowing);
    return new FeatureDataset({ spec, frameShape: content.frameShape, store, table }, entries);
  }

  static #over(
    { commonFrames, frameShape, store: items }: MemoryItems,
    o: FromOptions,
    cutBy: Spec | null,
  ): FeatureDataset {
    const wholeItem = commonFrames === null ? null : { ...EVERY_FRAME, size: Math.max(1, commonFrames) };
    const windowing = windowingOf(o.windowing, cutBy) ?? wholeItem;
    if (windowing === null) {
      throw new ParameterError('ERR_OPTION', mustBe('windowing', 'given, since items differ in length', undefined));
    }
    const store = new FeatureStore(CACHE_BYTES);
    return new FeatureDataset({ spec: o.spec ?? null, frameShape, store }, new Entries(items, windowing));
  }

  /** `null` where nobody gave one. */
  get spec(): Spec | null {
    return this.#source.spec;
  }

  get windowing(): Windowing {
    return this.#entries.windowing;
  }

  /** Windows. */
  get size(): number {
    return this.#table.size;
  }

  get nItems(): number {
    return this.#entries.length;
  }

  /** Shape of one frame. */
  get frameShape(): readonly number[] {
    return this.#source.frameShape;
  }

  /** Numbers in one frame. */
  get width(): number {
    return this.frameShape.reduce((product, n) => product * n, 1);
  }

  /** Times of the frames; `null` without a spec. */
  get timing(): FrameTiming | null {
    return this.#source.table?.timing ?? frameTiming(this.spec);
  }

  /** What became of a table's rows; `null` of other data. */
  get tableReport(): TableReport | null {
    return this.#source.table?.report ?? null;
  }

  /** Numbers per target; 0 where no item has any. */
  get targetWidth(): number {
    return this.#targets.width;
  }

  /** Bytes of features in memory, and how often a block was read from disk. */
  get cache(): { readonly bytes: number; readonly reads: number } {
    const { bytes, nReads } = this.#source.store;
    return { bytes, reads: nReads };
  }

  /** What is known of every item, without its numbers. */
  *items(): Generator<ItemInfo> {
    for (const { info } of this.#entries) yield info;
  }

  /**
   * One item with its numbers, read alone where its block holds much more; who asks for one item after another gets them
   * out of whole blocks.
   *
   * @throws ParameterError `ERR_OPTION` for an id that is not there
   */
  async get(id: string): Promise<Item> {
    this.#cachedIds ??= new TextIndex(this.#entries.length, (index) => this.#entries.id(index));
    const index = this.#cachedIds.find(id);
    if (index < 0) throw new ParameterError('ERR_OPTION', mustBe('id', 'an id of the data set', id), { id });
    const { info, source } = this.#entries.at(index);
    return { ...info, features: { data: await source.readAlone(), shape: [info.nFrames, ...this.frameShape] } };
  }

  /** The items for which `keep` says so. */
  filter(keep: (item: ItemInfo) => boolean): FeatureDataset {
    return this.#view(this.#entries.pick([...this.#entries].filter(({ info }) => keep(info))));
  }

  /** The same features with other ids, groups, labels, targets or weights, which are kept in memory as they are given. */
  map(change: (item: ItemInfo) => ItemInfo): FeatureDataset {
    return this.#view(this.#entries.changed(change));
  }

  /**
   * Train, validation and test. By time, windows are cut in order, with a gap so that no frame lies in two parts; by
   * group, whole groups are dealt out; stratified, each part has the same share of every label; by file list, as named.
   *
   * @throws ParameterError `ERR_SPLIT` when a part that should hold something would be empty, `ERR_OPTION`,
   *   `ERR_UNKNOWN_OPTION`, also for an option of another kind of split
   */
  split(o: SplitOptions): Parts<FeatureDataset> {
    const { train, validation, test } = splitEntries(this.#entries, o);
    const view = (spans: readonly Span[]) => this.#view(this.#entries.pick(spans));
    return { train: view(train), validation: view(validation), test: view(test) };
  }

  /** Batches of windows, read and cut as they are asked for, normalised as the spec's first stage says. */
  batches(o: BatchOptions): AsyncGenerator<Batch> {
    const { frameShape, width, windowing } = this;
    return batches(this.#table, { windowing, normalize: normalizeOf(this.spec), frameShape, width }, o);
  }

  /**
   * Mean and standard deviation of the frames that these windows touch, for `normalize` of a spec: take them from the
   * training part.
   *
   * @param o per `'column'` (default), or one of each over `'all'` numbers
   * @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION`; `ERR_SPLIT` where there is no frame
   */
  async stats(o: StatsOptions = {}): Promise<StandardNormalize> {
    refuseUnknown(o, STATS_KEYS, 'stats');
    const { per = 'column' } = o;
    if (per !== 'column' && per !== 'all') {
      throw new ParameterError('ERR_OPTION', mustBe('per', '"column" or "all"', per));
    }
    return standardStats(this.#entries, this.width, per);
  }

  /** Targets of all windows, `[size, targetWidth]`; NaN where a window is unscored. */
  targets(): Float32Array {
    const { targetWidth } = this;
    const out = new Float32Array(this.size * targetWidth);
    for (let index = 0; index < this.#entries.length; index++) {
      const { from, to } = this.#table.range(index);
      for (let number = from; number < to; number++) this.#table.writeTarget(index, number, out, number * targetWidth);
    }
    return out;
  }

  /** The item of a window, and when it was. */
  locate(number: number): WindowPlace {
    if (!(Number.isSafeInteger(number) && number >= 0 && number < this.size)) {
      throw new ParameterError('ERR_OPTION', mustBe('window', `a number below ${this.size}`, number));
    }
    const index = this.#table.indexOf(number);
    const info = this.#entries.info(index);
    const window = this.#table.windowIn(index, number);
    if (this.timing === null) return { item: info, window, startSec: null, endSec: null };
    const { startSec, stepSec, spanSec } = this.timing;
    const { size, stride } = this.windowing;
    const start = (info.startSec ?? 0) + startSec + window * stride * stepSec;
    return { item: info, window, startSec: start, endSec: start + (size - 1) * stepSec + spanSec };
  }

  /**
   * The same features under a spec that differs in stages, labels or decisions, e.g. one that now has `stats()` in it.
   *
   * @throws ModelError `ERR_SPEC_MISMATCH` when it asks for other features
   */
  withSpec(spec: Spec, windowing?: WindowingInput): FeatureDataset {
    if (this.spec !== null && !sameFeatures(this.spec, spec)) {
      throw new ModelError('ERR_SPEC_MISMATCH', mustBe('spec', 'one with the features of this data set', spec.hash));
    }
    const cut = windowingOf(windowing, spec) ?? this.windowing;
    return new FeatureDataset({ ...this.#source, spec }, this.#entries.recut(cut));
  }

  /** The same frames cut into other windows. @throws ParameterError `ERR_OPTION` after a split by time */
  withWindowing(windowing: WindowingInput): FeatureDataset {
    const cut = windowingOf(windowing, null) ?? this.windowing;
    return new FeatureDataset(this.#source, this.#entries.recut(cut));
  }

  /**
   * Refuses parts that have something in common: frames of one recording, whatever cut or channel they come from; frames
   * nearer to each other than the purge; recordings that are the same to the bit; if asked, a group. Rows of a table may
   * be equal.
   *
   * @throws DatasetError `ERR_LEAK` naming both parts and what they share; `ERR_SHARD` for features that cannot be read
   * @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION`
   */
  static async refuseLeaks(parts: Parts<FeatureDataset>, o: LeakOptions = {}): Promise<void> {
    refuseUnknown(o, LEAK_KEYS, 'FeatureDataset.refuseLeaks');
    const { train, validation, test } = parts;
    await refuseLeaks({ train: train.#entries, validation: validation.#entries, test: test.#entries }, o);
  }

  static #join(parts: readonly FeatureDataset[], { windowing, cacheBytes }: OpenOptions): FeatureDataset {
    const [first] = parts;
    if (first === undefined) throw new ParameterError('ERR_OPTION', mustBe('data sets', 'at least one', parts));
    if (cacheBytes !== undefined) {
      const expected = 'left out with data sets, each of which has its own cache';
      throw new ParameterError('ERR_OPTION', mustBe('cacheBytes', expected, cacheBytes));
    }
    for (const part of parts) {
      const together =
        part.frameShape.join() === first.frameShape.join() &&
        (part.spec === null || first.spec === null ? part.spec === first.spec : sameFeatures(part.spec, first.spec));
      if (!together)
        throw new ModelError('ERR_SPEC_MISMATCH', mustBe('data sets', 'of the same features', part.spec?.hash));
    }
    const cut = windowingOf(windowing, null) ?? first.windowing;
    const entries = Entries.join(parts.map((part) => part.withWindowing(cut).#entries));
    const { twice } = new TextIndex(entries.length, (index) => entries.id(index));
    if (twice !== null) {
      const expected = 'different in all data sets (map changes them)';
      throw new ParameterError('ERR_CORPUS', mustBe('ids', expected, `${twice} twice`), { id: twice });
    }
    return first.withWindowing(cut).#view(entries);
  }

  #view(entries: Entries): FeatureDataset {
    return new FeatureDataset(this.#source, entries);
  }

  get #targets(): Targets {
    this.#cachedTargets ??= targetsOf(this.#entries, this.spec);
    return this.#cachedTargets;
  }

  get #table(): WindowTable {
    this.#cachedTable ??= new WindowTable(this.#entries, this.#targets, this.#source.store.cacheBytes);
    return this.#cachedTable;
  }
}
