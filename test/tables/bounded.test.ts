/** Tables that do not fit: a temporary file takes what is more than `cacheBytes`, and nobody sees a difference. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FeatureDataset } from '../../src/dataset/index.js';
import type { SeriesTable } from '../../src/tables/index.js';
import { readSeriesTable } from '../../src/tables/read-series-table.js';
import { RowStore } from '../../src/tables/row-store.js';
import { tableFiles } from '../../src/tables/table-files.js';
import { parseTable } from '../../src/tables/table-schema.js';
import { put, temporaryFolder } from '../corpus/wav.js';

/** A megabyte and more of rows, of seven sensors that take turns, not in the order of time. */
async function manyRows(): Promise<string> {
  const rows = Array.from({ length: 24_000 }, (_, i) => {
    const values = Array.from({ length: 12 }, (_, column) => (i * 12 + column) % 4096);
    return `s${i % 7},${(i * 7919) % 24_000},${values.join()},${i % 5 === 0 ? 1 : 0}`;
  });
  const header = `sensor,t,${Array.from({ length: 12 }, (_, i) => `v${i}`).join()},y`;
  return put(join(await temporaryFolder(), 'many.csv'), `${[header, ...rows].join('\n')}\n`);
}

const VALUES = Array.from({ length: 12 }, (_, i) => `v${i}`);

interface Epoch {
  /** Of all batches, in the order in which they came. */
  readonly numbers: string;
  readonly targets: readonly number[];
  readonly ids: readonly number[];
}

