import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Batch, FeatureDataset, type ItemInput, type Strata } from '../../src/dataset/index.js';
import { ModelError, ParameterError } from '../../src/errors.js';
import { extract } from '../../src/extract/index.js';
import { windows } from '../../src/features/index.js';
import { put, smallCorpus, smallSpec, temporaryFolder, toneWav } from '../corpus/wav.js';

async function all(data: FeatureDataset, o: Parameters<FeatureDataset['batches']>[0]): Promise<Batch[]> {
  const found: Batch[] = [];
  for await (const batch of data.batches(o)) found.push(batch);
  return found;
}

const idsOf = (batches: readonly Batch[]): number[] => batches.flatMap(({ ids }) => [...ids]);
const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

/** `n` items of 20 frames; the first fifth is of class 1. */
function twoClasses(n = 50): Promise<FeatureDataset> {
  const items = Array.from({ length: n }, (_, i) => ({
    id: `${i}`,
    label: i < n / 5 ? 1 : 0,
    features: { data: Float32Array.from({ length: 40 }, (_, k) => 100 * i + k), shape: [20, 2] },
  }));
  return FeatureDataset.from(items, { windowing: { size: 4, stride: 2 } });
}

describe('batches over a folder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cochlea-batches-'));
    const corpus = await smallCorpus(join(folder, 'in'), 8);
    await extract(corpus, {
      spec: smallSpec(),
      out: join(folder, 'out'),
      labels: 'parent-folder',
      workers: 1,
      shardBytes: 8000,
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('hold the windows that `windows` cuts, in order, with targets from labels', async () => {
    const data = await FeatureDataset.open(join(folder, 'out'));
    const batches = await all(data, { batchSize: 13 });
    expect(batches.slice(0, -1).every(({ ids }) => ids.length === 13)).toBe(true);
    expect(idsOf(batches)).toEqual(Array.from({ length: data.size }, (_, i) => i));
    const x: number[] = [];
    const y: number[] = [];
    for (const info of data.items()) {
      const { features } = await data.get(info.id);
      const cut = windows(
        { ...features, nFrames: info.nFrames, frameTimeSec: () => 0 },
        { size: 5, stride: 1, tail: 'drop' },
      );
      x.push(...cut.data);
      y.push(...cut.starts.map(() => (info.label === 'loud' ? 1 : 0)));
    }
    expect(batches.flatMap((batch) => [...batch.x])).toEqual(x);
    expect(batches.flatMap((batch) => [...batch.y])).toEqual(y);
    expect(batches[0]).toMatchObject({ xShape: [13, 5, 16], yShape: [13, 1] });
  });

  it('are normalised by the statistics of the frames, taken in one pass', async () => {
    const data = await FeatureDataset.open(join(folder, 'out'));
    for (const per of ['column', 'all'] as const) {
      const normalize = await data.stats({ per });
      expect(normalize.mean.length).toBe(per === 'all' ? 1 : 16);
      const spec = smallSpec({ stages: [{ windowing: { size: 1 }, normalize }] });
      const sums = new Float64Array(16);
      const squares = new Float64Array(16);
      let n = 0;
      for (const { x } of await all(data.withSpec(spec), { batchSize: 100 })) {
        x.forEach((value, i) => {
          sums[i % 16]! += value;
          squares[i % 16]! += value * value;
        });
        n += x.length / 16;
      }
      const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
      if (per === 'column') {
        for (let c = 0; c < 16; c++) {
          expect(sums[c]! / n).toBeCloseTo(0, 4);
          expect(squares[c]! / n).toBeCloseTo(1, 4);
        }
      }
      expect(total(sums) / n / 16).toBeCloseTo(0, 4);
      expect(total(squares) / n / 16).toBeCloseTo(1, 4);
    }
  });

  it('take statistics from the windows of a part only', async () => {
    const values = Float32Array.from({ length: 100 }, (_, i) => (i < 50 ? 1000 + (i % 2) : -5000));
    const data = await FeatureDataset.from([{ features: values }], { windowing: { size: 2 } });
    const { train } = data.split({ by: 'time', cutoff: 49, purge: 0 });
    expect(await train.stats()).toEqual({ kind: 'standard', mean: [1000.5], std: [0.5] });
    const flat = await FeatureDataset.from([{ features: new Float32Array(10).fill(3) }], { windowing: { size: 1 } });
    expect(await flat.stats()).toEqual({ kind: 'standard', mean: [3], std: [1] });
  });

  it('say where a window lies in time', async () => {
    const data = await FeatureDataset.open(join(folder, 'out'));
    const place = data.locate(3);
    expect(place.item.id).toBe('loud/clip-01.wav');
    // Window 3 holds frames 3 to 7; a frame of 256 samples starts every 80.
    expect(place.startSec).toBeCloseTo((3 * 80) / 8000, 12);
    expect(place.endSec).toBeCloseTo((7 * 80 + 256) / 8000, 12);
  });

  it('refuse a spec with other features', async () => {
    const data = await FeatureDataset.open(join(folder, 'out'));
    const other = smallSpec({ audio: { sampleRate: 8000, channel: 'mean' } });
    expect(() => data.withSpec(other)).toThrow(ModelError);
  });

  it('refuse a label that the spec does not have', async () => {
    const data = await FeatureDataset.open(join(folder, 'out'));
    const renamed = data.map((item) => ({ ...item, label: 'noisy' }));
    expect(() => renamed.targetWidth).toThrow(/label of loud\/clip-01\.wav must be one of quiet, loud/);
  });

  it('put data sets together', async () => {
    const data = await FeatureDataset.open(join(folder, 'out'));
    const named = data.map((item) => ({ ...item, id: `again/${item.id}` }));
    const both = await FeatureDataset.open([data, named]);
    expect([both.nItems, both.size]).toEqual([2 * data.nItems, 2 * data.size]);
    await expect(FeatureDataset.open([data, data])).rejects.toMatchObject({ code: 'ERR_CORPUS' });
  });

  it('filter and map without touching a feature', async () => {
    const data = await FeatureDataset.open(join(folder, 'out'));
    const loud = data.filter(({ label }) => label === 'loud').map((item) => ({ ...item, label: 7 }));
    expect(loud.nItems).toBe(4);
    expect(data.cache).toEqual({ bytes: 0, reads: 0 });
    expect(new Set(loud.targets())).toEqual(new Set([7]));
    expect(loud.targets().length).toBe(loud.size);
  });
});

