import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBundle } from '../../src/bundle/index.js';
import { type LayersModel, loadTf, sequenceLstm, toneCnn } from '../../src/model/index.js';
import { readOnnxMetadata } from '../../src/onnx/index.js';

import { defineSpec, specOfModel } from '../../src/spec/index.js';
import { type EpochRecord, exportOnnx, saveBundle, type TrainOptions, train } from '../../src/training/index.js';

import { maxAbsDifference, weightsOf, xorModel } from './models.js';
import { TFJS_ENGINE } from './tested-engines.js';
import { memoryTable, random, WindowTable, xorTable } from './window-table.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cochlea-training-'));
  await loadTf().setBackend('cpu');
});
afterEach(() => rm(folder, { recursive: true }));

const XOR = { loss: 'binaryCrossentropy', epochs: 3, batchSize: 16, engine: TFJS_ENGINE } as const;

const DECAY = { schedule: 'exponentialDecay', initial: 0.001, decaySteps: 9, decayRate: 0.9 } as const;

describe('a run with a folder', () => {
  it('is recognised when it is finished, and not done again', async () => {
    const out = join(folder, 'run');
    const first = await train(xorModel(), xorTable(64, 1), { ...XOR, validation: xorTable(32, 2), out });
    expect((await readdir(out)).sort()).toEqual(['history.json', 'weights.bin']);
    const model = xorModel();
    const second = await train(model, xorTable(64, 1), { ...XOR, validation: xorTable(32, 2), out });
    expect([first.resumed, second.resumed]).toEqual([false, true]);
    expect(second.history).toEqual(first.history);
    expect(second.stoppedBy).toBe('epochs');
    expect(weightsOf(model)).toEqual(weightsOf(first.model));
    expect(await second.predict(xorTable(8, 3))).toEqual(await first.predict(xorTable(8, 3)));
  });

  it.each<[string, Change]>([
    ['data', { table: xorTable(64, 9) }],
    ['options', { options: { seed: 1 } }],
    ['callbacks', { options: { callbacks: [{ kind: 'reduceLROnPlateau', patience: 1 }] } }],
    ['rates', { options: { optimizer: { name: 'adam', learningRate: DECAY } } }],
    ['initial weights', { model: () => xorModel({ seed: 2 }) }],
    ['layers', { model: () => xorModel({ dropout: 0.1 }) }],
  ])('is done again with other %s', async (_name, change: Change) => {
    const { table = xorTable(64, 1), options = {}, model = xorModel } = change;
    await train(xorModel(), xorTable(64, 1), { ...XOR, out: folder });
    expect((await train(model(), table, { ...XOR, ...options, out: folder })).resumed).toBe(false);
  });

  it('is done again where its weights are damaged', async () => {
    await train(xorModel(), xorTable(64, 1), { ...XOR, out: folder });
    await writeFile(join(folder, 'weights.bin'), 'not weights');
    expect((await train(xorModel(), xorTable(64, 1), { ...XOR, out: folder })).resumed).toBe(false);
  });

  it('is done again where it was cut short', async () => {
    const abort = new AbortController();
    const training = train(xorModel(), xorTable(64, 1), {
      ...XOR,
      out: folder,
      signal: abort.signal,
      callbacks: [{ kind: 'epochEnd', run: () => abort.abort() }],
    });
    await expect(training).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED' });
    expect(JSON.parse(await readFile(join(folder, 'history.json'), 'utf8'))).toMatchObject({
      stoppedBy: null,
      bestEpoch: 1,
    });
    expect((await train(xorModel(), xorTable(64, 1), { ...XOR, out: folder })).resumed).toBe(false);
  });

  it('cut short and done again, comes to the same rates and weights as without the cut', async () => {
    const falling = { kind: 'reduceLROnPlateau', patience: 1, minDelta: 1000 } as const;
    const options = { ...XOR, out: folder };
    const abort = new AbortController();
    const cut = {
      kind: 'epochEnd',
      run: ({ epoch }: EpochRecord) => {
        if (epoch === 2) abort.abort();
      },
    } as const;
    const training = train(xorModel(), xorTable(64, 1), {
      ...options,
      signal: abort.signal,
      callbacks: [falling, cut],
    });
    await expect(training).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED' });
    const again = await train(xorModel(), xorTable(64, 1), { ...options, callbacks: [falling] });
    const whole = await train(xorModel(), xorTable(64, 1), { ...XOR, callbacks: [falling] });
    expect(again.resumed).toBe(false);
    const rates = again.history.map(({ learningRate }) => learningRate);
    expect(rates.map((rate) => rate / 0.001)).toEqual([1, 1, expect.closeTo(0.1, 12)]);
    expect(whole.history.map(({ learningRate }) => learningRate)).toEqual(rates);
    expect(weightsOf(again.model)).toEqual(weightsOf(whole.model));
  });
});

