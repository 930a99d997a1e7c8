import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { CochleaError, mustBe, ParameterError } from '../errors.js';
import type { ChooseColumns, ChosenColumns, RowBlock, TableFile } from './row-source.js';

/** Rows of a block: few enough to be small, enough that a block costs nothing. */
const BLOCK_ROWS = 1024;
const READ_BYTES = 2 ** 18;

export interface CsvOptions {
  readonly delimiter: string;
  readonly onBadRow: 'error' | 'skip';
}

/**
 * Reads a CSV file with a header, which is never in memory as a whole.
 *
 * @throws ParameterError `ERR_CSV_WIDTH` naming file, row, line and both widths; `ERR_CORPUS` when it is not CSV, or empty
 */
export async function* csvRows(file: TableFile, choose: ChooseColumns, o: CsvOptions): AsyncGenerator<RowBlock> {
  const { path } = file;
  const reading = new CsvReading(file, choose, o.onBadRow);
  const input = createReadStream(path, { highWaterMark: READ_BYTES });
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    delimiter: o.delimiter,
    // Only what fills a block comes out of the parser: a stream of single rows would cost more than parsing them.
    on_record: (cells: string[], { lines }) => (reading.take(cells, lines) ? cells : null),
  });
  input.on('error', (error) => parser.destroy(error));
  try {
    for await (const _ of input.pipe(parser)) yield* reading.full();
  } catch (thrown) {
    throw readable(path, thrown);
  } finally {
    input.destroy();
  }
  yield reading.rest();
}

/** What happens between the parser and who takes the blocks. */
class CsvReading {
  readonly #file: TableFile;
  readonly #choose: ChooseColumns;
  readonly #onBadRow: CsvOptions['onBadRow'];
  readonly #full: RowBlock[] = [];
  #width = 0;
  #block: GrowingBlock | null = null;

  constructor(file: TableFile, choose: ChooseColumns, onBadRow: CsvOptions['onBadRow']) {
    this.#file = file;
    this.#choose = choose;
    this.#onBadRow = onBadRow;
  }

  /** @returns whether a block became full */
  take(cells: string[], line: number): boolean {
    const block = this.#block;
    if (block === null) {
      this.#width = cells.length;
      this.#block = new GrowingBlock(this.#choose(cells, this.#file));
      return false;
    }
    if (cells.length !== this.#width) {
      if (this.#onBadRow === 'error') throw badWidth(this.#file.path, block.row + 1, line, this.#width, cells.length);
      block.skip();
      return false;
    }
    if (!block.add(cells, line)) return false;
    this.#full.push(block.close());
    return true;
  }

  full(): RowBlock[] {
    return this.#full.splice(0);
  }

  /** @throws ParameterError `ERR_CORPUS` for a file without a header */
  rest(): RowBlock {
    if (this.#block !== null) return this.#block.close();
    throw new ParameterError('ERR_CORPUS', mustBe(this.#file.path, 'a CSV file with a header', 'an empty file'));
  }
}

/** Rows that have been parsed and not yet handed on. */
class GrowingBlock {
  /** Number of the last row. */
  row = 0;
  readonly #chosen: ChosenColumns;
  #columns: string[][] = [];
  #rows: number[] = [];
  #lines: number[] = [];
  #badRows = 0;

  constructor(chosen: ChosenColumns) {
    this.#chosen = chosen;
    this.close();
  }

  /** @returns whether it became full */
  add(cells: readonly string[], line: number): boolean {
    const { indexes } = this.#chosen;
    for (let c = 0; c < indexes.length; c++) this.#columns[c]!.push(cells[indexes[c]!]!);
    this.row += 1;
    this.#rows.push(this.row);
    this.#lines.push(line);
    return this.#rows.length >= BLOCK_ROWS;
  }

  skip(): void {
    this.row += 1;
    this.#badRows += 1;
  }

  close(): RowBlock {
    const block = {
      rows: Uint32Array.from(this.#rows),
      lines: Uint32Array.from(this.#lines),
      columns: this.#columns,
      badRows: this.#badRows,
    };
    this.#columns = this.#chosen.indexes.map(() => []);
    this.#rows = [];
    this.#lines = [];
    this.#badRows = 0;
    return block;
  }
}

function badWidth(path: string, row: number, line: number, expected: number, got: number): ParameterError {
  const place = `${path} row ${row} (line ${line})`;
  const details = { path, row, line, expected, got };
  return new ParameterError('ERR_CSV_WIDTH', mustBe(place, `${expected} cells wide`, got), details);
}

function readable(path: string, thrown: unknown): unknown {
  if (thrown instanceof CochleaError || !(thrown instanceof Error)) return thrown;
  return new ParameterError('ERR_CORPUS', mustBe(path, 'CSV', thrown.message), { path });
}
