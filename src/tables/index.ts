/** Tables, in CSV or Parquet: rows that are sequences, and rows that are moments of a series. */
export type { Block, Place } from './block-store.js';
export { type ColumnDescription, describeTable, type TableDescription } from './describe-table.js';
export { LabelMix } from './label-mix.js';
export { readTable } from './read-table.js';
export type { TableContent, TableItem, WindowCut } from './table-content.js';
export { isTablePath } from './table-files.js';
export { rowTableSchema, seriesTableSchema, TABLE_CACHE_BYTES } from './table-schema.js';
export type {
  CsvOptions,
  Resampling,
  RowTable,
  SeriesLabel,
  SeriesTable,
  TableReport,
  TableSource,
  TimeDelta,
  TimestampColumn,
  TimestampRule,
  ValueColumns,
  WindowRule,
} from './table-source.js';
