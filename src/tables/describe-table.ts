import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CellReader } from './cells.js';
import { rowsOf, tableFiles } from './table-files.js';
import { parseTable } from './table-schema.js';
import type { TableFiles } from './table-source.js';

/** What a column of a table holds. */
export interface ColumnDescription {
  readonly name: string;
  /** By its cells; `mixed` where some are numbers and some are not. */
  readonly kind: 'number' | 'text' | 'list' | 'mixed' | 'empty';
  /** Cells that hold nothing. */
  readonly missing: number;
  /** Of its numbers, else `null`. */
  readonly min: number | null;
  readonly max: number | null;
}

export interface TableDescription {
  readonly path: string;
  readonly format: 'csv' | 'parquet';
  readonly bytes: number;
  /** Rows, bad ones not counted. */
  readonly rows: number;
  /** Rows of another width than the header. */
  readonly badRows: number;
  readonly columns: readonly ColumnDescription[];
}

/**
 * Goes through all cells of one table once, in bounded memory.
 *
 * @throws ParameterError `ERR_CORPUS` for a file that is no table
 */
export async function describeTable(
  path: string,
  o: Pick<TableFiles, 'csv' | 'format'> = {},
): Promise<TableDescription> {
  const config = parseTable({ ...o, table: resolve(path), onBadRow: 'skip' });
  const file = (await tableFiles(config))[0]!;
  const cells = new CellReader(config);
  let columns: ColumnCounts[] = [];
  let [rows, badRows] = [0, 0];
  const chooseAll = (header: readonly string[]) => {
    columns = header.map((name) => new ColumnCounts(name, cells));
    return { indexes: [...header.keys()], nNumbers: 0 };
  };
  for await (const block of rowsOf(file, chooseAll, config)) {
    rows += block.rows.length;
    badRows += block.badRows;
    for (const [i, column] of columns.entries()) column.add(block.columns[i]!, block.rows.length);
  }
  const { size: bytes } = await stat(file.path);
  return { path, format: file.format, bytes, rows, badRows, columns: columns.map((column) => column.description()) };
}

class ColumnCounts {
  readonly #name: string;
  readonly #cells: CellReader;
  #numbers = 0;
  #texts = 0;
  #lists = 0;
  #missing = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor(name: string, cells: CellReader) {
    this.#name = name;
    this.#cells = cells;
  }

  add(column: ArrayLike<unknown>, length: number): void {
    for (let i = 0; i < length; i++) {
      const cell = column[i];
      const value = Array.isArray(cell) ? Number.POSITIVE_INFINITY : this.#cells.number(cell);
      if (Number.isFinite(value)) {
        this.#numbers += 1;
        this.#min = Math.min(this.#min, value);
        this.#max = Math.max(this.#max, value);
      } else if (Number.isNaN(value)) this.#missing += 1;
      else if (Array.isArray(cell)) this.#lists += 1;
      else this.#texts += 1;
    }
  }

  description(): ColumnDescription {
    const kinds = { number: this.#numbers, text: this.#texts, list: this.#lists } as const;
    const found = (['number', 'text', 'list'] as const).filter((kind) => kinds[kind] > 0);
    const [kind = 'empty'] = found;
    return {
      name: this.#name,
      kind: found.length > 1 ? 'mixed' : kind,
      missing: this.#missing,
      min: this.#numbers > 0 ? this.#min : null,
      max: this.#numbers > 0 ? this.#max : null,
    };
  }
}
