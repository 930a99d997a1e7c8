import { resolve } from 'node:path';
import type { ShardEntry } from '../shards/index.js';
import type { Interval } from '../types.js';
import { Names, Numbers, Texts } from './columns.js';
import type { FeatureStore, StoredBlock } from './feature-store.js';
import type { FrameTiming } from './front-end.js';
import type { FeatureSource, ItemFacts, ItemStore, Origin } from './item.js';

const doubles = () => new Numbers((n) => new Float64Array(n));
const counts = () => new Numbers((n) => new Uint32Array(n));
/** Digits of a content hash that one number holds. */
const HEX_DIGITS = 8;
const HEX = 16;
/** Of a recording whose channels were not kept apart. */
const NO_CHANNEL = -1;

interface Block {
  readonly stored: StoredBlock;
  /** Numbers a frame. */
  readonly width: number;
}

/** What a folder of features says of its recordings, in columns; a fact becomes an object when it is asked for. */
export class FolderItems implements ItemStore {
  readonly #root: string;
  readonly #timing: FrameTiming | null;
  readonly #features: FeatureStore;
  readonly #ids = new Texts();
  readonly #paths = new Texts();
  readonly #groups = new Names();
  readonly #labels = new Names();
  readonly #sampleRates = counts();
  readonly #starts = doubles();
  readonly #durations = doubles();
  readonly #channels = new Numbers((n) => new Int32Array(n));
  readonly #hashes = [counts(), counts()] as const;
  readonly #nFrames = counts();
  readonly #firstFrames = counts();
  readonly #blockOf = counts();
  readonly #blocks: Block[] = [];
  readonly #intervalEnds = counts();
  readonly #intervals = { starts: doubles(), ends: doubles(), labels: new Names() };

  /**
   * @param root folder that paths are relative to
   * @param timing of frames; `null` where nobody knows, and cuts of a file are taken to overlap
   */
  constructor(root: string, timing: FrameTiming | null, features: FeatureStore) {
    this.#root = root;
    this.#timing = timing;
    this.#features = features;
  }

  get length(): number {
    return this.#nFrames.length;
  }

  /** Recordings of one shard. */
  add(entries: readonly ShardEntry[], width: number): void {
    for (const entry of entries) {
      const { block, labels, contentHash } = entry;
      const { path, byteOffset } = this.#blocks.at(-1)?.stored.place ?? {};
      if (path !== block.path || byteOffset !== block.byteOffset) {
        this.#blocks.push({ stored: this.#features.block(block), width });
      }
      this.#ids.push(entry.id);
      this.#paths.push(entry.path);
      this.#groups.push(entry.group);
      this.#labels.push(entry.label);
      this.#sampleRates.push(entry.sampleRate);
      this.#starts.push(entry.startSec);
      this.#durations.push(entry.durationSec);
      this.#channels.push(entry.channel ?? NO_CHANNEL);
      this.#hashes.forEach((half, i) => {
        half.push(Number.parseInt(contentHash.slice(i * HEX_DIGITS, (i + 1) * HEX_DIGITS), HEX));
      });
      this.#nFrames.push(entry.nFrames);
      this.#firstFrames.push(entry.firstFrame);
      this.#blockOf.push(this.#blocks.length - 1);
      this.#addIntervals(labels);
    }
  }

  /** When all shards have been added. */
  trim(): void {
    const { starts, ends, labels } = this.#intervals;
    const columns = [this.#ids, this.#paths, this.#groups, this.#labels, this.#sampleRates, this.#starts];
    const more = [this.#durations, this.#channels, ...this.#hashes, this.#nFrames, this.#firstFrames, this.#blockOf];
    for (const column of [...columns, ...more, this.#intervalEnds, starts, ends, labels]) column.trim();
  }

  id(item: number): string {
    return this.#ids.at(item);
  }

  facts(item: number): ItemFacts {
    const channel = this.#channels.at(item);
    const startSec = this.#starts.at(item);
    return {
      id: this.#ids.at(item),
      path: this.#file(item),
      group: this.#groups.at(item),
      label: this.#labels.at(item),
      labels: this.#intervalsOf(item, startSec),
      ...(startSec !== 0 && { startSec }),
      durationSec: this.#durations.at(item),
      ...(channel !== NO_CHANNEL && { channel }),
      sampleRate: this.#sampleRates.at(item),
      nFrames: this.#nFrames.at(item),
    };
  }

  nFrames(item: number): number {
    return this.#nFrames.at(item);
  }

  label(item: number): string | undefined {
    return this.#labels.at(item);
  }

  targets(): undefined {
    return undefined;
  }

  weights(): undefined {
    return undefined;
  }

  source(item: number): FeatureSource {
    const { stored, width } = this.#blocks[this.#blockOf.at(item)]!;
    return stored.part(this.#firstFrames.at(item) * width, this.#nFrames.at(item) * width);
  }

  /** Cuts and channels of a file lie on one series; where its frames are not known, all cuts begin at its first. */
  origin(item: number): Origin {
    const series = this.#file(item);
    if (this.#timing === null) return { series, firstFrame: 0 };
    const { stepSec } = this.#timing;
    return {
      series,
      firstFrame: this.#starts.at(item) / stepSec,
      nFrames: Math.min(this.#nFrames.at(item), this.#durations.at(item) / stepSec),
    };
  }

  contentHash(item: number): string {
    return this.#hashes.map((half) => half.at(item).toString(HEX).padStart(HEX_DIGITS, '0')).join('');
  }

  #file(item: number): string {
    return resolve(this.#root, this.#paths.at(item));
  }

  #addIntervals(intervals: readonly Interval[]): void {
    const { starts, ends, labels } = this.#intervals;
    for (const { startSec, endSec, label } of intervals) {
      starts.push(startSec);
      ends.push(endSec);
      labels.push(label);
    }
    this.#intervalEnds.push(starts.length);
  }

  /** A shard counts from the start of the cut, an item from the start of its recording. */
  #intervalsOf(item: number, startSec: number): Interval[] {
    const { starts, ends, labels } = this.#intervals;
    const from = item === 0 ? 0 : this.#intervalEnds.at(item - 1);
    return Array.from({ length: this.#intervalEnds.at(item) - from }, (_, i) => ({
      startSec: startSec + starts.at(from + i),
      endSec: startSec + ends.at(from + i),
      label: labels.at(from + i) ?? '',
    }));
  }
}
