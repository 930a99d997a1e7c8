import { dirname, extname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob, isDynamicPattern } from 'tinyglobby';
import { mustBe, ParameterError, PoolError } from '../errors.js';
import { statOrNull } from '../files/index.js';
import { csvRows } from './csv-rows.js';
import type { ChooseColumns, RowBlock, TableFile } from './row-source.js';
import type { TableConfig } from './table-schema.js';

const FORMATS: Readonly<Record<string, TableFile['format']>> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.txt': 'csv',
  '.parquet': 'parquet',
  '.pq': 'parquet',
};

/** Whether a path has the extension of a table (a `.txt` may be anything). */
export function isTablePath(path: string): boolean {
  const extension = extname(path).toLowerCase();
  return extension !== '.txt' && FORMATS[extension] !== undefined;
}

/**
 * The files of a table: as listed; those of a glob in byte order.
 *
 * @throws ParameterError `ERR_CORPUS` for a file that is not there, a glob without files, or one file twice; `ERR_OPTION`
 *   for a file whose extension says nothing, without `format`
 */
export async function tableFiles({ table, format }: Pick<TableConfig, 'table' | 'format'>): Promise<TableFile[]> {
  const given = typeof table === 'string' || table instanceof URL ? [table] : table;
  const paths: string[] = [];
  for (const one of given) paths.push(...(await filesOf(one instanceof URL ? fileURLToPath(one) : one)));
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice !== undefined) {
    throw new ParameterError('ERR_CORPUS', mustBe('table', 'files that differ', `${twice} twice`), { path: twice });
  }
  const folder = commonFolder(paths);
  return paths.map((path) => ({ path, name: relative(folder, path), format: format ?? formatOf(path) }));
}

/** Rows of a file. @throws what `csvRows` and `parquetRows` throw; PoolError `ERR_TASK_ABORTED` */
export async function* rowsOf(
  file: TableFile,
  choose: ChooseColumns,
  config: TableConfig,
  signal?: AbortSignal,
): AsyncGenerator<RowBlock> {
  for await (const block of await blocksOf(file, choose, config)) {
    stopIfAborted(signal);
    yield block;
  }
}

/** @throws PoolError `ERR_TASK_ABORTED` */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new PoolError('ERR_TASK_ABORTED', 'reading a table was aborted by its signal');
}

async function blocksOf(
  file: TableFile,
  choose: ChooseColumns,
  config: TableConfig,
): Promise<AsyncGenerator<RowBlock>> {
  if (file.format === 'csv')
    return csvRows(file, choose, { delimiter: config.csv.delimiter, onBadRow: config.onBadRow });
  // Its codecs take a tenth of a second to load, which who reads no Parquet does not wait for.
  const { parquetRows } = await import('./parquet-rows.js');
  return parquetRows(file, choose);
}

async function filesOf(path: string): Promise<string[]> {
  const found = await statOrNull(path);
  if (found?.isFile()) return [resolve(path)];
  if (found === null && isDynamicPattern(path)) {
    const paths = await glob(path, { absolute: true, onlyFiles: true });
    if (paths.length > 0) return paths.sort((a, b) => (a < b ? -1 : 1));
  }
  const got = found === null ? 'nothing there' : 'a folder (write a glob, such as folder/**/*.csv)';
  throw new ParameterError('ERR_CORPUS', mustBe(path, 'a table', got), { path });
}

function formatOf(path: string): TableFile['format'] {
  const format = FORMATS[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  throw new ParameterError('ERR_OPTION', mustBe('format', `given for ${path}`, format), { path });
}

function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0]!);
  while (!paths.every((path) => path.startsWith(folder === '/' ? folder : `${folder}/`))) folder = dirname(folder);
  return folder;
}
