/** Rows of a file, some thousand at a time, whatever the format. */
import type { TimeCells } from './timestamps.js';

/** The cells of some rows that follow each other, column by column. */
export interface RowBlock {
  /** Number of each row in its file, from 1. */
  readonly rows: Uint32Array;
  /** Line of each row; `null` in a format without lines. */
  readonly lines: Uint32Array | null;
  /** The chosen columns, in the order in which they were asked for. */
  readonly columns: readonly ArrayLike<unknown>[];
  /** Rows of another width that were left out before or among these. */
  readonly badRows: number;
  /** What the cells of the time column are. Default `'cells'`. */
  readonly timeCells?: TimeCells;
}

/** Which columns are read, and of what kind their cells are. */
export interface ChosenColumns {
  readonly indexes: readonly number[];
  /** The first of them hold numbers. */
  readonly nNumbers: number;
  /** Which of them holds times. */
  readonly time?: number | undefined;
}

/** Names of the columns → those that are wanted. */
export type ChooseColumns = (header: readonly string[], file: TableFile) => ChosenColumns;

export interface TableFile {
  readonly path: string;
  readonly format: 'csv' | 'parquet';
  /** Path below the folder that all files have in common. */
  readonly name: string;
}
