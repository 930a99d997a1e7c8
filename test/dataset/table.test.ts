import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FeatureDataset } from '../../src/dataset/index.js';
import { ParameterError } from '../../src/errors.js';
import { put, temporaryFolder } from '../corpus/wav.js';

const HEADER = [...Array.from({ length: 40 }, (_, i) => i), 'response'].join(',');
/** The windows that seed 0's notebook prints: 4 positive ones of 40 values, 8 negative ones of 41. */
const PRINTED = new URL('../fixtures/seed-0-printed-windows.txt', import.meta.url);

async function printedRows(): Promise<string[]> {
  return (await readFile(PRINTED, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(' : ', ','));
}

async function csv(rows: readonly string[], header = HEADER): Promise<string> {
  return put(join(await temporaryFolder(), 'windows.csv'), `${[header, ...rows].join('\n')}\n`);
}

async function failure(path: string): Promise<unknown> {
  return FeatureDataset.from({ table: path }).catch((error: unknown) => error);
}

describe('tables', () => {
  it('hold one sequence per row', async () => {
    const rows = (await printedRows()).slice(0, 4);
    const data = await FeatureDataset.from({ table: await csv(rows) });
    expect(data).toMatchObject({ size: 4, nItems: 4, width: 1, targetWidth: 1 });
    expect(data.windowing).toMatchObject({ size: 40 });
    for await (const { x, xShape, y, yShape, ids } of data.batches({ batchSize: 10 })) {
      expect([xShape, yShape, [...ids]]).toEqual([
        [4, 40, 1],
        [4, 1],
        [0, 1, 2, 3],
      ]);
      expect([...x]).toEqual(rows.flatMap((row) => row.split(',').slice(0, 40).map(Number)));
      expect([...y]).toEqual([1, 1, 1, 1]);
    }
  });

  it("refuse the seed's printed negatives, which have 41 values, by row and width", async () => {
    const path = await csv(await printedRows());
    const error = await failure(path);
    expect(error).toBeInstanceOf(ParameterError);
    expect(error).toMatchObject({ code: 'ERR_CSV_WIDTH', details: { path, row: 5, line: 6, expected: 41, got: 42 } });
    expect(String(error)).toContain(`${path} row 5 (line 6) must be 41 cells wide, got 42`);
  });

  it('refuse a row that is too short, and a header of other columns', async () => {
    const row = Array.from({ length: 40 }, () => 0).join(',');
    expect(await failure(await csv([row]))).toMatchObject({ code: 'ERR_CSV_WIDTH', details: { row: 1, got: 40 } });
    expect(await failure(await csv([`${row},0`], HEADER.replace('response', 'label')))).toMatchObject({
      code: 'ERR_CSV_WIDTH',
    });
  });

  it('refuse a cell that is not a finite number, by row and column', async () => {
    for (const cell of ['x', '', 'NaN', 'Infinity', '1;2']) {
      const row = ['0', cell, ...Array.from({ length: 38 }, () => '0'), '1'].join(',');
      const good = Array.from({ length: 41 }, () => '0').join(',');
      const error = await failure(await csv([good, row]));
      expect(error).toMatchObject({ code: 'ERR_CSV_VALUE', details: { row: 2, line: 3, column: 1 } });
    }
  });

  it('count lines past blank ones and quoted line breaks', async () => {
    const good = Array.from({ length: 41 }, () => '0').join(',');
    expect(await failure(await csv([good, '', `${good},9`]))).toMatchObject({ details: { row: 2, line: 4 } });
  });

  it('refuse an empty file', async () => {
    const path = await put(join(await temporaryFolder(), 'empty.csv'), '');
    expect(await failure(path)).toMatchObject({ code: 'ERR_CORPUS' });
  });
});
