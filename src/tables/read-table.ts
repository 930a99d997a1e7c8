import { mustBe, ParameterError } from '../errors.js';
import { readRowTable } from './read-row-table.js';
import { readSeriesTable } from './read-series-table.js';
import type { TableContent, WindowCut } from './table-content.js';
import { tableFiles } from './table-files.js';
import { parseTable } from './table-schema.js';
import type { TableSource } from './table-source.js';

/**
 * Reads a table. Its numbers stay in memory up to `cacheBytes`; what is more lies in a temporary file without a name.
 *
 * @param cut how windows of series will be cut; `null` where nobody knows yet
 * @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION`; `ERR_CORPUS` for a file that is not there or no table;
 *   `ERR_COLUMN`; `ERR_CSV_WIDTH`, `ERR_CSV_VALUE`, `ERR_TIMESTAMP`, `ERR_LABELS`, which name file, row and column;
 *   `ERR_WRITE` where there is no room for the temporary file; PoolError `ERR_TASK_ABORTED`
 */
export async function readTable(
  source: TableSource,
  cut: WindowCut | null,
  signal?: AbortSignal,
): Promise<TableContent> {
  const config = parseTable(source);
  const files = await tableFiles(config);
  if (source.csv !== undefined && files.every(({ format }) => format !== 'csv')) {
    throw new ParameterError('ERR_OPTION', mustBe('csv', 'left out for Parquet', source.csv));
  }
  return config.layout === 'rows'
    ? readRowTable(config, files, signal)
    : readSeriesTable(config, files, { cut, signal });
}
