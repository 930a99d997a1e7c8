/** Tables as people describe them. `table-schema.ts` checks the same shapes. */

/** Where rows come from, and what becomes of those that cannot be used. */
export interface TableFiles {
  /** One file, a glob, or a list of files; several are read one after the other. */
  readonly table: string | URL | readonly (string | URL)[];
  /** Default: by extension. */
  readonly format?: 'csv' | 'parquet' | undefined;
  /** How CSV is written. */
  readonly csv?: CsvOptions | undefined;
  /** A row of another width than the header, or a cell with another number of values than its shape. Default `'error'`. */
  readonly onBadRow?: 'error' | 'skip' | undefined;
  /** Bytes of numbers kept in memory; what is more lies in a temporary file. Default 128 MiB. */
  readonly cacheBytes?: number | undefined;
}

export interface CsvOptions {
  /** One character. Default `,`. */
  readonly delimiter?: string | undefined;
  /** Default `.`. */
  readonly decimal?: '.' | ',' | undefined;
  /** Cells that hold nothing, beside empty ones. Default `NaN`, `nan`, `NA`, `N/A`, `null`, `NULL`, `None`. */
  readonly missing?: readonly string[] | undefined;
}

/** How the cells of a label column become numbers. Without `positive` and `classes` numbers stay numbers, texts texts. */
interface LabelValues {
  /** This text is 1, every other 0. */
  readonly positive?: string | undefined;
  /** A text is its place in this list. */
  readonly classes?: readonly string[] | undefined;
}

/** Several columns, or one whose cells hold many numbers: `1.5|2|…` in CSV, lists in Parquet. */
export type ValueColumns =
  | readonly string[]
  | {
      readonly column: string;
      /** Of the numbers in a text. Left out for lists. */
      readonly separator?: string | undefined;
      /** `[frame, …]` of one cell. */
      readonly shape: readonly number[];
    };

/** One sequence per row. */
export interface RowTable extends TableFiles {
  readonly layout?: 'rows' | undefined;
  /** Default: columns `0 … n−1` are the values, `response` the label. */
  readonly columns?:
    | {
        /** Several columns are one sequence of single values. */
        readonly values: ValueColumns;
        readonly group?: string | undefined;
        readonly label?: string | ({ readonly column: string } & LabelValues) | undefined;
        /** Default: the number of the row, from 1; with several files `<file>:<row>`. */
        readonly id?: string | undefined;
      }
    | undefined;
  /** Where rows were cut from one series: values from one row's start to the next. Then a split knows what overlaps. */
  readonly stride?: number | undefined;
  /**
   * Rows that make one item of as many windows: for millions of rows, each of which would otherwise be an item of its
   * own. An item holds rows of one group that follow each other. Default 1.
   */
  readonly rowsPerItem?: number | undefined;
  /** A cell without a number. Default `'error'`; a number takes its place. */
  readonly missing?: 'error' | 'drop-row' | number | undefined;
}

/** When a row was: a number since the epoch or since the start, or a text. A timestamp column of Parquet needs neither. */
export type TimestampColumn = {
  readonly column: string;
  /** `'ascending'` refuses a row before its predecessor of the same group. Default `'sort'`. */
  readonly order?: 'sort' | 'ascending' | undefined;
  /** Rows of a group with the same time. Default `'error'`. */
  readonly duplicates?: 'error' | 'keep' | 'first' | 'last' | undefined;
} & TimestampRule;

export interface TimestampRule {
  /** Of numbers. */
  readonly unit?: 's' | 'ms' | 'us' | 'ns' | undefined;
  /** Of texts: `'iso'` (ISO 8601, also with a space for the T), or tokens of Luxon, e.g. `dd.MM.yyyy HH:mm:ss.u`. */
  readonly format?: string | undefined;
  /** IANA name, for times without an offset of their own. */
  readonly zone?: string | undefined;
  /** A time that the clock shows twice when it is put back. Default `'error'`. */
  readonly ambiguous?: 'error' | 'earlier' | 'later' | undefined;
  /** A time that the clock leaves out when it is put forward. Default `'error'`. */
  readonly nonexistent?: 'error' | 'shift-forward' | undefined;
}

/** Which rows of a window decide over its target. */
export type WindowRule = 'any' | 'all' | 'last';

export type SeriesLabel =
  | string
  /** The same in all rows of a group. */
  | ({ readonly column: string; readonly per?: 'group' | undefined } & LabelValues)
  /** `any`: the largest of a window's rows; `all`: the smallest; `last`: that of its last row. */
  | ({ readonly column: string; readonly per: 'row'; readonly rule: WindowRule } & LabelValues)
  /** A JSON file as NAB has it: name of a file → list of `[from, to]`. Rows in between, both included, are 1. */
  | { readonly windows: string | URL; readonly rule: WindowRule };

/** Rows of one group in the order of time are one series. */
export interface SeriesTable extends TableFiles {
  readonly layout: 'series';
  readonly columns: {
    readonly values: readonly string[];
    /** Default: each file is a group of its own, named by its path below the folder that all have in common. */
    readonly group?: string | undefined;
    /** Default: rows are in order, and nobody knows their times. */
    readonly timestamp?: TimestampColumn | undefined;
    readonly label?: SeriesLabel | undefined;
  };
  /** A cell without a number. Default `'error'`; `'forward-fill'` takes the row before in its group. */
  readonly missing?: 'error' | 'drop-row' | 'forward-fill' | number | undefined;
  /** More time than this between two rows is a gap. Needed to resample. */
  readonly maxGapMs?: number | undefined;
  /** Default `'split'`: what follows is another item of the same group, and no window crosses the gap. */
  readonly onGap?: 'split' | 'error' | undefined;
  readonly resample?: Resampling | undefined;
  /** Adds a last column: time since the row before, 0 in the first row of an item. Not with `resample`. */
  readonly timeDelta?: TimeDelta | undefined;
}

/** Frames at the multiples of `everyMs` (since the epoch or the start). */
export interface Resampling {
  readonly everyMs: number;
  /**
   * `mean` of the rows from a frame's time to the next's (where there are none, the frame before); the `last` row until
   * then; `linear` between the rows before and after; or the `nearest` row, of two equally near the earlier one.
   */
  readonly method: 'mean' | 'last' | 'linear' | 'nearest';
}

export interface TimeDelta {
  readonly unit: 'ms' | 's' | 'min' | 'h';
  /** `log1p`: ln(1 + x). Default `'linear'`. */
  readonly scale?: 'linear' | 'log1p' | undefined;
}

export type TableSource = RowTable | SeriesTable;

/** What became of a table's rows. */
export interface TableReport {
  readonly files: number;
  /** Rows read, those left out included. */
  readonly rows: number;
  /** Rows skipped by `onBadRow`. */
  readonly badRows: number;
  /** Rows left out by `missing: 'drop-row'`. */
  readonly droppedRows: number;
  /** Rows left out by `duplicates`. */
  readonly duplicateRows: number;
  /** Cells filled by `missing`. */
  readonly filledCells: number;
  /** Places where a series was cut. */
  readonly gaps: number;
  /** Stretches between gaps that no frame of the new grid lies in. */
  readonly emptyStretches: number;
  /** Bytes of numbers, and those of them that lie in a temporary file. */
  readonly bytes: number;
  readonly spilledBytes: number;
}
