import { type FileHandle, open } from 'node:fs/promises';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { CochleaError, mustBe, ParameterError } from '../errors.js';
import type { ChooseColumns, RowBlock, TableFile } from './row-source.js';
import { SpillFile } from './spill-file.js';
import type { TimeCells } from './timestamps.js';

/** What is in memory at once. */
interface Portions {
  /** Row groups with more numbers than this go through a temporary file, column by column. */
  readonly groupBytes: number;
  readonly blockRows: number;
}

const PORTIONS: Portions = { groupBytes: 2 ** 25, blockRows: 2048 };
const DOUBLE_BYTES = Float64Array.BYTES_PER_ELEMENT;

/** Times as ms, not as `Date`s, which would drop what is below. */
const PARSERS = {
  timestampFromMilliseconds: (ms: bigint) => Number(ms),
  timestampFromMicroseconds: (us: bigint) => Number(us) / 1e3,
  timestampFromNanoseconds: (ns: bigint) => Number(ns) / 1e6,
};

type Cells = ArrayLike<unknown>;

/**
 * Reads a Parquet file, row group by row group.
 *
 * @throws ParameterError `ERR_CORPUS` when it is not Parquet, or damaged; `ERR_COLUMN` for a column of a type that holds
 *   no numbers
 */
export async function* parquetRows(
  file: TableFile,
  choose: ChooseColumns,
  portions = PORTIONS,
): AsyncGenerator<RowBlock> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(file.path, 'r');
    yield* readGroups(file, choose, await asyncBuffer(handle), portions);
  } catch (thrown) {
    if (thrown instanceof CochleaError || !(thrown instanceof Error)) throw thrown;
    throw new ParameterError('ERR_CORPUS', mustBe(file.path, 'Parquet', thrown.message), { path: file.path });
  } finally {
    await handle?.close();
  }
}

async function* readGroups(
  file: TableFile,
  choose: ChooseColumns,
  buffer: AsyncBuffer,
  portions: Portions,
): AsyncGenerator<RowBlock> {
  const metadata = await parquetMetadataAsync(buffer, { parsers: PARSERS });
  const columns = parquetSchema(metadata).children;
  const { indexes, nNumbers, time } = choose(
    columns.map(({ element }) => element.name),
    file,
  );
  const chosen = indexes.map((index) => columns[index]!);
  for (const column of chosen.slice(0, nNumbers)) requireNumbers(column, file.path);
  const timeCells = time === undefined ? undefined : timeCellsOf(chosen[time]!);
  let first = 0;
  for (const { num_rows } of metadata.row_groups) {
    const group = { buffer, metadata, portions, first, end: first + Number(num_rows) };
    for await (const block of groupRows(group, chosen, nNumbers)) yield { ...block, ...(timeCells && { timeCells }) };
    first = group.end;
  }
}

interface Group {
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly portions: Portions;
  /** Rows of the file. */
  readonly first: number;
  readonly end: number;
}

async function* groupRows(group: Group, columns: readonly SchemaTree[], nNumbers: number): AsyncGenerator<RowBlock> {
  const nRows = group.end - group.first;
  const { groupBytes, blockRows } = group.portions;
  const flat = columns.slice(0, nNumbers).every(isNumber);
  const aside = flat && nRows * nNumbers * DOUBLE_BYTES > groupBytes ? new SpillFile() : null;
  const held: Cells[] = [];
  for (const [i, column] of columns.entries()) {
    const cells = await readColumn(group, column.element.name);
    if (aside !== null && i < nNumbers) aside.write(floatsOf(cells));
    else held.push(cells);
  }
  for (let from = 0; from < nRows; from += blockRows) {
    const to = Math.min(nRows, from + blockRows);
    const numbers: Cells[] = [];
    for (let i = 0; aside !== null && i < nNumbers; i++) numbers.push(await aside.read(i * nRows + from, to - from));
    yield {
      rows: Uint32Array.from({ length: to - from }, (_, i) => group.first + from + i + 1),
      lines: null,
      columns: [...numbers, ...held.map((cells) => part(cells, from, to))],
      badRows: 0,
    };
  }
}

