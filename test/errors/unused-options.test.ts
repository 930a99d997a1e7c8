/** No public function takes an option that exists and then does not look at it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeatureDataset } from '../../src/dataset/index.js';
import { ParameterError } from '../../src/errors.js';
import { extract } from '../../src/extract/index.js';
import { logMel, windows } from '../../src/features/index.js';
import { type LayersModel, loadTf } from '../../src/model/index.js';
import { type TrainingRun, train } from '../../src/training/index.js';
import type { Progress } from '../../src/types.js';
import { put, smallCorpus, smallSpec, toneWav } from '../corpus/wav.js';
import { xorModel } from '../training/models.js';
import { xorTable } from '../training/window-table.js';

const XOR = { loss: 'binaryCrossentropy', epochs: 1, engine: 'cpu' } as const;
const STOPPING = { kind: 'earlyStopping' } as const;

let folder: string;
let data: FeatureDataset;
let model: LayersModel;
let run: TrainingRun;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cochlea-unused-'));
  await smallCorpus(join(folder, 'corpus'), 4);
  const items = Array.from({ length: 8 }, (_, i) => ({
    ...{ id: `r${i}`, group: `g${i}`, label: i % 2 },
    features: Float32Array.from({ length: 8 }, (_, at) => 8 * i + at),
  }));
  data = await FeatureDataset.from(items, { windowing: { size: 4 } });
  await loadTf().setBackend('cpu');
  model = xorModel();
  run = await train(model, xorTable(16, 1), XOR);
});
afterAll(() => rm(folder, { recursive: true }));

/** What callers in JavaScript may write: values that the types do not have. */
const untyped = (json: string) => JSON.parse(json);

const CALLS: readonly (readonly [string, string, () => unknown])[] = [
  [
    'statistics per what does not exist',
    'per must be "column" or "all", got "row"',
    () => data.stats(untyped('{"per":"row"}')),
  ],
  [
    'a cache for data sets that have one',
    'cacheBytes must be left out with data sets, each of which has its own cache, got 1000',
    () => FeatureDataset.open([data], { cacheBytes: 1000 }),
  ],
  ['a split without its lists', 'files must be an object', () => data.split(untyped('{"by":"file-list"}'))],
  [
    'a fourth ratio',
    'ratios must be two or three numbers',
    () => data.split(untyped('{"by":"time","ratios":[0.5,0.25,0.25,0]}')),
  ],
  [
    'a third cut',
    'cutoff must be one or two window numbers',
    () => data.split(untyped('{"by":"time","cutoff":[4,8,12]}')),
  ],
  [
    'windows an epoch in order',
    'epochWindows must be absent without shuffle or balance, got 8',
    () => data.batches({ batchSize: 4, shuffle: false, epochWindows: 8 }).next(),
  ],
  [
    'a normalisation that does not exist',
    'normalize.kind must be "none" or "standard", got "minmax"',
    () => windows(new Float32Array(8), untyped('{"size":4,"normalize":{"kind":"minmax"}}')),
  ],
  [
    'a normalisation without numbers',
    'normalize.mean must be an array of numbers',
    () => windows(new Float32Array(8), untyped('{"size":4,"normalize":{"kind":"standard","std":[1]}}')),
  ],
  [
    'a seed of no noise',
    'ditherSeed must be left out where dither is 0, got 7',
    () => logMel({ samples: new Float32Array(800), sampleRate: 16_000 }, { preset: 'kaldi', ditherSeed: 7 }),
  ],
  [
    'a bound of errors where the first one ends it',
    'maxErrors must be left out with strict',
    () => extract(join(folder, 'corpus'), { spec: smallSpec(), out: join(folder, 'out'), strict: true, maxErrors: 3 }),
  ],
  [
    'weights of classes for a loss of values',
    'classWeight must be left out where windows have no classes',
    () => train(model, xorTable(16, 1), { ...XOR, loss: 'meanSquaredError', classWeight: { 1: 2 } }),
  ],
  [
    'weights of classes where the input is learnt',
    'classWeight must be left out where windows have no classes',
    () => train(model, xorTable(16, 1), { ...XOR, target: 'input', classWeight: { 1: 2 } }),
  ],
  [
    'two rules of when to stop',
    'callbacks must be at most one of kind earlyStopping, got 2',
    () => train(model, xorTable(16, 1), { ...XOR, callbacks: [STOPPING, { ...STOPPING, patience: 3 }] }),
  ],
  [
    'names of the outputs of a model with one',
    'labels must be left out for a model with one output',
    () => run.evaluate(xorTable(4, 2), { positive: 'one', labels: ['zero', 'one'] }),
  ],
];

describe('an option that would do nothing', () => {
  it.each(CALLS)('is refused: %s', async (_, told, call) => {
    const error: unknown = await Promise.resolve()
      .then(call)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ParameterError);
    expect(error).toMatchObject({ code: 'ERR_OPTION', message: expect.stringContaining(told) });
  });

  it('leaves nothing behind', async () => {
    expect(await readdir(folder)).toEqual(['corpus']);
  });
});

describe('data sets put together', () => {
  it('are cut as asked', async () => {
    const [even, odd] = [0, 1].map((label) => data.filter((item) => item.label === label));
    const joined = await FeatureDataset.open([even!, odd!], { windowing: { size: 2, stride: 2 } });
    expect([joined.size, joined.windowing.size]).toEqual([8 * 4, 2]);
    for await (const { x } of joined.batches({ batchSize: 3 })) {
      expect([...x]).toEqual([0, 1, 2, 3, 4, 5]);
      break;
    }
    expect((await FeatureDataset.open([even!, odd!])).windowing).toEqual(data.windowing);
  });
});

describe('a dry run', () => {
  const dryRun = { spec: smallSpec(), dryRun: true } as const;

  it('ends as the run would', async () => {
    const corpus = await smallCorpus(join(folder, 'damaged'), 2);
    for (const name of ['x.wav', 'y.wav']) await put(join(corpus, name), toneWav(10).subarray(0, 20));
    const dry = (o: object) => extract(corpus, { ...dryRun, out: join(folder, 'dry'), ...o });
    expect((await dry({})).errors).toHaveLength(2);
    expect((await dry({ maxErrors: 2 })).recordings).toBe(2);
    await expect(dry({ maxErrors: 1 })).rejects.toMatchObject({ code: 'ERR_TOO_MANY_ERRORS' });
    await expect(dry({ strict: true })).rejects.toMatchObject({
      code: 'ERR_AUDIO_READ',
      message: expect.stringContaining(join(corpus, 'x.wav')),
    });
    await Promise.all(Array.from({ length: 65 }, (_, i) => put(join(corpus, `${i}.wav`), toneWav(400))));
    const abort = new AbortController();
    const seen: Progress[] = [];
    const onProgress = (progress: Progress) => {
      seen.push(progress);
      abort.abort();
    };
    await expect(dry({ signal: abort.signal, onProgress })).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED' });
    expect(seen).toEqual([{ stage: 'dry run', done: 0, total: 69 }]);
    expect(await readdir(folder)).not.toContain('dry');
  });

  it('says which shards would be kept', async () => {
    const out = join(folder, 'features');
    const corpus = join(folder, 'corpus');
    await extract(corpus, { spec: smallSpec(), out, workers: 1 });
    expect((await extract(corpus, { ...dryRun, out })).shards).toEqual({ total: 1, reused: 1 });
    expect((await extract(corpus, { ...dryRun, out, resume: false })).shards).toEqual({ total: 1, reused: 0 });
  });
});
