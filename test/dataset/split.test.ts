import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FeatureDataset, type Parts } from '../../src/dataset/index.js';
import { DatasetError, ParameterError } from '../../src/errors.js';
import { put, temporaryFolder } from '../corpus/wav.js';

/** `lengths[i]` frames of one number each: 1000·item + frame. */
function series(lengths: readonly number[], windowing = { size: 4, stride: 1 }): Promise<FeatureDataset> {
  const items = lengths.map((n, i) => ({
    id: `r${i}`,
    group: `g${i % 3}`,
    label: i % 5 === 0 ? 1 : 0,
    features: Float32Array.from({ length: n }, (_, t) => 1000 * i + t),
  }));
  return FeatureDataset.from(items, { windowing });
}

/** Frames that any window of a part holds. */
async function framesOf(data: FeatureDataset): Promise<Set<number>> {
  const frames = new Set<number>();
  if (data.size > 0)
    for await (const { x } of data.batches({ batchSize: 64 })) for (const value of x) frames.add(value);
  return frames;
}

async function sharedFrames(parts: Parts<FeatureDataset>): Promise<number> {
  const [train, validation, test] = [
    await framesOf(parts.train),
    await framesOf(parts.validation),
    await framesOf(parts.test),
  ];
  const shared = [...train].filter((f) => test.has(f) || validation.has(f)).length;
  return shared + [...validation].filter((f) => test.has(f)).length;
}

const sizes = ({ train, validation, test }: Parts<FeatureDataset>): number[] => [
  train.size,
  validation.size,
  test.size,
];
const ids = (data: FeatureDataset): string[] => [...data.items()].map(({ id }) => id);

describe('split by time', () => {
  it('cuts where the ratios say, and drops just as many windows as it takes to share no frame', async () => {
    const data = await series([1003]);
    expect(data.size).toBe(1000);
    const parts = data.split({ by: 'time', ratios: [0.7, 0.1, 0.2] });
    // Windows of 4 at stride 1: three in between share frames with both sides, so two are dropped on each.
    expect(sizes(parts)).toEqual([698, 96, 198]);
    expect(await sharedFrames(parts)).toBe(0);
    await expect(FeatureDataset.refuseLeaks(parts)).resolves.toBeUndefined();
  });

  it('keeps windows across the cut when told so, and the leak check finds them', async () => {
    const parts = (await series([1003])).split({ by: 'time', cutoff: 700, purge: 0 });
    expect(sizes(parts)).toEqual([700, 0, 300]);
    expect(await sharedFrames(parts)).toBe(3);
    await expect(FeatureDataset.refuseLeaks(parts)).rejects.toThrow(DatasetError);
    const one = (await series([1003])).split({ by: 'time', cutoff: 700, purge: 1 });
    expect(await sharedFrames(one)).toBe(1);
    await expect(FeatureDataset.refuseLeaks(one)).rejects.toThrow(/r0/);
    const two = (await series([1003])).split({ by: 'time', cutoff: 700, purge: 2 });
    expect(await sharedFrames(two)).toBe(0);
    await expect(FeatureDataset.refuseLeaks(two)).resolves.toBeUndefined();
  });

  it('cuts within and between items, in their order', async () => {
    const data = await series([13, 8, 23]);
    expect(data.size).toBe(10 + 5 + 20);
    const parts = data.split({ by: 'time', cutoff: [12, 20], purge: 0 });
    expect(sizes(parts)).toEqual([12, 8, 15]);
    expect([ids(parts.train), ids(parts.validation), ids(parts.test)]).toEqual([['r0', 'r1'], ['r1', 'r2'], ['r2']]);
    const firsts: number[] = [];
    for await (const { x } of parts.validation.batches({ batchSize: 1 })) firsts.push(x[0]!);
    expect(firsts).toEqual([1002, 1003, 1004, 2000, 2001, 2002, 2003, 2004]);
    expect(parts.validation.locate(3)).toMatchObject({ window: 0, item: { id: 'r2' } });
    // A part of a part keeps its own numbering.
    const again = parts.validation.split({ by: 'time', cutoff: 4, purge: 0 });
    expect(sizes(again)).toEqual([4, 0, 4]);
    expect(again.test.locate(0)).toMatchObject({ window: 1, item: { id: 'r2' } });
  });

  it("purges a table's rows by the stride they were cut with: the seed's cut at 2100", async () => {
    const header = [...Array.from({ length: 40 }, (_, i) => i), 'response'].join(',');
    const rows = Array.from({ length: 2760 }, (_, r) => Array.from({ length: 41 }, (_, c) => (r + c) % 2).join(','));
    const table = await put(join(await temporaryFolder(), 'labeled.csv'), [header, ...rows].join('\n'));
    const seed = (await FeatureDataset.from({ table })).split({ by: 'time', cutoff: 2100, purge: 0 });
    expect(sizes(seed)).toEqual([2100, 0, 660]);
    const data = await FeatureDataset.from({ table, stride: 5 });
    const honest = data.split({ by: 'time', cutoff: 2100 });
    // Rows fewer than 8 apart overlap: 7 have to go, 4 are dropped on each side.
    expect(sizes(honest)).toEqual([2096, 0, 656]);
    await expect(FeatureDataset.refuseLeaks(honest)).resolves.toBeUndefined();
    await expect(FeatureDataset.refuseLeaks(data.split({ by: 'time', cutoff: 2100, purge: 3 }))).rejects.toThrow(
      DatasetError,
    );
  });

  it('says what is wrong', async () => {
    const data = await series([103]);
    expect(() => data.split({ by: 'time', cutoff: 100 })).toThrow(ParameterError);
    expect(() => data.split({ by: 'time' })).toThrow(/either ratios or cutoff/);
    expect(() => data.split({ by: 'time', ratios: [0.5, 0.6] })).toThrow(/add up to 1/);
    expect(() => data.split({ by: 'time', ratios: [0.99, 0.005, 0.005], purge: 5 })).toThrow(
      /part train|part validation/,
    );
    expect(() => data.split({ by: 'time', cutoff: 50, purge: -1 })).toThrow(/purge/);
  });
});