async function epochOf(data: FeatureDataset, o: { shuffle: boolean }): Promise<Epoch> {
  const hash = createHash('sha256');
  const [targets, ids]: [number[], number[]] = [[], []];
  for await (const { x, y, ids: numbers } of data.batches({ batchSize: 256, seed: 3, ...o })) {
    hash.update(new Uint8Array(x.buffer));
    targets.push(...y);
    ids.push(...numbers);
  }
  return { numbers: hash.digest('hex'), targets, ids };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a table of more than cacheBytes', () => {
  it.each(['series', 'rows'] as const)(
    'of %s lies in a temporary file without a name, and reads the same',
    async (layout) => {
      const table = await manyRows();
      const folder = await temporaryFolder();
      vi.stubEnv('TMPDIR', folder);
      const open = (cacheBytes: number) =>
        layout === 'rows'
          ? FeatureDataset.from({ table, columns: { values: VALUES, label: 'y' }, rowsPerItem: 1000, cacheBytes })
          : FeatureDataset.from(
              {
                ...{ table, layout, cacheBytes },
                columns: {
                  ...{ values: VALUES, group: 'sensor', timestamp: { column: 't', unit: 's' } },
                  label: { column: 'y', per: 'row', rule: 'last' },
                },
              },
              { windowing: { size: 4, stride: 4 } },
            );
      const [inMemory, spilled] = [await open(2 ** 26), await open(2 ** 19)];
      const bytes = 24_000 * 12 * 4;
      expect(inMemory.tableReport).toMatchObject({ bytes, spilledBytes: 0, rows: 24_000 });
      expect(spilled.tableReport).toMatchObject({ bytes, spilledBytes: bytes });
      expect([...spilled.items()]).toEqual([...inMemory.items()]);
      expect(await epochOf(spilled, { shuffle: false })).toEqual(await epochOf(inMemory, { shuffle: false }));
      const { targets, ids } = await epochOf(spilled, { shuffle: true });
      expect(ids).not.toEqual([...Array(spilled.size).keys()]);
      expect(ids.slice().sort((a, b) => a - b)).toEqual([...Array(spilled.size).keys()]);
      const all = inMemory.targets();
      expect(targets).toEqual(ids.map((id) => all[id]));
      expect(spilled.cache.reads).toBeGreaterThan(0);
      expect(inMemory.cache.reads).toBe(0);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('needs a folder for temporary files', async () => {
    const table = await manyRows();
    vi.stubEnv('TMPDIR', join(table, 'absent'));
    const source = { table, columns: { values: VALUES }, cacheBytes: 1 } as const;
    await expect(FeatureDataset.from(source)).rejects.toMatchObject({
      code: 'ERR_WRITE',
      message: expect.stringContaining('numbers of a table cannot be written'),
    });
  });

  it('is put in order stretch by stretch', async () => {
    const n = 5000;
    const order = Uint32Array.from({ length: n }, (_, i) => (i * 1231) % n).filter((row) => row % 11 !== 0);
    for (const bucketBytes of [2 ** 9, 2 ** 13, 2 ** 25]) {
      const store = new RowStore(3, 1024, bucketBytes);
      for (let row = 0; row < n; row += 500) {
        store.append(Float32Array.from({ length: 1500 }, (_, i) => (row + Math.floor(i / 3)) * 3 + (i % 3)));
      }
      expect(store.length).toBe(n);
      const found: number[] = [];
      for await (const row of store.rows(order)) found.push(...row);
      expect(found).toEqual([...order].flatMap((row) => [3 * row, 3 * row + 1, 3 * row + 2]));
    }
  });
});

describe('a series longer than one read', () => {
  async function pieces(source: Omit<SeriesTable, 'table'>, size: number, stride: number) {
    const rows = Array.from({ length: 1000 }, (_, i) => `${i},${i},${i % 3}`);
    const table = await put(join(await temporaryFolder(), 'long.csv'), `t,a,y\n${rows.join('\n')}\n`);
    const config = parseTable({ ...source, table });
    if (config.layout !== 'series') throw new Error('no series');
    const read = await readSeriesTable(config, await tableFiles(config), {
      cut: { size, stride, tail: 'drop' },
      pieceBytes: 400,
    });
    const windows: number[][] = [];
    for (const { place, nFrames, rowLabels, startSec, origin } of read.items) {
      const block = read.blocks[place.block]!;
      const values = (block.spilled ? await block.read() : block.values).subarray(
        place.first,
        place.first + place.length,
      );
      expect([values.length, rowLabels?.length]).toEqual([nFrames, nFrames]);
      expect([startSec, origin.firstFrame]).toEqual([values[0], values[0]]);
      expect([...rowLabels!]).toEqual([...values].map((value) => value % 3));
      for (let at = 0; at + size <= nFrames; at += stride) windows.push([...values.subarray(at, at + size)]);
    }
    return { items: read.items.length, windows };
  }

  it.each([
    [5, 1],
    [5, 3],
    [8, 8],
    [4, 10],
    [150, 7],
  ])('is cut into items that have the windows of size %i, stride %i of the whole', async (size, stride) => {
    const { items, windows } = await pieces(
      {
        layout: 'series',
        columns: {
          values: ['a'],
          timestamp: { column: 't', unit: 's' },
          label: { column: 'y', per: 'row', rule: 'last' },
        },
      },
      size,
      stride,
    );
    expect(items).toBeGreaterThan(2);
    const whole = Array.from({ length: Math.floor((1000 - size) / stride) + 1 }, (_, i) =>
      Array.from({ length: size }, (_, at) => i * stride + at),
    );
    expect(windows).toEqual(whole);
  });
});

describe('an abort', () => {
  it('ends the reading of a table, and of items', async () => {
    const table = await manyRows();
    const { signal } = new AbortController();
    const abort = new AbortController();
    abort.abort();
    const series = { layout: 'series', columns: { values: VALUES, group: 'sensor' } } as const;
    for (const source of [
      { table, ...series },
      { table, columns: { values: VALUES } },
      [{ features: new Float32Array(4) }],
    ]) {
      await expect(FeatureDataset.from(source, { signal: abort.signal, windowing: { size: 1 } })).rejects.toMatchObject(
        {
          code: 'ERR_TASK_ABORTED',
        },
      );
      expect((await FeatureDataset.from(source, { signal, windowing: { size: 1 } })).size).toBeGreaterThan(0);
    }
  });
});