describe('the cache', () => {
  it('stays within its bytes while every window is read, and shuffling reads a block once an epoch', async () => {
    const folder = await temporaryFolder();
    // Each recording makes 1.1 MB of features, a block of its own; twelve of them and room for five.
    for (let i = 0; i < 12; i++) await put(join(folder, 'in', `${i + 10}.wav`), toneWav(140_000, { seed: i + 1 }));
    const spec = smallSpec({
      features: { kind: 'logMel', nFft: 256, hopLength: 8, nMels: 16, topDb: null },
      stages: [{ windowing: { size: 10, stride: 10 } }],
    });
    await extract(join(folder, 'in'), { spec, out: join(folder, 'out'), workers: 2, shardBytes: 6e5 });
    const cacheBytes = 6e6;
    const data = await FeatureDataset.open(join(folder, 'out'), { cacheBytes });
    expect(data.nItems).toBe(12);
    for (const shuffle of [false, true]) {
      const before = data.cache.reads;
      const ids: number[] = [];
      for await (const batch of data.batches({ batchSize: 64, shuffle, seed: 1 })) {
        expect(data.cache.bytes).toBeLessThanOrEqual(cacheBytes);
        ids.push(...batch.ids);
      }
      expect(sorted(ids)).toEqual(Array.from({ length: data.size }, (_, i) => i));
      expect(data.cache.bytes).toBeGreaterThan(0);
      const reads = data.cache.reads - before;
      expect(reads).toBeLessThanOrEqual(12);
      expect(reads).toBeGreaterThan(5);
      if (shuffle) expect(ids.slice(0, 100)).not.toEqual(sorted(ids.slice(0, 100)));
    }
    // One block may be larger than all the room there is.
    for (const none of [0, -1, 0.5, Number.NaN]) {
      const opened = FeatureDataset.open(join(folder, 'out'), { cacheBytes: none });
      await expect(opened).rejects.toThrow('cacheBytes must be a positive whole number');
    }
    const tiny = await FeatureDataset.open(join(folder, 'out'), { cacheBytes: 1000 });
    let n = 0;
    for await (const { ids } of tiny.batches({ batchSize: 64, shuffle: true })) n += ids.length;
    expect(n).toBe(tiny.size);
    // A batch that spans two blocks leaves the other one in hand, so a block may be read again for its next batch.
    expect(tiny.cache.bytes).toBe(0);
    expect(tiny.cache.reads).toBeLessThanOrEqual(2 * 12);
  });
});

