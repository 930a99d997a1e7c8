import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FeatureStore } from '../../src/dataset/feature-store.js';
import { FolderItems } from '../../src/dataset/folder-items.js';
import { FeatureDataset, type ItemInput, type Parts } from '../../src/dataset/index.js';
import { DatasetError } from '../../src/errors.js';
import { extract } from '../../src/extract/index.js';
import type { ShardEntry } from '../../src/shards/index.js';
import { put, smallSpec, temporaryFolder, toneWav } from '../corpus/wav.js';

/** Frames of 16 bands every 10 ms. */
const spec = smallSpec();
const WIDTH = 16;
const FRAMES_A_SECOND = 100;

let made = 0;
/** So many seconds of features that nothing else has. */
function features(sec: number): { data: Float32Array; shape: number[] } {
  const nFrames = Math.round(sec * FRAMES_A_SECOND);
  made += 1;
  return { data: Float32Array.from({ length: nFrames * WIDTH }, (_, i) => made + i / 1e4), shape: [nFrames, WIDTH] };
}

function cut(
  id: string,
  path: string,
  startSec: number,
  durationSec: number,
  more: Partial<ItemInput> = {},
): ItemInput {
  return { id, path, startSec, durationSec, label: 'loud', features: features(durationSec), ...more };
}

const open = (items: ItemInput[]) => FeatureDataset.from(items, { spec });

async function partsOf(train: string[], test: string[], items: ItemInput[]): Promise<Parts<FeatureDataset>> {
  return (await open(items)).split({ by: 'file-list', files: { train, test } });
}

const clean = (parts: Parts<FeatureDataset>, o = {}) =>
  expect(FeatureDataset.refuseLeaks(parts, o)).resolves.toBeUndefined();
const leaks = (parts: Parts<FeatureDataset>, what: RegExp, o = {}) =>
  expect(FeatureDataset.refuseLeaks(parts, o)).rejects.toMatchObject({
    code: 'ERR_LEAK',
    message: expect.stringMatching(what),
    constructor: DatasetError,
  });