interface Change {
  readonly table?: WindowTable;
  readonly options?: Partial<TrainOptions>;
  readonly model?: () => LayersModel;
}

/** Spectra with or without a peak. */
function spectra(n: number, bins: number): WindowTable {
  const next = random(4);
  const rows = Array.from({ length: n }, (_, i) =>
    Array.from({ length: bins }, (_, bin) => next() + (i % 2 === 1 && bin === 20 ? 3 : 0)),
  );
  return new WindowTable(
    rows,
    rows.map((_, i) => [i % 2]),
    [1, bins],
  );
}

const CHAIN = defineSpec({
  task: 'sequence',
  audio: { sampleRate: 16_000 },
  features: { kind: 'logMel', nMels: 60 },
  stages: [
    { windowing: { size: 1, stride: 1, tail: 'drop' }, model: 'tone.onnx' },
    { binarize: 0.5 },
    { decimate: 20 },
    { windowing: { size: 8, stride: 1, tail: 'drop' }, model: 'sequence.onnx' },
  ],
  labels: ['other', 'alarm'],
  positive: 'alarm',
});

describe('export', () => {
  const quick = { loss: 'binaryCrossentropy', steps: 3, batchSize: 8, engine: 'wasm' } as const;

  it('gives in onnxruntime what the run predicts', async () => {
    const tone = await train(toneCnn({ bins: 60 }), spectra(32, 60), quick);
    const sequence = await train(sequenceLstm({ length: 8 }), memoryTable(32, 8, 1), quick);
    for (const [run, table, shape] of [
      [tone, spectra(20, 60), [20, 60, 1]],
      [sequence, memoryTable(20, 8, 2), [20, 8, 1]],
    ] as const) {
      const session = await InferenceSession.create(exportOnnx(run.model));
      for await (const batch of table.batches({ batchSize: 20 })) {
        const result = await session.run({ [session.inputNames[0]!]: new Tensor('float32', batch.x, shape) });
        const scores = result[session.outputNames[0]!]!.data as Float32Array;
        expect(maxAbsDifference([...scores], [...(await run.predict(table))])).toBeLessThanOrEqual(1e-5);
      }
    }
  });

  it('names the layer that has no ONNX form', () => {
    const { layers, sequential } = loadTf();
    const odd = layers.conv3d({ name: 'odd', filters: 1, kernelSize: 2, inputShape: [3, 3, 3, 1] });
    expect(() => exportOnnx(sequential({ layers: [odd] }))).toThrow(
      expect.objectContaining({
        name: 'ExportError',
        code: 'ERR_EXPORT',
        message: expect.stringContaining('"odd" (Conv3D)'),
        details: { layer: 'odd', className: 'Conv3D' },
      }),
    );
  });

  it('refuses what this version does not write', () => {
    expect(() => exportOnnx(xorModel(), JSON.parse('{"precision":"float8"}'))).toThrow(
      'precision must be float32 | float16 | int8, got "float8"',
    );
    expect(() => exportOnnx(xorModel(), { frontEnd: 'inside' })).toThrow(/spec must be one of a single model/);
    expect(() => exportOnnx(xorModel(), { frontEnd: 'outside' as 'none' })).toThrow(
      /frontEnd must be "none" or "inside"/,
    );
  });

  it('writes a chain as a bundle that reads back', async () => {
    const path = join(folder, 'bundle');
    const tone = await train(toneCnn({ bins: 60 }), spectra(16, 60), quick);
    const card = { metrics: { accuracy: 1 }, licences: 'CC0' };
    await saveBundle(path, {
      spec: CHAIN,
      models: { 'tone.onnx': tone, 'sequence.onnx': sequenceLstm({ length: 8 }) },
      card,
    });
    const bundle = await readBundle(path);
    expect(bundle.spec.hash).toBe(CHAIN.hash);
    expect([...bundle.models.keys()]).toEqual(['tone.onnx', 'sequence.onnx']);
    expect(bundle.card).toEqual(card);
    const metadata = readOnnxMetadata(bundle.models.get('tone.onnx')!);
    // What is measured is what the whole chain does, which its last model says.
    expect(metadata).toMatchObject({
      'cochlea.spec_hash': specOfModel(CHAIN, 'tone.onnx').hash,
      'cochlea.bundle_hash': CHAIN.hash,
      'cochlea.licences': card.licences,
    });
    expect(metadata).not.toHaveProperty('cochlea.metrics');
    const last = readOnnxMetadata(bundle.models.get('sequence.onnx')!);
    expect(last).toMatchObject({ 'cochlea.spec_hash': CHAIN.hash, 'cochlea.bundle_hash': CHAIN.hash });
    expect(JSON.parse(last['cochlea.metrics']!)).toEqual(card.metrics);
  });

  it('writes the same bytes again, which each serve by themselves', async () => {
    const models = {
      'tone.onnx': toneCnn({ bins: 60, seed: 1 }),
      'sequence.onnx': sequenceLstm({ length: 8, seed: 2 }),
    };
    const paths = [join(folder, 'one'), join(folder, 'two')];
    for (const path of paths) await saveBundle(path, { spec: CHAIN, models });
    for (const name of ['tone.onnx', 'sequence.onnx', 'spec.json']) {
      const [one, two] = await Promise.all(paths.map((path) => readFile(join(path, name))));
      expect(one!.equals(two!)).toBe(true);
    }
    expect((await readBundle(join(folder, 'one/tone.onnx'))).spec.stages).toEqual(CHAIN.stages.slice(0, 1));
    expect((await readBundle(join(folder, 'one/sequence.onnx'))).spec.hash).toBe(CHAIN.hash);
  });

  it('writes one model as one file', async () => {
    const spec = defineSpec({ ...CHAIN.toJSON(), stages: CHAIN.stages.slice(0, 1) });
    const run = await train(toneCnn({ bins: 60 }), spectra(16, 60), quick);
    await run.saveBundle(join(folder, 'tone.onnx'), { spec });
    expect((await readBundle(join(folder, 'tone.onnx'))).spec.hash).toBe(spec.hash);
  });

  it('puts its model into the spec of its data', async () => {
    const { model: _, ...stage } = CHAIN.stages[0] as Record<string, unknown>;
    const spec = defineSpec({ ...CHAIN.toJSON(), stages: [stage as never] });
    const table = Object.assign(spectra(16, 60), { spec });
    const run = await train(toneCnn({ bins: 60 }), table, quick);
    await run.saveBundle(join(folder, 'tone'));
    expect((await readdir(join(folder, 'tone'))).sort()).toEqual(['card.json', 'model.onnx', 'spec.json']);
    const without = await train(xorModel(), xorTable(16, 1), XOR);
    await expect(without.saveBundle(join(folder, 'none'))).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });

  it('wants exactly the models of the stages', async () => {
    const saving = saveBundle(join(folder, 'b'), { spec: CHAIN, models: { 'tone.onnx': toneCnn({ bins: 60 }) } });
    await expect(saving).rejects.toMatchObject({ code: 'ERR_OPTION' });
    expect(await readdir(folder)).toEqual([]);
  });
});