describe('order', () => {
  it('is a permutation that the seed and the epoch decide', async () => {
    const data = await twoClasses();
    const order = async (seed: number, o = {}) => idsOf(await all(data, { batchSize: 7, shuffle: true, seed, ...o }));
    const first = await order(1);
    expect(sorted(first)).toEqual(Array.from({ length: data.size }, (_, i) => i));
    expect(first).not.toEqual(sorted(first));
    expect(await order(1)).toEqual(first);
    expect(await order(2)).not.toEqual(first);
    const three = await order(1, { epochs: 3 });
    expect(three.slice(0, data.size)).toEqual(first);
    expect(three.slice(data.size, 2 * data.size)).not.toEqual(first);
    expect(three.slice(data.size)).toEqual(await order(1, { epochs: 2, firstEpoch: 1 }));
  });

  it('balances classes by index: as many of each, every member of the small class equally often', async () => {
    const data = await twoClasses();
    const batches = await all(data, { batchSize: 32, balance: 'index', seed: 5 });
    const targets = batches.flatMap(({ y }) => [...y]);
    expect(targets.length).toBe(data.size);
    expect(targets.filter((y) => y === 1).length).toBe(data.size / 2);
    const counts = new Map<number, number>();
    for (const id of idsOf(batches)) counts.set(id, (counts.get(id) ?? 0) + 1);
    const ones = [...counts].filter(([id]) => id < data.size / 5).map(([, n]) => n);
    const zeros = [...counts].filter(([id]) => id >= data.size / 5).map(([, n]) => n);
    // 90 windows of class 1 give 225: each twice, half of them thrice. 225 of 360 of the other class: each once.
    expect([ones.length, Math.min(...ones), Math.max(...ones)]).toEqual([90, 2, 3]);
    expect([zeros.length, Math.max(...zeros)]).toEqual([225, 1]);
    // Classes are mixed: every whole batch has something of both.
    for (const { y } of batches.slice(0, -1)) expect(new Set(y).size).toBe(2);
    const small = await all(data, { batchSize: 8, balance: 'index', epochWindows: 100, shuffle: false });
    expect(small.flatMap(({ y }) => [...y])).toEqual(Array.from({ length: 100 }, (_, i) => i % 2));
  });

  it('draws of every stratum its share, each member equally often, and nothing of what has none', async () => {
    const data = await twoClasses();
    // 90 windows of stratum 0, 60 of stratum 1, the rest of 2; the last ten are never drawn.
    const strata = Int32Array.from({ length: data.size }, (_, i) => (i < 90 ? 0 : i < 150 ? 1 : 2)).fill(-1, -10);
    const balance = { strata, shares: [1, 3, 1] };
    const batches = await all(data, { batchSize: 50, balance, epochWindows: 200, seed: 5 });
    const ids = idsOf(batches);
    const drawn = [0, 1, 2].map((stratum) => ids.filter((id) => strata[id] === stratum));
    expect(drawn.map((of) => of.length)).toEqual([40, 120, 40]);
    expect(drawn.map((of) => new Set(of).size)).toEqual([40, 60, 40]);
    expect(Math.max(...ids)).toBeLessThan(data.size - 10);
    const again = await all(data, { batchSize: 50, balance, epochWindows: 200, seed: 5 });
    expect(idsOf(again)).toEqual(ids);
    const inTurn = idsOf(await all(data, { batchSize: 5, balance, epochWindows: 25, shuffle: false }));
    for (let at = 0; at < 25; at += 5) {
      const batch = inTurn.slice(at, at + 5).map((id) => strata[id]!);
      expect(batch.sort()).toEqual([0, 1, 1, 1, 2]);
    }
  });

  it('refuses strata that do not fit the windows', async () => {
    const data = await twoClasses();
    const draw = (balance: Strata) => all(data, { batchSize: 8, balance });
    const strata = new Int32Array(data.size);
    await expect(draw({ strata: strata.subarray(1), shares: [1] })).rejects.toThrow(
      `balance.strata must be one per window, ${data.size}, got ${data.size - 1}`,
    );
    await expect(draw({ strata, shares: [0] })).rejects.toThrow('balance.shares must be numbers from 0 on, not all 0');
    await expect(draw({ strata, shares: [1, 1] })).rejects.toThrow(
      'balance.shares[1] must be 0 for a stratum without windows, got 1',
    );
    await expect(draw({ strata: strata.slice().fill(2, 3, 4), shares: [1, 0] })).rejects.toThrow(
      'balance.strata must be from -1 to 1, got 2',
    );
    await expect(draw(JSON.parse('{ "shares": [1] }'))).rejects.toThrow(
      'balance must be "none", "index" or { strata, shares }',
    );
  });

  it('draws some of the windows, each epoch others, where fewer are asked for', async () => {
    const data = await twoClasses();
    const drawn = (firstEpoch: number) =>
      all(data, { batchSize: 32, shuffle: true, epochWindows: 100, firstEpoch, seed: 5 });
    const [a, again, b] = (await Promise.all([drawn(0), drawn(0), drawn(1)])).map(idsOf);
    expect(a).toHaveLength(100);
    expect(new Set(a).size).toBe(100);
    expect(again).toEqual(a);
    expect(sorted(b!)).not.toEqual(sorted(a!));
    // From all over the data: about a fifth are of the small class.
    expect(a!.filter((id) => id < data.size / 5).length).toBeGreaterThan(5);
    expect(idsOf(await all(data, { batchSize: 32, shuffle: true, epochWindows: 10_000 }))).toHaveLength(data.size);
    await expect(all(data, { batchSize: 32, epochWindows: 100 })).rejects.toThrow(
      'epochWindows must be absent without shuffle or balance, got 100',
    );
    await expect(all(data, { batchSize: 32, shuffle: true, epochWindows: 0.5 })).rejects.toThrow(
      'epochWindows must be a positive whole number, got 0.5',
    );
  });

  it('draws other members of the large class in the next epoch', async () => {
    const data = await twoClasses();
    const [a, b] = [0, 1].map((firstEpoch) => all(data, { batchSize: 450, balance: 'index', firstEpoch }));
    expect(sorted(idsOf(await a!))).not.toEqual(sorted(idsOf(await b!)));
  });

  it('refuses to balance what has no classes', async () => {
    const data = await twoClasses();
    const one = data.filter(({ label }) => label === 1);
    await expect(all(one, { batchSize: 8, balance: 'index' })).rejects.toThrow(ParameterError);
    const none = data.map(({ label: _, ...item }) => item);
    await expect(all(none, { batchSize: 8, balance: 'index' })).rejects.toThrow(/one target per window/);
    await expect(all(data, { batchSize: 0 })).rejects.toThrow(/batchSize must be a whole number from 1, got 0/);
  });
});