describe('cuts and channels of one recording', () => {
  it('leak where their sound overlaps, however little, and not where one ends and the next begins', async () => {
    const next = [cut('a', '/f.wav', 0, 1), cut('b', '/f.wav', 1, 1), cut('c', '/g.wav', 0.5, 1)];
    await clean(await partsOf(['a'], ['b', 'c'], next));
    // A centred front-end has one frame more than the cut has steps: it stands for nothing of the next cut.
    const hanging = [cut('a', '/f.wav', 0, 1, { features: features(1.01) }), cut('b', '/f.wav', 1, 1)];
    await clean(await partsOf(['a'], ['b'], hanging));
    const overlapping = [cut('a', '/f.wav', 0, 1), cut('b', '/f.wav', 0.98, 1)];
    await leaks(await partsOf(['a'], ['b'], overlapping), /parts train and test .*frames from 98 on of a and b/);
    // In tenths of a second that binary fractions do not have.
    const tenths = [cut('a', '/f.wav', 0.1, 0.2), cut('b', '/f.wav', 0.3, 0.3), cut('c', '/f.wav', 0.6, 0.1)];
    await clean(await partsOf(['a', 'c'], ['b'], tenths));
  });

  it('leak where two parts have one channel each', async () => {
    const channels = [cut('f.wav#0', '/f.wav', 0, 1, { channel: 0 }), cut('f.wav#1', '/f.wav', 0, 1, { channel: 1 })];
    await leaks(await partsOf(['f.wav#0'], ['f.wav#1'], channels), /f\.wav#0 and f\.wav#1/);
  });

  it('leak without a spec that says how long a frame is: then cuts are taken to overlap', async () => {
    const items = [cut('a', '/f.wav', 0, 1), cut('b', '/f.wav', 5, 1)];
    const data = await FeatureDataset.from(items, { windowing: { size: 5 } });
    await leaks(data.split({ by: 'file-list', files: { train: ['a'], test: ['b'] } }), /a and b/);
  });

  it('stay together in a stratified split, which counts recordings', async () => {
    const items = Array.from({ length: 40 }, (_, i) =>
      Array.from({ length: 1 + (i % 3) }, (_, part) =>
        cut(`${i}-${part}`, `/${i}.wav`, part, 1, { label: i % 4 === 0 || part === 2 ? 'loud' : 'quiet' }),
      ),
    ).flat();
    const data = await open(items);
    const parts = data.split({ by: 'stratified', ratios: [0.5, 0.25, 0.25], seed: 3 });
    const files = Object.values(parts).map((part) => new Set([...part.items()].map(({ path }) => path)));
    // Of thirty quiet and ten loud ones, cut at a half and three quarters.
    expect(files.map((paths) => paths.size)).toEqual([15 + 5, 8 + 3, 7 + 2]);
    expect(new Set(files.flatMap((paths) => [...paths])).size).toBe(40);
    // A recording counts as what most of its cuts are.
    const loud = files.map((paths) => [...paths].filter((path) => Number(path!.slice(1, -4)) % 4 === 0).length);
    expect(loud).toEqual([5, 3, 2]);
    await clean(parts);
  });
});

describe('purge', () => {
  it('is asked for on either side of each cut, in windows', async () => {
    const data = await open([cut('a', '/f.wav', 0, 10)]);
    const parts = data.split({ by: 'time', cutoff: 500, purge: 7 });
    await clean(parts, { purge: 7 });
    await leaks(parts, /\d+ have to lie between/, { purge: 8 });
    // Two drop all shared frames, so this is no leak but for the purge.
    await clean(data.split({ by: 'time', cutoff: 500, purge: 2 }));
    await leaks(data.split({ by: 'time', cutoff: 500, purge: 2 }), /have to lie between/, { purge: 3 });
  });

  it('goes for cuts of one recording too', async () => {
    const parts = await partsOf(['a'], ['b'], [cut('a', '/f.wav', 0, 1), cut('b', '/f.wav', 1.1, 1)]);
    // Ten frames lie between; windows of five at stride one ask for 2·purge + 1 − 5.
    await clean(parts, { purge: 7 });
    await leaks(parts, /a and b/, { purge: 8 });
  });

  it('is a whole number, and duplicates one of two words', async () => {
    const parts = await partsOf(['a'], ['b'], [cut('a', '/f.wav', 0, 1), cut('b', '/g.wav', 0, 1)]);
    await expect(FeatureDataset.refuseLeaks(parts, { purge: -1 })).rejects.toThrow(/purge must be a whole number/);
    const o = JSON.parse('{ "duplicates": true }');
    await expect(FeatureDataset.refuseLeaks(parts, o)).rejects.toThrow(/duplicates must be "refuse" or "allow"/);
  });
});

describe('duplicates', () => {
  it('are found by their bytes, whatever their names', async () => {
    const same = features(1);
    const copy = { ...same, data: same.data.slice() };
    const items = [cut('a', '/f.wav', 0, 1, { features: same }), cut('b', '/g.wav', 3, 1, { features: copy })];
    const parts = await partsOf(['a'], ['b'], [...items, cut('c', '/h.wav', 0, 1)].slice(0, 2));
    await leaks(parts, /the same features, of a and b/);
    await clean(parts, { duplicates: 'allow' });
    copy.data[7] = 0;
    await clean(await partsOf(['a'], ['b'], items));
    await clean(await partsOf(['a', 'b'], ['c'], [...items, cut('c', '/h.wav', 0, 1)]));
  });

  it('cut in time are so where their times meet', async () => {
    const same = features(4);
    const data = await open([
      cut('a', '/f.wav', 0, 4, { features: same }),
      cut('b', '/g.wav', 0, 4, { features: { ...same, data: same.data.slice() } }),
    ]);
    // The cut lies in the second one: the first part of it is in both.
    await leaks(data.split({ by: 'time', ratios: [0.75, 0.25] }), /the same features, of a and b/);
    await clean((await open([cut('a', '/f.wav', 0, 4)])).split({ by: 'time', ratios: [0.75, 0.25] }));
  });

  it('of a folder of features', async () => {
    const folder = await temporaryFolder();
    for (const [name, seed] of [
      ['a', 1],
      ['b', 2],
      ['again', 1],
    ] as const) {
      await put(join(folder, 'in', `${name}.wav`), toneWav(4000, { seed }));
    }
    await extract(join(folder, 'in'), { spec, out: join(folder, 'out') });
    const data = await FeatureDataset.open(join(folder, 'out'));
    const split = (train: string[], test: string[]) => data.split({ by: 'file-list', files: { train, test } });
    await leaks(split(['a.wav', 'b.wav'], ['again.wav']), /the same features, of a\.wav and again\.wav/);
    await clean(split(['a.wav', 'again.wav'], ['b.wav']));
  });

  it('among rows of a table are no leak: short rows repeat', async () => {
    const table = await put(join(await temporaryFolder(), 't.csv'), '0,1,response\n0,1,0\n0,1,1\n1,0,0\n0,1,0\n');
    const data = await FeatureDataset.from({ table });
    await clean(data.split({ by: 'file-list', files: { train: ['1', '2'], test: ['3', '4'] } }));
  });
});

describe('a folder in columns', () => {
  const block = { path: '/out/s.arrow', byteOffset: 512, length: 500 * WIDTH };
  const entry = (o: Partial<ShardEntry>): ShardEntry => ({
    ...{
      id: 'x',
      path: 'x.wav',
      group: null,
      label: null,
      sampleRate: 8000,
      startSec: 0,
      durationSec: 1,
      channel: null,
    },
    ...{ contentHash: '0123456789abcdef', labels: [], nFrames: 98, firstFrame: 0, block },
    ...o,
  });
  const timing = { startSec: 0, stepSec: 0.01, spanSec: 0.032 };

  it('gives back what went in, times counted from the start of the recording', () => {
    const items = new FolderItems('/corpus', timing, new FeatureStore(1000));
    const labels = [{ startSec: 0.25, endSec: 0.5, label: 'beep' }];
    items.add(
      [
        entry({}),
        entry({ id: 'ü/β#1', path: 'ü/β.wav', group: 'g', label: 'l', channel: 1, startSec: 2.5, labels }),
        entry({ id: 'z', firstFrame: 196, contentHash: 'fedcba9800000001', labels: [] }),
      ],
      WIDTH,
    );
    items.trim();
    expect(items.length).toBe(3);
    expect(items.facts(0)).toEqual({
      ...{ id: 'x', path: resolve('/corpus/x.wav'), group: undefined, label: undefined, labels: [], durationSec: 1 },
      ...{ sampleRate: 8000, nFrames: 98 },
    });
    expect(items.facts(1)).toMatchObject({
      ...{ id: 'ü/β#1', path: resolve('/corpus/ü/β.wav'), group: 'g', label: 'l', channel: 1, startSec: 2.5 },
      labels: [{ startSec: 2.75, endSec: 3, label: 'beep' }],
    });
    expect(items.origin(1)).toEqual({ series: resolve('/corpus/ü/β.wav'), firstFrame: 250, nFrames: 98 });
    expect([0, 2].map((item) => items.contentHash(item))).toEqual(['0123456789abcdef', 'fedcba9800000001']);
    expect([items.source(0).block, items.source(0).blockBytes]).toEqual([items.source(2).block, block.length * 4]);
  });
});
