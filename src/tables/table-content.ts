import type { Block, Place } from './block-store.js';
import type { TableReport, WindowRule } from './table-source.js';

/** A sequence of a table: everything about it but its numbers. */
export interface TableItem {
  readonly id: string;
  /** The file, where it is one. */
  readonly path: string | undefined;
  readonly group: string | undefined;
  readonly label: string | number | undefined;
  /** A label for each frame of a series, or for each row of an item of several rows. */
  readonly rowLabels: Float32Array | undefined;
  readonly startSec: number | undefined;
  readonly durationSec: number | undefined;
  readonly nFrames: number;
  readonly place: Place;
  /** What several items may be stretches of, and where in it. */
  readonly origin: { readonly series: string; readonly firstFrame: number };
}

/** How windows are cut, where it matters for how a table is stored. */
export interface WindowCut {
  readonly size: number;
  readonly stride: number;
  readonly tail: 'drop' | 'pad' | 'partial';
}

/** A table that was read. */
export interface TableContent {
  readonly layout: 'rows' | 'series';
  /** Shape of one frame. */
  readonly frameShape: readonly number[];
  /** Frames of a row that is a sequence of its own; `null` for series. */
  readonly framesPerRow: number | null;
  readonly rowsPerItem: number;
  /** Which labels of a window's rows decide. */
  readonly rule: WindowRule;
  /** From one frame to the next, and of how much time a frame tells, where they are equally far apart. */
  readonly step: { readonly stepSec: number; readonly spanSec: number } | null;
  readonly items: readonly TableItem[];
  readonly blocks: readonly Block[];
  readonly report: TableReport;
}
