import { basename } from 'node:path';
import { FeatureDataset } from '../../dataset/index.js';
import { type ColumnDescription, describeTable, type TableDescription } from '../../tables/index.js';
import { formatBytes, formatCount } from '../format.js';
import type { Inspection } from './report.js';

/** More different responses than this are numbers to predict, not classes. */
const MANY_RESPONSES = 20;

/** A table in CSV or Parquet: its columns; of one with columns `0 … n−1` and `response` also the responses. */
export async function inspectTable(path: string): Promise<Inspection> {
  const table = await describeTable(path);
  const { format, bytes, rows, badRows, columns } = table;
  const sequences = hasSequences(table) ? await sequencesOf(path) : {};
  const { width, responses } = sequences;
  return {
    kind: 'table',
    value: { format, rows, badRows, bytes, columns, ...sequences },
    facts: {
      table: `${basename(path)}, ${format === 'csv' ? 'CSV' : 'Parquet'}, ${formatBytes(bytes)}`,
      rows: `${rows}${width === undefined ? '' : ` of ${width} values`}${badRows > 0 ? `, ${badRows} of another width` : ''}`,
      ...(width === undefined
        ? { columns: columns.map(columnText).join('; ') }
        : {
            responses:
              responses === null ? `more than ${MANY_RESPONSES} different numbers` : labelText(responses ?? {}),
          }),
    },
  };
}

function hasSequences({ columns, badRows }: TableDescription): boolean {
  const size = columns.length - 1;
  const named = columns.every(({ name }, i) => name === (i === size ? 'response' : String(i)));
  return size > 0 && named && badRows === 0 && columns.every(({ kind, missing }) => kind === 'number' && missing === 0);
}

interface Sequences {
  readonly width?: number;
  /** How many rows have which; `null` for too many. */
  readonly responses?: Readonly<Record<string, number>> | null;
}

async function sequencesOf(path: string): Promise<Sequences> {
  const data = await FeatureDataset.from({ table: path });
  const responses: Record<string, number> = {};
  for (const { label } of data.items()) responses[String(label)] = (responses[String(label)] ?? 0) + 1;
  const few = Object.keys(responses).length <= MANY_RESPONSES;
  return { width: data.windowing.size, responses: few ? responses : null };
}

function columnText({ name, kind, missing, min, max }: ColumnDescription): string {
  const range = min === null || max === null ? '' : ` ${min} to ${max}`;
  return `${name}: ${kind}${range}${missing > 0 ? `, ${formatCount(missing, 'empty cell')}` : ''}`;
}

function labelText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([label, n]) => `${label} ${n}`)
    .join(', ');
}
