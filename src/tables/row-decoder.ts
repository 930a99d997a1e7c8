import { mustBe, ParameterError } from '../errors.js';
import { badCell, type CellReader, placeOf, showPlace } from './cells.js';
import type { TableColumns } from './columns.js';
import type { RowBlock, TableFile } from './row-source.js';
import type { TableConfig } from './table-schema.js';
import type { Tally } from './tally.js';

/** The numbers of a block's rows, without those that are left out. */
export interface DecodedRows {
  /** `[row, width]`; NaN where the row before decides. */
  readonly values: Float32Array;
  /** Rows of the block that stayed. */
  readonly kept: Uint32Array;
}

const LEFT_OUT = 1;

/** Cells → numbers, column by column. */
export class RowDecoder {
  readonly #config: TableConfig;
  readonly #columns: TableColumns;
  readonly #cells: CellReader;
  readonly #tally: Tally;

  constructor(config: TableConfig, columns: TableColumns, cells: CellReader, tally: Tally) {
    this.#config = config;
    this.#columns = columns;
    this.#cells = cells;
    this.#tally = tally;
  }

  /**
   * @throws ParameterError `ERR_CSV_VALUE` for a cell that is no finite number, `ERR_CSV_WIDTH` for one with another number
   *   of values than its shape; each names file, row, line and column
   */
  decode(file: TableFile, block: RowBlock): DecodedRows {
    const nRows = block.rows.length;
    const { width, list, nNumbers } = this.#columns;
    const values = new Float32Array(nRows * width);
    const leftOut = new Uint8Array(nRows);
    this.#tally.rows += nRows + block.badRows;
    this.#tally.badRows += block.badRows;
    if (list !== null) this.#lists(file, block, values, leftOut);
    else for (let c = 0; c < nNumbers; c++) this.#column(file, block, c, values, leftOut);
    return compacted(values, leftOut, width);
  }

  #column(file: TableFile, block: RowBlock, c: number, values: Float32Array, leftOut: Uint8Array): void {
    const { width } = this.#columns;
    const cells = block.columns[c]!;
    for (let row = 0; row < leftOut.length; row++) {
      const value = this.#cells.number(cells[row]);
      values[row * width + c] = Number.isFinite(value)
        ? value
        : this.#filled(value, cells[row], file, block, row, c, leftOut);
    }
  }

  #lists(file: TableFile, block: RowBlock, values: Float32Array, leftOut: Uint8Array): void {
    const { width } = this.#columns;
    const cells = block.columns[0]!;
    for (let row = 0; row < leftOut.length; row++) {
      const parts = this.#parts(cells[row]);
      if (parts.length !== width) {
        if (this.#config.onBadRow === 'error') throw this.#badLength(file, block, row, parts.length);
        leftOut[row] = LEFT_OUT;
        this.#tally.badRows += 1;
        continue;
      }
      for (let i = 0; i < width; i++) {
        const value = this.#cells.number(parts[i]);
        values[row * width + i] = Number.isFinite(value)
          ? value
          : this.#filled(value, parts[i], file, block, row, 0, leftOut);
      }
    }
  }

  /** The values of a text or, in Parquet, of a list, which may hold lists. */
  #parts(cell: unknown): ArrayLike<unknown> {
    const { list } = this.#columns;
    if (typeof cell === 'string' && list?.separator !== undefined) return cell === '' ? [] : cell.split(list.separator);
    if (Array.isArray(cell)) return Array.isArray(cell[0]) ? cell.flat(Number.POSITIVE_INFINITY) : cell;
    return this.#cells.isMissing(cell) ? [] : [cell];
  }

  #badLength(file: TableFile, block: RowBlock, i: number, got: number): ParameterError {
    const { width } = this.#columns;
    const place = placeOf(file, block, i, this.#columns.name(0));
    const details = { ...place, column: this.#columns.index(0), expected: width, got };
    return new ParameterError('ERR_CSV_WIDTH', mustBe(showPlace(place), `${width} values`, got), details);
  }

  /** What stands where a cell holds no number. */
  #filled(
    value: number,
    cell: unknown,
    file: TableFile,
    block: RowBlock,
    row: number,
    column: number,
    leftOut: Uint8Array,
  ): number {
    const { missing } = this.#config;
    if (!Number.isNaN(value) || missing === 'error') {
      const place = placeOf(file, block, row, this.#columns.name(column));
      throw badCell(place, 'a finite number', cell, this.#columns.index(column));
    }
    if (missing === 'forward-fill') return Number.NaN;
    if (missing === 'drop-row') {
      if (leftOut[row] !== LEFT_OUT) this.#tally.droppedRows += 1;
      leftOut[row] = LEFT_OUT;
      return 0;
    }
    this.#tally.filledCells += 1;
    return missing;
  }
}

function compacted(values: Float32Array, leftOut: Uint8Array, width: number): DecodedRows {
  const kept = Uint32Array.from(leftOut.keys()).filter((row) => leftOut[row] !== LEFT_OUT);
  if (kept.length === leftOut.length) return { values, kept };
  kept.forEach((row, i) => {
    values.copyWithin(i * width, row * width, (row + 1) * width);
  });
  return { values: values.subarray(0, kept.length * width), kept };
}
