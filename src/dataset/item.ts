/** What a data set is made of. */
import type { Interval } from '../types.js';

/** One sequence: a recording's frames, or a row of a table. Everything about it but the numbers. */
export interface ItemInfo {
  readonly id: string;
  /** The recording's file, absolute. */
  readonly path?: string | undefined;
  /** What must not be torn apart by a split: a speaker, a machine, a recording session. */
  readonly group?: string | undefined;
  /** A class by name, or a number to predict. */
  readonly label?: string | number | undefined;
  /** Labelled stretches, seconds from the start of the recording. */
  readonly labels?: readonly Interval[] | undefined;
  /** When the sequence starts in its recording, seconds. Default 0. */
  readonly startSec?: number | undefined;
  readonly durationSec?: number | undefined;
  /** Of a recording whose channels are items of their own. */
  readonly channel?: number | undefined;
  /** The recording's own, Hz, before resampling. */
  readonly sampleRate?: number | undefined;
  /**
   * What a model should answer: as many numbers for each window of the item (mostly one), window after window. A window
   * whose numbers are all NaN is unscored: no batch holds it. Wins over `label`.
   */
  readonly targets?: Float32Array | undefined;
  /** How much each window counts in a loss. Default 1. */
  readonly weights?: Float32Array | undefined;
  readonly nFrames: number;
  /** Windows of the whole item; a part that a split made may see fewer. */
  readonly nWindows: number;
}

/** All but what depends on how windows are cut. */
export type ItemFacts = Omit<ItemInfo, 'nWindows'>;

/** An item with its numbers. */
export interface Item extends ItemInfo {
  readonly features: { readonly data: Float32Array; readonly shape: readonly number[] };
}

/** An item as people give it. */
export interface ItemInput extends Partial<Omit<ItemInfo, 'nFrames' | 'nWindows'>> {
  /** `[frame, …]`, frame-major, or just a series of single values. */
  readonly features: Float32Array | { readonly data: Float32Array; readonly shape: readonly number[] };
}

/** One stretch of a longer series that several items may overlap on: cuts or channels of a file, rows cut with a stride. */
export interface Origin {
  readonly series: string;
  /** Need not be whole: a cut may start within a frame. */
  readonly firstFrame: number;
  /** Frames of the series that the item covers; its last frames may hang over. Default: all that it has. */
  readonly nFrames?: number | undefined;
}

/** Where an item's numbers are; items of one block are read together. */
export interface FeatureSource {
  /** Same for all items of a block. */
  readonly block: string;
  readonly blockBytes: number;
  /** `[nFrames, width]`, now or once its block has been read. */
  read(): Float32Array | Promise<Float32Array>;
  /** The same, without the rest of the block where nothing says that it will be wanted too. */
  readAlone(): Float32Array | Promise<Float32Array>;
  /** Whether the block is there, or on its way. */
  readonly isNear: boolean;
  /** Reads the block before it is needed. */
  readAhead(): Promise<void>;
}

/** Items where they are kept. All of it is asked for one item at a time, so that a million need no objects. */
export interface ItemStore {
  readonly length: number;
  facts(item: number): ItemFacts;
  id(item: number): string;
  nFrames(item: number): number;
  label(item: number): string | number | undefined;
  targets(item: number): Float32Array | undefined;
  weights(item: number): Float32Array | undefined;
  source(item: number): FeatureSource;
  origin(item: number): Origin;
  /** Over the frames: what is equal may be a duplicate. `null` for rows of a table, which repeat as they like. */
  contentHash(item: number): string | null;
}