/** One column of a row group. */
async function readColumn({ buffer, metadata, first, end }: Group, name: string): Promise<Cells> {
  const chunks: { at: number; cells: Cells }[] = [];
  await parquetRead({
    file: buffer,
    metadata,
    columns: [name],
    rowStart: first,
    rowEnd: end,
    compressors,
    parsers: PARSERS,
    onChunk: ({ rowStart, columnData }) => chunks.push({ at: rowStart - first, cells: columnData }),
  });
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined && only.at === 0 && only.cells.length === end - first)
    return only.cells;
  const whole = new Array<unknown>(end - first);
  let found = 0;
  for (const { at, cells } of chunks) {
    for (let i = 0; i < cells.length; i++) whole[at + i] = cells[i];
    found += cells.length;
  }
  if (found !== end - first) throw new Error(`${found} rows of column ${name} instead of ${end - first}`);
  return whole;
}

function part(cells: Cells, from: number, to: number): Cells {
  return Array.isArray(cells) ? cells.slice(from, to) : Array.from({ length: to - from }, (_, i) => cells[from + i]);
}

/** Null is NaN; what is no number is refused before. `Float32Array.from` would take ten times as long. */
function floatsOf(cells: Cells): Float32Array {
  const floats = new Float32Array(cells.length);
  for (let i = 0; i < floats.length; i++) {
    const cell = cells[i];
    floats[i] = cell === null || cell === undefined ? Number.NaN : Number(cell);
  }
  return floats;
}

/** Types of `element` that hold one number. */
const NUMBERS: readonly unknown[] = ['BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE'];
const OTHER_MEANINGS = /^(DECIMAL|DATE|TIME|TIMESTAMP|INTERVAL)/;

function meaningOf({ element }: SchemaTree): string {
  const { logical_type: logical, converted_type, precision, scale, type } = element;
  const name = logical?.type ?? converted_type ?? type ?? 'nested';
  return name === 'DECIMAL' ? `DECIMAL(${precision}, ${scale ?? 0})` : name;
}

function isNumber(column: SchemaTree): boolean {
  const meaning = meaningOf(column);
  if (column.children.length > 0 || OTHER_MEANINGS.test(meaning)) return false;
  return NUMBERS.includes(column.element.type) || meaning === 'FLOAT16';
}

/** Texts may hold numbers, as cells of CSV do; so may lists. */
function requireNumbers(column: SchemaTree, path: string): void {
  const leaf = leafOf(column);
  if (isNumber(leaf) || (leaf.element.type === 'BYTE_ARRAY' && !OTHER_MEANINGS.test(meaningOf(leaf)))) return;
  const { name } = column.element;
  const expected = 'of numbers (a decimal or time has to be cast to double)';
  const message = mustBe(`column ${name} of ${path}`, expected, meaningOf(leaf));
  throw new ParameterError('ERR_COLUMN', message, { path, column: name });
}

function leafOf(column: SchemaTree): SchemaTree {
  const [only] = column.children;
  return only !== undefined && column.children.length === 1 ? leafOf(only) : column;
}

/** Timestamps of Parquet are in UTC, or say what a clock on the wall showed; INT96 does not tell. */
function timeCellsOf({ element }: SchemaTree): TimeCells {
  const { logical_type: logical, converted_type: converted = '', type } = element;
  if (logical?.type === 'TIMESTAMP') return logical.isAdjustedToUTC ? 'utcMs' : 'wallMs';
  if (converted.startsWith('TIMESTAMP')) return 'utcMs';
  return type === 'INT96' ? 'wallMs' : 'cells';
}

async function asyncBuffer(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
        if (bytesRead === 0) throw new Error(`an end at byte ${start + done}`);
        done += bytesRead;
      }
      return bytes.buffer;
    },
  };
}