describe('targets', () => {
  it('one per window; NaN leaves a window out', async () => {
    const targets = Float32Array.of(0, Number.NaN, 1, 1, Number.NaN, 0);
    const item = {
      features: Float32Array.from({ length: 8 }, (_, i) => i),
      targets,
      weights: Float32Array.of(1, 2, 3, 4, 5, 6),
    };
    const data = await FeatureDataset.from([item], { windowing: { size: 3 } });
    const [batch] = await all(data, { batchSize: 10 });
    expect(batch).toMatchObject({ xShape: [4, 3, 1], yShape: [4, 1] });
    expect([...batch!.ids]).toEqual([0, 2, 3, 5]);
    expect([...batch!.y]).toEqual([0, 1, 1, 0]);
    expect([...batch!.weights!]).toEqual([1, 3, 4, 6]);
    expect([...batch!.x]).toEqual([0, 1, 2, 2, 3, 4, 3, 4, 5, 5, 6, 7]);
    expect([...data.targets()]).toEqual([...targets]);
  });

  it('several per window', async () => {
    const item = { features: Float32Array.of(1, 2, 3, 4), targets: Float32Array.of(0, 1, Number.NaN, Number.NaN) };
    const data = await FeatureDataset.from([item], { windowing: { size: 2, stride: 2 } });
    const [batch] = await all(data, { batchSize: 10 });
    expect([batch!.yShape, [...batch!.y], [...batch!.ids]]).toEqual([[1, 2], [0, 1], [0]]);
  });

  it('are refused when they do not fit the windows', async () => {
    const item = { features: new Float32Array(8), targets: new Float32Array(5) };
    const data = await FeatureDataset.from([item], { windowing: { size: 3 } });
    expect(() => data.size).toThrow(ParameterError);
  });

  it('are not needed: an autoencoder learns its input', async () => {
    const data = await FeatureDataset.from([{ features: new Float32Array(8) }], { windowing: { size: 4, stride: 4 } });
    const [batch] = await all(data, { batchSize: 10 });
    expect(batch).toMatchObject({ xShape: [2, 4, 1], yShape: [2, 0] });
  });
});

