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
  /** When the sequence starts, seconds. Default 0. */
  readonly startSec?: number | undefined;
  readonly durationSec?: number | undefined;
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

/** An item with its numbers. */
export interface Item extends ItemInfo {
  readonly features: { readonly data: Float32Array; readonly shape: readonly number[] };
}

/** An item as people give it. */
export interface ItemInput extends Partial<Omit<ItemInfo, 'nFrames' | 'nWindows'>> {
  /** `[frame, …]`, frame-major, or just a series of single values. */
  readonly features: Float32Array | { readonly data: Float32Array; readonly shape: readonly number[] };
}

/** One stretch of a longer series that several items may overlap on, e.g. rows cut from one stream with a stride. */
export interface Origin {
  readonly series: string;
  readonly firstFrame: number;
}

/** Where an item's numbers are; items of one block are read together. */
export interface FeatureSource {
  /** Same for all items of a block. */
  readonly block: string;
  readonly blockBytes: number;
  /** `[nFrames, width]`, now or once it has been read. */
  read(): Float32Array | Promise<Float32Array>;
}

/** An item in a view: windows `[first, end)` of it. */
export interface Entry {
  readonly info: ItemInfo;
  readonly source: FeatureSource;
  readonly origin: Origin;
  readonly first: number;
  readonly end: number;
}
