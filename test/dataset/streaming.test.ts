/** Batches of a folder that does not fit into the cache: reused arrays, reading ahead, bounded memory, random access. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Batch, FeatureDataset } from '../../src/dataset/index.js';
import { equalRows, TextIndex, textHash } from '../../src/dataset/text-index.js';
import { createSink, META, publishFiles, writeManifest } from '../../src/shards/index.js';
import { smallSpec } from '../corpus/wav.js';

/** As the seed's rows: windows of ten frames of thirteen numbers. */
const WIDTH = 13;
const WINDOW = 10;
const N_FRAMES = 800;
const N_ITEMS = 600;
const PER_SHARD = 100;
const ITEM_BYTES = N_FRAMES * WIDTH * 4;
const CACHE_BYTES = 8 * 2 ** 20;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cochlea-streaming-'));
  const spec = smallSpec({
    features: { kind: 'logMel', nFft: 256, hopLength: 80, nMels: WIDTH, topDb: null },
    stages: [{ windowing: { size: WINDOW, stride: WINDOW } }],
  });
  const metadata = new Map([
    [META.featureHash, 'made'],
    [META.frameShape, JSON.stringify([WIDTH])],
  ]);
  const shards = [];
  for (let first = 0; first < N_ITEMS; first += PER_SHARD) {
    const name = `shard-${first}`;
    const sink = await createSink({
      folder,
      name,
      format: 'arrow',
      compression: 'none',
      width: WIDTH,
      frameShape: [WIDTH],
      metadata,
    });
    for (let i = first; i < first + PER_SHARD; i++) {
      const frames = sink.reserve(N_FRAMES * WIDTH);
      for (let k = 0; k < N_FRAMES * WIDTH; k++) frames[k] = i + Math.floor(k / WIDTH) / N_FRAMES;
      const row = {
        ...{ id: `item-${i}`, path: `${i}.wav`, group: null, label: i % 11 === 0 ? 'loud' : 'quiet', channel: null },
        ...{ sampleRate: 8000, startSec: 0, durationSec: 4, labels: [], contentHash: i.toString(16).padStart(16, '0') },
      };
      sink.commit(row, N_FRAMES * WIDTH);
    }
    const counts = { items: PER_SHARD, frames: PER_SHARD * N_FRAMES, audioSec: 4 * PER_SHARD };
    shards.push({
      name,
      files: await publishFiles(folder, sink.finish()),
      ...counts,
      inputs: PER_SHARD,
      task: '',
      failed: 0,
    });
  }
  await writeManifest(folder, {
    ...{ cochlea: 2, version: 'test', spec: spec.toJSON(), specHash: spec.hash, featureHash: 'made', root: folder },
    ...{ format: 'arrow', compression: 'none', complete: true, recordings: N_ITEMS, frames: N_ITEMS * N_FRAMES },
    ...{ audioSec: 4 * N_ITEMS, failed: 0, stats: null, shards },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const open = () => FeatureDataset.open(folder, { cacheBytes: CACHE_BYTES });
const firstOf = (window: number) => {
  const perItem = N_FRAMES / WINDOW;
  return Math.fround(Math.floor(window / perItem) + ((window % perItem) * WINDOW) / N_FRAMES);
};

describe('an epoch of more than the cache holds', () => {
  it.each(['own', 'reused'] as const)('has every window once, in %s arrays, within the cache', async (buffers) => {
    const data = await open();
    expect(data.size * WINDOW * WIDTH * 4).toBeGreaterThan(2.5 * CACHE_BYTES);
    const seen = new Uint8Array(data.size);
    for await (const { x, y, ids } of data.batches({ batchSize: 250, shuffle: true, seed: 4, buffers })) {
      expect(data.cache.bytes).toBeLessThanOrEqual(CACHE_BYTES);
      ids.forEach((id, i) => {
        seen[id]! += 1;
        if (x[i * WINDOW * WIDTH] !== firstOf(id)) expect(x[i * WINDOW * WIDTH]).toBe(firstOf(id));
        expect(y[i]).toBe(Math.floor(id / (N_FRAMES / WINDOW)) % 11 === 0 ? 1 : 0);
      });
    }
    expect(seen.every((times) => times === 1)).toBe(true);
    // Twelve megabytes in blocks of a megabyte, each read once.
    const blocks = Math.ceil((N_ITEMS * ITEM_BYTES) / 2 ** 21) + N_ITEMS / PER_SHARD;
    expect(data.cache.reads).toBeGreaterThan(N_ITEMS / PER_SHARD - 1);
    expect(data.cache.reads).toBeLessThanOrEqual(blocks);
  });

  it('draws as many of each class, by index', async () => {
    const data = await open();
    let [drawn, loud] = [0, 0];
    for await (const { y, x, ids } of data.batches({ batchSize: 250, balance: 'index', buffers: 'reused' })) {
      expect(data.cache.bytes).toBeLessThanOrEqual(CACHE_BYTES);
      drawn += y.length;
      loud += y.reduce((sum, value) => sum + value, 0);
      expect(x[0]).toBe(firstOf(ids[0]!));
    }
    expect([drawn, loud]).toEqual([data.size, data.size / 2]);
  });
});

describe('buffers', () => {
  const batchesOf = async (buffers: 'own' | 'reused'): Promise<Batch[]> => {
    const found: Batch[] = [];
    for await (const batch of (await open()).batches({ batchSize: 14_000, buffers })) found.push(batch);
    return found;
  };

  it('reused are the same memory batch after batch, own ones are not', async () => {
    const [reused, own] = [await batchesOf('reused'), await batchesOf('own')];
    for (const batches of [reused, own])
      expect(batches.map(({ ids }) => ids.length)).toEqual([14_000, 14_000, 14_000, 6000]);
    for (const name of ['x', 'y', 'ids'] as const) {
      expect(new Set(reused.map((batch) => batch[name].buffer)).size).toBe(1);
      expect(new Set(own.map((batch) => batch[name].buffer)).size).toBe(4);
    }
    expect(reused[0]!.ids[0]).toBe(42_000);
    expect(own.map(({ ids }) => ids[0])).toEqual([0, 14_000, 28_000, 42_000]);
    expect(own.map(({ x }) => x[0])).toEqual([0, 14_000, 28_000, 42_000].map(firstOf));
  });

  it('are one of two words', async () => {
    const o = JSON.parse('{ "batchSize": 4, "buffers": true }');
    await expect((await open()).batches(o).next()).rejects.toThrow('buffers must be "own" or "reused", got true');
  });
});

describe('reading', () => {
  it('goes ahead while a batch is used: the next one finds its block there', async () => {
    const data = await open();
    // Fifty items make a block, and all their windows a batch.
    const perBlock = 50;
    const batches = data.batches({ batchSize: perBlock * (N_FRAMES / WINDOW), shuffle: false });
    for (let i = 0; i < 3; i++) {
      await batches.next();
      await vi.waitFor(() => expect(data.cache.bytes).toBe(Math.min(i + 2, 3) * perBlock * ITEM_BYTES));
      expect(data.cache.reads).toBe(i + 2);
    }
    await batches.return(undefined);
  });

  it('takes one item alone from a block, and whole blocks for items one after another', async () => {
    const data = await open();
    for (const i of [5, 590, 205, 411]) {
      const { features, nFrames } = await data.get(`item-${i}`);
      expect([nFrames, features.data.length]).toEqual([N_FRAMES, N_FRAMES * WIDTH]);
      expect([features.data[0], features.data.at(-1)]).toEqual([i, Math.fround(i + (N_FRAMES - 1) / N_FRAMES)]);
    }
    // Nothing but the items was read: a block would be kept.
    expect(data.cache).toEqual({ bytes: 0, reads: 4 });
    for (const { id } of data.items()) await data.get(id);
    const blocks = Math.ceil((N_ITEMS * ITEM_BYTES) / 2 ** 21) + N_ITEMS / PER_SHARD;
    expect(data.cache.reads).toBeLessThanOrEqual(4 + 2 * blocks);
    await expect(data.get('item-600')).rejects.toThrow('id must be an id of the data set, got "item-600"');
  });

  it('tells who needs a block what is wrong with it, also where it was asked for ahead', async () => {
    const batches = (await open()).batches({ batchSize: 100, shuffle: true, seed: 1 });
    await rm(join(folder, 'shard-300.arrow'));
    const reading = async () => {
      for await (const { ids } of batches) expect(ids.length).toBeGreaterThan(0);
    };
    await expect(reading()).rejects.toMatchObject({
      code: 'ERR_SHARD',
      message: expect.stringContaining('shard-300.arrow'),
    });
  });
});

describe('texts by hash', () => {
  it('finds rows and the first text that comes twice', () => {
    const texts = Array.from({ length: 5000 }, (_, i) => `text ${i}`);
    const index = new TextIndex(texts.length, (row) => texts[row]!);
    expect([index.twice, index.find('text 4999'), index.find('text 5000')]).toEqual([null, 4999, -1]);
    expect(new TextIndex(4, (row) => 'abca'[row]!).twice).toBe('a');
    expect(new TextIndex(0, () => '').find('')).toBe(-1);
  });

  it('groups rows that are equal', () => {
    const texts = ['b', 'a', null, 'b', 'c', null, 'a', 'b'];
    const groups = [...equalRows(texts.length, (row) => texts[row]!)].sort((a, b) => a[0]! - b[0]!);
    expect(groups).toEqual([
      [0, 3, 7],
      [1, 6],
    ]);
    // Two texts with one hash (FNV-1a, 32 bits) are still two.
    const alike = ['costarring', 'liquid', 'costarring'];
    expect(textHash('costarring')).toBe(textHash('liquid'));
    expect([...equalRows(3, (row) => alike[row]!)]).toEqual([[0, 2]]);
  });
});
