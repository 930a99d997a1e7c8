/** Parquet as pyarrow writes it: `test/golden/make_parquet.py`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FeatureDataset } from '../../src/dataset/index.js';
import type { RowTable, SeriesTable, TimestampColumn } from '../../src/tables/index.js';
import { parquetRows } from '../../src/tables/parquet-rows.js';
import { put, temporaryFolder } from '../corpus/wav.js';

interface GoldenFile {
  readonly name: string;
  readonly rowGroups: number;
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
  readonly base64: string;
}

const GOLDEN = new URL('../golden/data/parquet-files.json', import.meta.url);
const { files }: { files: readonly GoldenFile[] } = JSON.parse(await readFile(GOLDEN, 'utf8'));
const NUMBERS = ['f64', 'f32', 'f16', 'i64', 'i32', 'u32', 'u8', 'flag'];
const HOUR_MS = 3_600_000;

async function golden(name: string): Promise<GoldenFile & { readonly path: string }> {
  const file = files.find((one) => one.name === name);
  if (file === undefined) throw new Error(`no golden file ${name}`);
  return {
    ...file,
    path: await put(join(await temporaryFolder(), `${name}.parquet`), Buffer.from(file.base64, 'base64')),
  };
}

async function frames(table: RowTable | SeriesTable): Promise<number[]> {
  const data = await FeatureDataset.from(table, table.layout === 'series' ? { windowing: { size: 1 } } : {});
  const found: number[] = [];
  for (const { id } of data.items()) found.push(...(await data.get(id)).features.data);
  return found;
}

const fill = (cell: unknown): number => Math.fround(cell === null ? -1 : Number(cell));

describe('numbers', () => {
  const names = files.map(({ name }) => name).filter((name) => name.startsWith('numbers'));

  it('come in every codec, with and without dictionary, in both versions of pages', () => {
    expect(names).toEqual([
      ...['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'].map((codec) => `numbers-${codec}`),
      ...['numbers-groups', 'numbers-plain', 'numbers-pages-2', 'numbers-split'],
    ]);
  });

  it.each(names)('%s: what pyarrow reads, nulls filled', async (name) => {
    const { path, columns } = await golden(name);
    const values = NUMBERS.filter((column) => column in columns);
    const rows = columns.f64!.map((_, row) => values.map((column) => fill(columns[column]![row])));
    const found = await frames({ table: path, layout: 'series', columns: { values, group: 'group' }, missing: -1 });
    expect(found).toEqual(rows.flat());
  });

  it('of several row groups keep their row in messages', async () => {
    const { path, rowGroups, columns } = await golden('numbers-groups');
    expect(rowGroups).toBe(4);
    expect(columns.f64!.indexOf(null)).toBe(3);
    const table = { table: path, layout: 'series', columns: { values: ['f32', 'f64'] } } as const;
    await expect(frames(table)).rejects.toMatchObject({
      code: 'ERR_CSV_VALUE',
      message: `${path} row 4 column f64 must be a finite number, got null`,
      details: { row: 4, name: 'f64', column: 1 },
    });
  });

  it('are no decimals, times and texts', async () => {
    const { path } = await golden('numbers-zstd');
    await expect(
      frames({ table: path, layout: 'series', columns: { values: ['f32', 'price'] } }),
    ).rejects.toMatchObject({
      code: 'ERR_COLUMN',
      message: `column price of ${path} must be of numbers (a decimal or time has to be cast to double), got "DECIMAL(10, 2)"`,
    });
    const { path: times } = await golden('times');
    await expect(frames({ table: times, layout: 'series', columns: { values: ['us_utc'] } })).rejects.toMatchObject({
      code: 'ERR_COLUMN',
      message: expect.stringContaining('got "TIMESTAMP"'),
    });
    await expect(frames({ table: path, layout: 'series', columns: { values: ['group'] } })).rejects.toMatchObject({
      code: 'ERR_CSV_VALUE',
      message: expect.stringContaining('got "sensor 0"'),
    });
  });

  it('in a file that is broken off, or no Parquet, are an error that names it', async () => {
    const { path, base64 } = await golden('numbers-zstd');
    const bytes = Buffer.from(base64, 'base64');
    const table = { table: path, layout: 'series', columns: { values: ['f32'] } } as const;
    for (const content of [bytes.subarray(0, bytes.length - 5), Buffer.from('a,b\n1,2\n'), Buffer.alloc(0)]) {
      await put(path, content);
      await expect(frames(table)).rejects.toMatchObject({ code: 'ERR_CORPUS', details: { path } });
    }
  });
});

it('has no delimiter', async () => {
  const { path } = await golden('numbers-zstd');
  const source = { table: path, layout: 'series', csv: { delimiter: ';' }, columns: { values: ['f32'] } } as const;
  await expect(frames(source)).rejects.toMatchObject({
    code: 'ERR_OPTION',
    message: expect.stringContaining('csv must be left out'),
  });
});

it('of a row group larger than memory is read column by column, block by block, as any other', async () => {
  for (const name of ['numbers-zstd', 'numbers-groups']) {
    const { path, columns } = await golden(name);
    const choose = (header: readonly string[]) => ({
      indexes: [...NUMBERS, 'group'].map((column) => header.indexOf(column)),
      nNumbers: NUMBERS.length,
    });
    const found: unknown[][] = [];
    const rows: number[] = [];
    const file = { path, name, format: 'parquet' } as const;
    for await (const block of parquetRows(file, choose, { groupBytes: 0, blockRows: 5 })) {
      expect(block.rows.length).toBeLessThanOrEqual(5);
      expect(block.columns.slice(0, NUMBERS.length).every((cells) => cells instanceof Float32Array)).toBe(true);
      rows.push(...block.rows);
      block.rows.forEach((_, i) => {
        found.push(block.columns.map((cells) => cells[i]));
      });
    }
    const expected = columns.f64!.map((_, row) => [
      ...NUMBERS.map((column) => (columns[column]![row] === null ? Number.NaN : fill(columns[column]![row]))),
      columns.group![row],
    ]);
    expect(found).toEqual(expected);
    expect(rows).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  }
});

describe('times', () => {
  async function starts(name: string, timestamp: TimestampColumn): Promise<number[]> {
    const { path } = await golden(name);
    const columns = { values: ['value'], group: 'value', timestamp };
    const data = await FeatureDataset.from({ table: path, layout: 'series', columns }, { windowing: { size: 1 } });
    return [...data.items()].map(({ startSec = Number.NaN }) => startSec * 1000);
  }
  const expected = (name: string, column: string) => files.find((one) => one.name === name)!.columns[column];

  it.each(['ms', 'us', 'ns'])(
    'in %s with a zone are moments, without one those of the zone that is given',
    async (unit) => {
      for (const column of [`${unit}_utc`, `${unit}_berlin`]) {
        expect(await starts('times', { column })).toEqual(expected('times', column));
      }
      const column = `${unit}_wall`;
      const walls = expected('times', column)!.map(Number);
      expect(await starts('times', { column, zone: 'UTC' })).toEqual(walls);
      expect(await starts('times', { column, zone: 'Europe/Berlin' })).toEqual(walls.map((ms) => ms - HOUR_MS));
      await expect(starts('times', { column })).rejects.toMatchObject({
        code: 'ERR_OPTION',
        message: expect.stringMatching(
          /columns.timestamp.zone must be given, since .* row 1 column .*_wall has no offset/,
        ),
      });
      await expect(starts('times', { column: `${unit}_utc`, zone: 'UTC' })).rejects.toMatchObject({
        code: 'ERR_OPTION',
      });
    },
  );

  it('as INT96 or as whole numbers', async () => {
    expect(await starts('times-int96', { column: 'ns_wall', zone: 'UTC' })).toEqual(expected('times', 'ns_wall'));
    expect(await starts('times', { column: 'ticks', unit: 'ms' })).toEqual(expected('times', 'ticks'));
  });
});

describe('cells of many numbers', () => {
  it.each([
    ['list', undefined],
    ['fixed', undefined],
    ['text', '|'],
  ])('%s', async (column, separator) => {
    const { path, columns } = await golden('regions');
    const table = { table: path, columns: { values: { column, separator, shape: [2, 3] }, label: 'label' } } as const;
    const data = await FeatureDataset.from(table);
    expect([data.size, data.windowing.size, data.frameShape]).toEqual([5, 2, [3]]);
    expect(await frames(table)).toEqual(columns.list!.flat());
    expect([...data.targets()]).toEqual(columns.label);
    await expect(
      FeatureDataset.from({ table: path, columns: { values: { column, separator, shape: [2, 4] } } }),
    ).rejects.toMatchObject({
      code: 'ERR_CSV_WIDTH',
      message: `${path} row 1 column ${column} must be 8 values, got 6`,
    });
  });
});
