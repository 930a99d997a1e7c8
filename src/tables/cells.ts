/** Cells → numbers and labels. */
import { mustBe, ParameterError } from '../errors.js';
import type { RowBlock, TableFile } from './row-source.js';
import type { TableConfig } from './table-schema.js';

const MAX_FLOAT32 = 3.4028234663852886e38;

/** What is no number, in place of one. NaN is a cell that holds nothing. */
export const UNREADABLE = Number.POSITIVE_INFINITY;

/** Reads single cells. */
export class CellReader {
  readonly #missing: ReadonlySet<string>;
  readonly #comma: boolean;
  /** Whether a text that could be read as a number, such as -999, means that there is none. */
  readonly #numbersMissing: boolean;

  constructor({ csv }: Pick<TableConfig, 'csv'>) {
    this.#missing = new Set(['', ...csv.missing]);
    this.#comma = csv.decimal === ',';
    this.#numbersMissing = csv.missing.some((text) => text.trim() !== '' && !Number.isNaN(this.#value(text)));
  }

  isMissing(cell: unknown): boolean {
    return cell === null || cell === undefined || (typeof cell === 'string' && this.#missing.has(cell));
  }

  /** @returns NaN for a cell without a number, `UNREADABLE` for one that is no finite float32 */
  number(cell: unknown): number {
    if (cell === '' || (this.#numbersMissing && this.isMissing(cell))) return Number.NaN;
    const value = this.#value(cell);
    // Most cells hold a number, and are not looked up.
    if (Number.isNaN(value)) return typeof cell === 'number' || this.isMissing(cell) ? value : UNREADABLE;
    return Math.abs(value) <= MAX_FLOAT32 ? value : UNREADABLE;
  }

  #value(cell: unknown): number {
    if (typeof cell === 'string') return Number(this.#comma ? cell.replace(',', '.') : cell);
    return typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean'
      ? Number(cell)
      : Number.NaN;
  }
}

/** Names a cell, or a row, as messages do. */
export interface CellPlace {
  readonly path: string;
  /** From 1, the header not counted. */
  readonly row: number;
  /** From 1; absent in a format without lines. */
  readonly line?: number;
  /** Column of the table, by name. */
  readonly name?: string;
}

export function placeOf({ path }: TableFile, { rows, lines }: RowBlock, i: number, name?: string): CellPlace {
  return { path, row: rows[i]!, ...(lines && { line: lines[i]! }), ...(name !== undefined && { name }) };
}

export function showPlace({ path, row, line, name }: CellPlace): string {
  const where = `${path} row ${row}${line === undefined ? '' : ` (line ${line})`}`;
  return name === undefined ? where : `${where} column ${name}`;
}

/** @throws ParameterError `ERR_CSV_VALUE` */
export function badCell(place: CellPlace, expected: string, got: unknown, column: number): ParameterError {
  const shown = typeof got === 'bigint' ? String(got) : (got ?? null);
  return new ParameterError('ERR_CSV_VALUE', mustBe(showPlace(place), expected, shown), { ...place, column });
}
