/** Manifests of JSON lines: this library's own, and lhotse's, told apart by their fields. */
import { dirname, resolve } from 'node:path';
import { readLines } from '../../files/index.js';
import { rowCut } from './csv-manifest.js';
import { belowRoot, type Found, type Named, refuse, slashes } from './found.js';
import { fromLhotse, isLhotse } from './lhotse.js';

export type JsonRow = Readonly<Record<string, unknown>>;

export interface JsonLine {
  readonly row: JsonRow;
  /** What messages call the place. */
  readonly where: string;
}

export async function fromJsonLines(path: string): Promise<Found> {
  const lines = readJsonLines(path);
  const first = (await lines.next()).value;
  if (first === undefined) return refuse(path, 'a manifest of JSON lines', 'an empty file', path);
  const all = withFirst(first, lines);
  return isLhotse(first.row) ? fromLhotse(path, all) : fromOwn(path, all);
}

/** @throws ParameterError `ERR_CORPUS` for a line that is no JSON object */
export async function* readJsonLines(path: string): AsyncGenerator<JsonLine, undefined> {
  for await (const { text, line } of readLines(path)) {
    if (text.trim() !== '') yield { row: parsed(text, `${path} line ${line}`), where: `${path} line ${line}` };
  }
}

async function* withFirst(first: JsonLine, rest: AsyncIterable<JsonLine>): AsyncGenerator<JsonLine> {
  yield first;
  yield* rest;
}

function parsed(text: string, where: string): JsonRow {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(where, 'JSON', error.message);
    throw error;
  }
  return refuse(where, 'a JSON object', text.slice(0, 60));
}

export function isObject(value: unknown): value is JsonRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function fromOwn(path: string, lines: AsyncIterable<JsonLine>): Promise<Found> {
  const root = dirname(resolve(path));
  const named: Named[] = [];
  for await (const { row, where } of lines) named.push(ownRow(row, where, root));
  return { root, named, isSearched: false };
}

function ownRow(row: JsonRow, where: string, root: string): Named {
  const { labels, ...rest } = row;
  const { path: given, id } = rest;
  if (typeof given !== 'string' || given === '') return refuse(`path in ${where}`, 'a file', given);
  if (id !== undefined && (typeof id !== 'string' || id === '')) return refuse(`id in ${where}`, 'a text', id);
  return {
    id: id ?? slashes(given),
    path: belowRoot(root, resolve(root, given)),
    ...rowCut(row, where),
    ...(labels !== undefined && { labels: intervals(labels, where) }),
    columns: columnsOf(rest),
  };
}

function intervals(labels: unknown, where: string): NonNullable<Named['labels']> {
  if (!Array.isArray(labels)) return refuse(`labels in ${where}`, 'a list', labels);
  return labels.map((given: unknown) => {
    const { start_sec, startSec = start_sec, end_sec, endSec = end_sec, label } = isObject(given) ? given : {};
    if (typeof startSec === 'number' && typeof endSec === 'number' && typeof label === 'string') {
      return { startSec, endSec, label };
    }
    return refuse(`labels in ${where}`, 'intervals { start_sec, end_sec, label }', JSON.stringify(given));
  });
}

/** Cells of a table: text as it is, numbers and the like as JSON has them; nothing where there is `null`. */
export function columnsOf(row: JsonRow): Record<string, string> {
  const columns: Record<string, string> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === null || value === undefined) continue;
    columns[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return columns;
}
