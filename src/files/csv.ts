import { parse } from 'csv-parse/sync';
import { mustBe, ParameterError } from '../errors.js';
import { readWhole } from './read-whole.js';

export interface CsvRow {
  readonly cells: readonly string[];
  /** Data row, 1-based, the header not counted. */
  readonly row: number;
  /** Line of the file, 1-based. */
  readonly line: number;
}

export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * A CSV file with a header, as text cells. Every row is as wide as the header.
 *
 * @throws ParameterError `ERR_CSV_WIDTH` naming file, row, line and both widths; `ERR_CORPUS` when it is not CSV at all
 */
export async function readCsv(path: string): Promise<CsvTable> {
  const [head, ...body] = parseCells(await readWhole(path), path);
  if (head === undefined)
    throw new ParameterError('ERR_CORPUS', mustBe(path, 'a CSV file with a header', 'an empty file'));
  const header = head.cells;
  const rows = body.map(({ cells, line }, index) => ({ cells, row: index + 1, line }));
  for (const { cells, row, line } of rows) {
    if (cells.length === header.length) continue;
    const place = `${path} row ${row} (line ${line})`;
    throw new ParameterError('ERR_CSV_WIDTH', mustBe(place, `${header.length} cells wide`, cells.length), {
      path,
      row,
      line,
      expected: header.length,
      got: cells.length,
    });
  }
  return { header, rows };
}

interface Line {
  readonly cells: readonly string[];
  readonly line: number;
}

function parseCells(bytes: Buffer, path: string): Line[] {
  const found: Line[] = [];
  try {
    parse(bytes, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record: (cells: string[], { lines }) => {
        found.push({ cells, line: lines });
        return null;
      },
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ParameterError('ERR_CORPUS', mustBe(path, 'CSV', reason), { path });
  }
  return found;
}
