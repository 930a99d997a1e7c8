import { mustBe, ParameterError } from '../errors.js';
import { badCell, type CellReader, placeOf } from './cells.js';
import type { ChooseColumns, RowBlock, TableFile } from './row-source.js';
import type { TableConfig } from './table-schema.js';

const RESPONSE = 'response';

/** Numbers of one cell that holds many. */
export interface ListCells {
  readonly separator: string | undefined;
  readonly shape: readonly number[];
}

type Role = 'group' | 'time' | 'label' | 'id';

/** Which columns of a table are read for what. Known in full once the first header was seen. */
export class TableColumns {
  /** Of a column whose cells hold many numbers. */
  readonly list: ListCells | null;
  /** Numbers in a row. */
  width = 0;
  #numbers: readonly string[];
  readonly #roles: readonly (readonly [Role, string])[];
  readonly #plain: boolean;
  #indexes: readonly number[] = [];

  constructor(config: TableConfig) {
    const { columns } = config;
    const { values } = columns ?? { values: [] };
    this.#plain = columns === undefined;
    this.list = 'shape' in values ? { separator: values.separator, shape: values.shape } : null;
    this.#numbers = 'shape' in values ? [values.column] : values;
    this.#roles = columns === undefined ? [['label', RESPONSE]] : rolesOf(columns);
  }

  /** Finds the columns in a header. @throws ParameterError `ERR_COLUMN`, or `ERR_CSV_WIDTH` for a table of columns 0 … n−1 */
  readonly choose: ChooseColumns = (header, file) => {
    if (this.#plain) this.#numbers = plainNumbers(header, file);
    const width = this.list === null ? this.#numbers.length : this.list.shape.reduce((product, n) => product * n, 1);
    if (this.width !== 0 && this.width !== width) {
      throw new ParameterError('ERR_CSV_WIDTH', mustBe(file.path, `of ${this.width} values a row`, width), {
        path: file.path,
      });
    }
    this.width = width;
    const names = [...this.#numbers, ...this.#roles.map(([, name]) => name)];
    this.#indexes = names.map((name) => indexOf(name, header, file));
    return { indexes: this.#indexes, nNumbers: this.#numbers.length, time: this.position('time') };
  };

  /** Where a column stands among the chosen ones. */
  position(role: Role): number | undefined {
    const at = this.#roles.findIndex(([one]) => one === role);
    return at < 0 ? undefined : this.#numbers.length + at;
  }

  get nNumbers(): number {
    return this.#numbers.length;
  }

  name(position: number): string {
    return this.#numbers[position] ?? this.#roles[position - this.#numbers.length]![1];
  }

  /** Number of a chosen column in the file, from 0. */
  index(position: number): number {
    return this.#indexes[position]!;
  }
}

function rolesOf(columns: NonNullable<TableConfig['columns']>): [Role, string][] {
  const { group, label } = columns;
  const named: [Role, string | undefined][] = [
    ['group', group],
    ['time', 'timestamp' in columns ? columns.timestamp?.column : undefined],
    ['label', label !== undefined && 'column' in label ? label.column : undefined],
    ['id', 'id' in columns ? columns.id : undefined],
  ];
  return named.flatMap(([role, name]): [Role, string][] => (name === undefined ? [] : [[role, name]]));
}

function plainNumbers(header: readonly string[], { path }: TableFile): readonly string[] {
  const size = header.length - 1;
  const valid = size > 0 && header.every((name, column) => name === (column === size ? RESPONSE : String(column)));
  if (valid) return header.slice(0, size);
  const expected = `the numbers from 0 on and then "${RESPONSE}" (or columns given)`;
  throw new ParameterError('ERR_CSV_WIDTH', mustBe(`header of ${path}`, expected, header.join(',')), { path });
}

function indexOf(name: string, header: readonly string[], { path }: TableFile): number {
  const index = header.indexOf(name);
  if (index >= 0 && header.indexOf(name, index + 1) < 0) return index;
  const expected = index < 0 ? `one of ${header.join(', ')}` : 'there once';
  throw new ParameterError('ERR_COLUMN', mustBe(`a column of ${path}`, expected, name), { path, column: name });
}

/** A cell that names something. @throws ParameterError `ERR_CSV_VALUE` for an empty one */
export function textOf(
  columns: TableColumns,
  position: number,
  cells: CellReader,
  file: TableFile,
  block: RowBlock,
  i: number,
): string {
  const cell = block.columns[position]![i];
  if (!cells.isMissing(cell)) return String(cell);
  throw badCell(placeOf(file, block, i, columns.name(position)), 'a name', cell, columns.index(position));
}