describe('from', () => {
  it('takes what a generator yields', async () => {
    async function* items() {
      for (let i = 0; i < 3; i++)
        yield { features: { data: new Float32Array(12).fill(i), shape: [3, 2, 2] }, label: i };
    }
    const data = await FeatureDataset.from(items());
    expect(data).toMatchObject({ nItems: 3, size: 3, width: 4 });
    const [batch] = await all(data, { batchSize: 3 });
    expect([batch!.xShape, [...batch!.y]]).toEqual([
      [3, 3, 2, 2],
      [0, 1, 2],
    ]);
  });

  it('refuses items of different shape, one id twice, and unequal lengths without windowing', async () => {
    const of = (...items: ItemInput[]) => FeatureDataset.from(items);
    const a = { id: 'a', features: { data: new Float32Array(6), shape: [3, 2] } };
    const b = { id: 'b', features: { data: new Float32Array(6), shape: [2, 3] } };
    await expect(of(a, b)).rejects.toMatchObject({ code: 'ERR_SHAPE', details: { id: 'b' } });
    await expect(of(a, a)).rejects.toMatchObject({ code: 'ERR_CORPUS' });
    const short = { features: { data: new Float32Array(5), shape: [3, 2] } };
    await expect(of(short)).rejects.toMatchObject({ code: 'ERR_SHAPE' });
    await expect(of()).rejects.toMatchObject({ code: 'ERR_CORPUS' });
    const longer = { id: 'c', features: { data: new Float32Array(8), shape: [4, 2] } };
    await expect(of(a, longer)).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });

  it('pads the last window where asked to', async () => {
    const windowing = { size: 4, stride: 3, tail: 'pad', padValue: -1 } as const;
    const data = await FeatureDataset.from([{ features: Float32Array.of(1, 2, 3, 4, 5) }], { windowing });
    const [batch] = await all(data, { batchSize: 10 });
    expect([...batch!.x]).toEqual([1, 2, 3, 4, 4, 5, -1, -1]);
  });
});
