import { mustBe, ParameterError } from '../errors.js';
import { type CellPlace, CellReader, placeOf, showPlace } from './cells.js';
import { TableColumns, textOf } from './columns.js';
import { Growing } from './growing.js';
import { LabelReader } from './labels.js';
import { RowDecoder } from './row-decoder.js';
import type { RowBlock, TableFile } from './row-source.js';
import { RowStore } from './row-store.js';
import { rowsOf } from './table-files.js';
import type { SeriesConfig } from './table-schema.js';
import type { Tally } from './tally.js';
import { TimestampReader } from './timestamps.js';
import { type LabelledWindows, windowLabel } from './window-labels.js';

export interface SeriesGroup {
  readonly name: string;
  /** The file, while all rows come from one. */
  path: string | undefined;
  label: string | number | undefined;
}

/** All rows of a table, as they came: their numbers in a store, the rest in memory (24 bytes a row). */
export class SeriesRows {
  readonly groups: SeriesGroup[] = [];
  readonly store: RowStore;
  readonly #columns: TableColumns;
  readonly #group = new Growing((length) => new Uint32Array(length));
  readonly #ms = new Growing((length) => new Float64Array(length));
  readonly #label = new Growing((length) => new Float32Array(length));
  readonly #row = new Growing((length) => new Uint32Array(length));
  readonly #line = new Growing((length) => new Uint32Array(length));
  readonly #files: { readonly file: TableFile; readonly first: number }[] = [];
  readonly #numberOfGroup = new Map<string, number>();

  constructor(columns: TableColumns, store: RowStore) {
    this.#columns = columns;
    this.store = store;
  }

  get length(): number {
    return this.#row.length;
  }

  groupOf(row: number): number {
    return this.#group.at(row);
  }

  ms(row: number): number {
    return this.#ms.at(row);
  }

  label(row: number): number {
    return this.#label.at(row);
  }

  /** Where a row is, for messages. */
  place(row: number, name?: string): CellPlace {
    const { file } = this.#files.findLast(({ first }) => first <= row)!;
    const line = this.#line.at(row);
    return { path: file.path, row: this.#row.at(row), ...(line > 0 && { line }), ...(name !== undefined && { name }) };
  }

  /** Column of the file, from 0, of a value. */
  columnOf(value: number): number {
    return this.#columns.index(value);
  }

  timeColumn(): string {
    return this.#columns.name(this.#columns.position('time')!);
  }

  beginFile(file: TableFile): void {
    this.#files.push({ file, first: this.length });
  }

  group(name: string, path: string): { group: SeriesGroup; number: number; isNew: boolean } {
    const known = this.#numberOfGroup.get(name);
    const number = known ?? this.groups.length;
    if (known === undefined) {
      this.#numberOfGroup.set(name, number);
      this.groups.push({ name, path, label: undefined });
    }
    const group = this.groups[number]!;
    if (group.path !== path) group.path = undefined;
    return { group, number, isNew: known === undefined };
  }

  add(group: number, ms: number, label: number, row: number, line: number): void {
    this.#group.push(group);
    this.#ms.push(ms);
    this.#label.push(label);
    this.#row.push(row);
    this.#line.push(line);
  }
}

/** Reads all rows. @throws ParameterError `ERR_TIMESTAMP`, `ERR_LABELS`, `ERR_CSV_VALUE` and others, naming file and row */
export async function readSeriesRows(
  config: SeriesConfig,
  files: readonly TableFile[],
  o: { windows: LabelledWindows | null; tally: Tally; signal: AbortSignal | undefined },
): Promise<SeriesRows> {
  const { windows, tally, signal } = o;
  const columns = new TableColumns(config);
  const cells = new CellReader(config);
  const decoder = new RowDecoder(config, columns, cells, tally);
  const store = new RowStore(config.columns.values.length, config.cacheBytes / 2);
  const rows = new SeriesRows(columns, store);
  const reader = new RowReader(config, columns, cells, rows);
  for (const file of files) {
    rows.beginFile(file);
    reader.beginFile(file, windows);
    for await (const block of rowsOf(file, columns.choose, config, signal)) {
      const { values, kept } = decoder.decode(file, block);
      store.append(values);
      for (const i of kept) reader.add(block, i);
    }
  }
  return rows;
}

/** Cells of a row beside its numbers: group, time and label. */
class RowReader {
  readonly #columns: TableColumns;
  readonly #cells: CellReader;
  readonly #rows: SeriesRows;
  readonly #times: TimestampReader | null;
  readonly #labels: LabelReader;
  readonly #perRow: boolean;
  #file: TableFile | null = null;
  #windows: readonly (readonly [number, number])[] | null = null;

  constructor(config: SeriesConfig, columns: TableColumns, cells: CellReader, rows: SeriesRows) {
    const { label, timestamp } = config.columns;
    this.#columns = columns;
    this.#cells = cells;
    this.#rows = rows;
    this.#times = timestamp === undefined ? null : new TimestampReader(timestamp);
    const isColumn = label !== undefined && 'column' in label;
    this.#labels = new LabelReader(isColumn ? label : {}, cells);
    this.#perRow = isColumn && label.per === 'row';
  }

  beginFile(file: TableFile, windows: LabelledWindows | null): void {
    this.#file = file;
    this.#windows = windows?.of(file) ?? null;
  }

  add(block: RowBlock, i: number): void {
    const file = this.#file!;
    const { group, number, isNew } = this.#rows.group(this.#groupName(file, block, i), file.path);
    const ms = this.#ms(file, block, i);
    const label = this.#label(file, block, i);
    if (typeof label === 'string' || !this.#perRow) this.#ofGroup(group, isNew, label, file, block, i);
    const perRow = this.#windows === null ? Number(label) : windowLabel(this.#windows, ms);
    this.#rows.add(number, ms, perRow, block.rows[i]!, block.lines?.[i] ?? 0);
  }

  #groupName(file: TableFile, block: RowBlock, i: number): string {
    const position = this.#columns.position('group');
    return position === undefined ? file.name : textOf(this.#columns, position, this.#cells, file, block, i);
  }

  #ms(file: TableFile, block: RowBlock, i: number): number {
    const position = this.#columns.position('time');
    if (this.#times === null || position === undefined) return 0;
    const cell = block.columns[position]![i];
    return this.#times.ms(
      this.#cells.isMissing(cell) ? null : cell,
      () => placeOf(file, block, i, this.#columns.name(position)),
      block.timeCells,
    );
  }

  #label(file: TableFile, block: RowBlock, i: number): string | number | undefined {
    const position = this.#columns.position('label');
    if (position === undefined) return undefined;
    const place = placeOf(file, block, i, this.#columns.name(position));
    const [cell, column] = [block.columns[position]![i], this.#columns.index(position)];
    return this.#perRow ? this.#labels.number(cell, place, column) : this.#labels.value(cell, place, column);
  }

  #ofGroup(
    group: SeriesGroup,
    isNew: boolean,
    label: string | number | undefined,
    file: TableFile,
    block: RowBlock,
    i: number,
  ): void {
    if (isNew) group.label = label;
    if (group.label === label) return;
    const place = placeOf(file, block, i, this.#columns.name(this.#columns.position('label')!));
    const expected = `${JSON.stringify(group.label)}, as in the other rows of ${group.name} (or per: row given)`;
    throw new ParameterError('ERR_LABELS', mustBe(showPlace(place), expected, label), { ...place });
  }
}
