/** CSV manifests: a recording or a cut a row. */
import { dirname, resolve } from 'node:path';
import { readCsv } from '../../files/index.js';
import { cutFields } from '../cut-fields.js';
import { belowRoot, type Found, refuse, slashes } from './found.js';

export async function fromCsv(path: string): Promise<Found> {
  const root = dirname(resolve(path));
  const { header, rows } = await readCsv(path);
  if (!header.includes('path')) refuse(`header of ${path}`, 'one with a column "path"', [...header], path);
  const named = rows.map(({ cells, row, line }) => {
    const columns = Object.fromEntries(header.map((name, column) => [name, cells[column] ?? '']));
    const { path: given = '', id } = columns;
    const where = `${path} row ${row} (line ${line})`;
    if (given === '') refuse(`path in ${where}`, 'a file', given, path);
    return {
      id: id || slashes(given),
      path: belowRoot(root, resolve(root, given)),
      ...rowCut(columns, where),
      columns,
    };
  });
  return { root, named, isSearched: false };
}

/** Names as tables spell them, and as this library does. */
export function rowCut(row: Readonly<Record<string, unknown>>, where: string): ReturnType<typeof cutFields> {
  const { start_sec, startSec = start_sec, duration_sec, durationSec = duration_sec, channel } = row;
  return cutFields({ startSec, durationSec, channel }, where);
}
