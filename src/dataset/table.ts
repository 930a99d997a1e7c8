import { fileURLToPath } from 'node:url';
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { type CsvRow, readCsv } from '../files/index.js';
import type { ItemInput, Origin } from './item.js';

/** A CSV file with one sequence per row: columns `0 … n−1` and `response`. */
export interface TableSource {
  readonly table: string | URL;
  /** Where rows were cut from one series: values from one row's start to the next. Then a split knows what overlaps. */
  readonly stride?: number | undefined;
}

export interface TableItems {
  readonly items: (ItemInput & { readonly id: string })[];
  readonly origins: Origin[];
  /** Values per row. */
  readonly size: number;
}

const KEYS: OptionKeys<TableSource> = { table: true, stride: true };
const RESPONSE = 'response';

/**
 * Reads a table of sequences. All rows lie in one block of memory.
 *
 * @throws ParameterError `ERR_CSV_WIDTH` for a header or row of another width, `ERR_CSV_VALUE` for a cell that is no
 *   finite number, each naming file, data row (from 1) and line
 */
export async function readTable(source: TableSource): Promise<TableItems> {
  refuseUnknown(source, KEYS, 'a table');
  const { table, stride } = source;
  const path = table instanceof URL ? fileURLToPath(table) : table;
  if (stride !== undefined && !(Number.isSafeInteger(stride) && stride > 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('stride', 'a positive whole number', stride));
  }
  const { header, rows } = await readCsv(path);
  const size = header.length - 1;
  const valid = size > 0 && header.every((name, column) => name === (column === size ? RESPONSE : String(column)));
  if (!valid) {
    const expected = `the numbers from 0 on and then "${RESPONSE}"`;
    throw new ParameterError('ERR_CSV_WIDTH', mustBe(`header of ${path}`, expected, header.join(',')), { path });
  }
  const values = new Float32Array(rows.length * size);
  const items = rows.map((row, i) => {
    const data = values.subarray(i * size, (i + 1) * size);
    for (let column = 0; column < size; column++) data[column] = cellValue(path, row, column, header);
    return { id: String(row.row), features: data, label: cellValue(path, row, size, header) };
  });
  const origins = rows.map((_, i) => ({
    series: stride === undefined ? `${path}#${i}` : path,
    firstFrame: i * (stride ?? 0),
  }));
  return { items, origins, size };
}

function cellValue(path: string, { cells, row, line }: CsvRow, column: number, header: readonly string[]): number {
  const text = cells[column] ?? '';
  const value = text === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  const place = `${path} row ${row} (line ${line}) column ${header[column]}`;
  throw new ParameterError('ERR_CSV_VALUE', mustBe(place, 'a finite number', text), { path, row, line, column });
}