describe('split by group', () => {
  it('keeps groups whole, and is the same for the same seed', async () => {
    const data = await series(Array.from({ length: 30 }, () => 10));
    const o = { by: 'group', ratios: [0.5, 0.25, 0.25], groupBy: ({ id }: { id: string }) => id.slice(0, 2) } as const;
    const parts = data.split({ ...o, seed: 3 });
    expect(parts.train.nItems + parts.validation.nItems + parts.test.nItems).toBe(30);
    await expect(FeatureDataset.refuseLeaks(parts, { groupBy: o.groupBy })).resolves.toBeUndefined();
    expect(ids(data.split({ ...o, seed: 3 }).test)).toEqual(ids(parts.test));
    const others = [4, 5, 6, 7].map((seed) => ids(data.split({ ...o, seed }).test).join());
    expect(new Set([...others, ids(parts.test).join()]).size).toBeGreaterThan(1);
  });

  it('gives every part a group where there are just enough', async () => {
    const data = await series([10, 10, 100]);
    for (let seed = 0; seed < 10; seed++) {
      const parts = data.split({ by: 'group', ratios: [0.8, 0.1, 0.1], seed });
      expect([parts.train.nItems, parts.validation.nItems, parts.test.nItems]).toEqual([1, 1, 1]);
    }
  });

  it('refuses too few groups, and finds a group in two parts', async () => {
    const data = await series([10, 10, 10, 10, 10, 10]);
    const oneGroup = data.map((item) => ({ ...item, group: 'all' }));
    expect(() => oneGroup.split({ by: 'group', ratios: [0.5, 0.5] })).toThrow(ParameterError);
    const none = data.map(({ group: _, ...item }) => item);
    expect(() => none.split({ by: 'group', ratios: [0.5, 0.5] })).toThrow(/group of r0/);
    const parts = oneGroup.split({ by: 'stratified', ratios: [0.5, 0.5] });
    await expect(FeatureDataset.refuseLeaks(parts)).resolves.toBeUndefined();
    await expect(FeatureDataset.refuseLeaks(parts, { groupBy: ({ group }) => group })).rejects.toThrow(/group all/);
  });
});

describe('split by class and by list', () => {
  it('gives each part the same share of every label', async () => {
    const data = await series(Array.from({ length: 100 }, () => 10));
    const parts = data.split({ by: 'stratified', ratios: [0.7, 0.1, 0.2], seed: 42 });
    const ones = (part: FeatureDataset) => [...part.items()].filter(({ label }) => label === 1).length;
    expect([parts.train.nItems, parts.validation.nItems, parts.test.nItems]).toEqual([70, 10, 20]);
    expect([ones(parts.train), ones(parts.validation), ones(parts.test)]).toEqual([14, 2, 4]);
    expect(ids(parts.train)).not.toEqual(ids(data).slice(0, 70));
  });

  it('deals items out as lists say, and refuses lists that do not fit', async () => {
    const data = await series([10, 10, 10]);
    const parts = data.split({ by: 'file-list', files: { train: ['r2', 'r0'], test: ['r1'] } });
    expect([ids(parts.train), ids(parts.validation), ids(parts.test)]).toEqual([['r0', 'r2'], [], ['r1']]);
    const wrong = (files: { train: string[]; test: string[] }) => () => data.split({ by: 'file-list', files });
    expect(wrong({ train: ['r0', 'r1'], test: ['r1', 'r2'] })).toThrow(/r1 twice/);
    expect(wrong({ train: ['r0'], test: ['r1'] })).toThrow(/none with r2/);
    expect(wrong({ train: ['r0', 'r2', 'r9'], test: ['r1'] })).toThrow(/r9/);
  });
});
