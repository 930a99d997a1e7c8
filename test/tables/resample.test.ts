/** Rows at any time → frames at equal distances. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FeatureDataset } from '../../src/dataset/index.js';
import type { Resampling, SeriesTable, WindowRule } from '../../src/tables/index.js';
import { put, temporaryFolder } from '../corpus/wav.js';

/** Rows `[ms, a, label]` on a grid of 10 ms; gaps of more than 50 ms. */
async function frames(
  rows: readonly (readonly [number, number, number])[],
  method: Resampling['method'],
  o: Partial<SeriesTable> & { rule?: WindowRule } = {},
): Promise<{ items: [number, number[], number[]][]; data: FeatureDataset }> {
  const text = `t,a,y\n${rows.map((row) => row.join()).join('\n')}\n`;
  const table = await put(join(await temporaryFolder(), 'x.csv'), text);
  const { rule = 'any', ...rest } = o;
  const source: SeriesTable = {
    ...{ table, layout: 'series', resample: { everyMs: 10, method }, maxGapMs: 50 },
    columns: {
      values: ['a'],
      timestamp: { column: 't', unit: 'ms', duplicates: 'keep' },
      label: { column: 'y', per: 'row', rule },
    },
    ...rest,
  };
  const data = await FeatureDataset.from(source, { windowing: { size: 1 } });
  const items: [number, number[], number[]][] = [];
  for (const { id, startSec = Number.NaN, targets } of data.items()) {
    items.push([Math.round(startSec * 1e6) / 1e3, [...(await data.get(id)).features.data], [...(targets ?? [])]]);
  }
  return { items, data };
}

const ROWS = [
  [3, 1, 0],
  [8, 3, 1],
  [10, 4, 0],
  [34, 10, 0],
  [40, 16, 1],
] as const;

describe('resampling', () => {
  it('mean: of the rows up to the next frame; where there is none, the frame before', async () => {
    const { items } = await frames(ROWS, 'mean');
    expect(items).toEqual([[0, [2, 4, 4, 10, 16], [1, 0, 0, 0, 1]]]);
  });

  it('last: what was known at the time of the frame', async () => {
    const { items } = await frames(ROWS, 'last');
    expect(items).toEqual([[10, [4, 4, 4, 16], [1, 1, 1, 1]]]);
  });

  it('linear: between the rows before and after', async () => {
    const { items } = await frames(ROWS, 'linear', { rule: 'last' });
    expect(items).toEqual([[10, [4, 6.5, 9, 16], [0, 0, 0, 1]]]);
  });

  it('nearest: of two equally near the earlier one', async () => {
    const { items } = await frames(
      [
        [0, 1, 0],
        [15, 2, 0],
        [25, 3, 0],
        [30, 4, 0],
      ],
      'nearest',
    );
    expect(items).toEqual([[0, [1, 2, 2, 4], [0, 0, 0, 0]]]);
  });

  it.each(['last', 'linear', 'nearest'] as const)(
    '%s: of rows with the time of a frame the last one',
    async (method) => {
      const { items } = await frames(
        [
          [0, 1, 0],
          [10, 2, 0],
          [10, 5, 0],
          [20, 7, 0],
        ],
        method,
      );
      expect(items).toEqual([[0, [1, 5, 7], [0, 0, 0]]]);
    },
  );

  it('a row of a rule "any" counts in the frame after it, however short it was', async () => {
    const rows = [
      [0, 0, 0],
      [12, 0, 1],
      [14, 0, 0],
      [20, 0, 0],
      [30, 0, 0],
    ] as const;
    for (const method of ['last', 'linear', 'nearest'] as const) {
      expect((await frames(rows, method)).items[0]![2]).toEqual([0, 0, 1, 0]);
    }
    expect((await frames(rows, 'mean')).items[0]![2]).toEqual([0, 1, 0, 0]);
    expect((await frames(rows, 'mean', { rule: 'all' })).items[0]![2]).toEqual([0, 0, 0, 0]);
  });

  it('gaps make several items on the same grid; what no frame lies in is counted', async () => {
    const rows = [
      [1, 1, 0],
      [12, 2, 0],
      [101, 3, 0],
      [109, 4, 0],
      [204, 5, 0],
      [216, 6, 0],
    ] as const;
    const { items, data } = await frames(rows, 'last');
    expect(items).toEqual([
      [10, [1], [0]],
      [210, [5], [0]],
    ]);
    expect(data.tableReport).toMatchObject({ gaps: 2, emptyStretches: 1 });
    expect((await frames(rows, 'mean')).items.map(([start, values]) => [start, values])).toEqual([
      [0, [1, 2]],
      [100, [3.5]],
      [200, [5, 6]],
    ]);
  });

  it('gives frames a time', async () => {
    const { data } = await frames(ROWS, 'mean');
    expect(data.timing).toEqual({ startSec: 0, stepSec: 0.01, spanSec: 0.01 });
    expect(data.withWindowing({ size: 1 }).locate(3)).toMatchObject({ startSec: 0.03, endSec: 0.04 });
    expect((await frames(ROWS, 'linear')).data.locate(3)).toMatchObject({ startSec: 0.04, endSec: 0.04 });
  });

  it('agrees with a slow program, for random rows', async () => {
    let state = 7;
    const random = () => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return state / 2 ** 31;
    };
    const rows: [number, number, number][] = [];
    for (let ms = 5; rows.length < 400; ms += 1 + Math.floor(random() * 45))
      rows.push([ms, Math.floor(random() * 100), 0]);
    const last = rows.at(-1)![0];
    const grid = Array.from(
      { length: Math.floor(last / 10) - Math.ceil(rows[0]![0] / 10) + 1 },
      (_, i) => 10 * (i + 1),
    );
    const linear = grid.map((at) => {
      const after = rows.findIndex(([ms]) => ms >= at);
      const [ms, a] = rows[after]!;
      if (ms === at) return a;
      const [beforeMs, before] = rows[after - 1]!;
      return before + ((at - beforeMs) / (ms - beforeMs)) * (a - before);
    });
    const { items } = await frames(rows, 'linear');
    expect(items[0]![1]).toHaveLength(grid.length);
    items[0]![1].forEach((value, i) => {
      expect(value).toBeCloseTo(linear[i]!, 4);
    });
  });
});
