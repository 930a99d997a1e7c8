/** Whole chains as one model, against the detector that runs them stage by stage. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partMetadata, writeBundle } from '../../src/bundle/index.js';
import { createPlan } from '../../src/features/index.js';
import { Detector } from '../../src/inference/index.js';
import { modelToGraph, sequenceLstm, toneCnn } from '../../src/model/index.js';
import { composeChain, graphToOnnx, inspectOnnx } from '../../src/onnx/index.js';
import {
  defineSpec,
  effectiveFeatures,
  modelNames,
  type Spec,
  type SpecInput,
  type StageInput,
  specOfModel,
} from '../../src/spec/index.js';
import { spec as beepSpec, beeps, modelsFor, N_BINS, SAMPLE_RATE, specInput } from '../inference/beeps.js';
import { columnsModel, meanModel } from '../inference/models.js';

/** Scores of order 1 from features that differ in the last bits. */
const CLOSE = 2e-5;
const recording = beeps(8, [1, 3.3, 5]);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cochlea-compose-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Models = Readonly<Record<string, Uint8Array>>;

/** Scores by the detector, whole rows of its last stage. */
async function expectedScores(spec: Spec, models: Models, samples: Float32Array) {
  const path = join(folder, spec.hash);
  await writeBundle(path, { spec, models });
  await using detector = await Detector.load(path);
  const { sequences, startSec, stepSec, spanSec } = await detector.scores({ samples, sampleRate: SAMPLE_RATE });
  const { data, n, width } = sequences.at(-1)!;
  return { data: data.slice(), n, width, timeAxis: { startSec, stepSec, spanSec } };
}

const bytesOf = (spec: Spec, models: Models) =>
  composeChain({ spec, models: new Map(Object.entries(models)), frontEnd: 'inside' });

async function run(bytes: Uint8Array, feeds: Readonly<Record<string, ort.Tensor>>) {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const { scores } = await session.run(feeds);
  await session.release();
  return { data: scores!.data as Float32Array, dims: [...scores!.dims] };
}

const pcmOf = (...recordings: readonly Float32Array[]) => {
  const pcm = Float32Array.from(recordings.flatMap((samples) => [...samples]));
  return { pcm: new ort.Tensor('float32', pcm, [recordings.length, recordings[0]!.length]) };
};

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  expect(a.length).toBeGreaterThan(0);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

async function expectSameScores(spec: Spec, models: Models, samples = recording): Promise<void> {
  const expected = await expectedScores(spec, models, samples);
  const bytes = bytesOf(spec, models);
  const found = await run(bytes, pcmOf(samples));
  expect(found.dims.slice(0, 2)).toEqual([1, expected.n]);
  expect(largestDifference(found.data, expected.data)).toBeLessThanOrEqual(CLOSE);
  const axis = JSON.parse(inspectOnnx(bytes).metadata['cochlea.time_axis']!);
  for (const key of ['startSec', 'stepSec', 'spanSec'] as const) {
    expect(axis[key]).toBeCloseTo(expected.timeAxis[key], 12);
  }
}

const specWith = (change: Partial<SpecInput>) => defineSpec({ ...specInput, decision: null, ...change });

/** One model of windows of `size` frames. */
function oneModel(stage: StageInput, size: number, change: Partial<SpecInput> = {}): [Spec, Models] {
  const spec = specWith({ labels: [], positive: null, ...change, stages: [stage] });
  return [spec, { 'mean.onnx': meanModel({ input: [size, N_BINS], gain: 0.1, spec, bundle: spec }) }];
}

describe('a chain as one model', () => {
  it('gives the scores of the detector', async () => {
    await expectSameScores(beepSpec, modelsFor(beepSpec));
  });

  it('has the hop of its decimation, and names of its models', () => {
    const bytes = bytesOf(beepSpec, modelsFor(beepSpec));
    const { inputs, outputs, opset, metadata, ops } = inspectOnnx(bytes);
    expect(inputs).toEqual([{ name: 'pcm', type: 'float32', shape: ['batch', 'samples'] }]);
    expect(outputs).toEqual([{ name: 'scores', type: 'float32', shape: ['batch', 'window', 1] }]);
    expect([opset, ops.Sigmoid]).toEqual([13, 1]);
    expect(metadata).toMatchObject({ 'cochlea.front_end': 'inside', 'cochlea.spec_hash': beepSpec.hash });
    expect(Buffer.compare(bytes, bytesOf(beepSpec, modelsFor(beepSpec)))).toBe(0);
  });

  it('takes a batch of recordings, and any length', async () => {
    const models = modelsFor(beepSpec);
    const bytes = bytesOf(beepSpec, models);
    const others = [beeps(8, [2]), beeps(8, [])];
    const batch = await run(bytes, pcmOf(recording, ...others));
    const n = batch.dims[1]!;
    expect(batch.dims).toEqual([3, n, 1]);
    for (const [i, samples] of [recording, ...others].entries()) {
      const alone = await run(bytes, pcmOf(samples));
      expect(largestDifference(batch.data.subarray(i * n, (i + 1) * n), alone.data)).toBeLessThanOrEqual(CLOSE);
    }
    for (const nSamples of [16_000, 33_333]) {
      await expectSameScores(beepSpec, models, recording.subarray(0, nSamples));
    }
  });

  it.each([
    ['drop', 7, 3],
    ['drop', 3, 7],
    ['pad', 7, 3],
    ['pad', 3, 7],
    ['pad', 5, 5],
    ['pad', 2000, 10],
    ['partial', 7, 3],
    ['partial', 3, 7],
    ['partial', 4, 1],
  ] as const)('cuts windows with the tail %s, %i frames every %i', async (tail, size, stride) => {
    const windowing = { size, stride, tail, padValue: -1.5 };
    const normalize = { kind: 'standard' as const, mean: [-20], std: [30] };
    const [spec, models] = oneModel({ windowing, normalize, model: 'mean.onnx' }, size);
    for (const nSamples of [8000, 8000 + 80, 8000 + 5 * 80 + 1]) {
      await expectSameScores(spec, models, recording.subarray(16_000, 16_000 + nSamples));
    }
  });

  it('normalises columns and peaks', async () => {
    const columns = (from: number) => Array.from({ length: N_BINS }, (_, i) => from + i);
    const normalize = { kind: 'standard' as const, mean: columns(-60), std: columns(10) };
    const stage = { windowing: { size: 4, stride: 2 }, normalize, model: 'mean.onnx' };
    const audio = { sampleRate: SAMPLE_RATE, normalize: 'peak' as const };
    await expectSameScores(...oneModel(stage, 4, { audio }));
  });

  it('has stages without a model, and several scores', async () => {
    const stages = [
      { windowing: { size: 3, stride: 2, tail: 'pad' as const, padValue: 7 } },
      { binarize: -32.1 },
      { decimate: 3 },
      { windowing: { size: 2 }, model: 'columns.onnx' },
    ];
    const labels = ['a', 'b', 'c'];
    const spec = specWith({ labels, positive: 'b', stages });
    const models = { 'columns.onnx': columnsModel({ input: [6 * N_BINS], nOut: 3, spec }) };
    await expectSameScores(spec, models);
    expect(inspectOnnx(bytesOf(spec, models)).outputs[0]!.shape).toEqual(['batch', 'window', 3]);
  });

  it('may use one model twice', async () => {
    const stage = { windowing: { size: 5, stride: 5 }, model: 'mean.onnx' };
    const spec = specWith({
      labels: [],
      positive: null,
      features: { ...specInput.features, kind: 'stft', fMin: 4000, fMax: 4000 },
      stages: [stage, stage],
    });
    await expectSameScores(spec, { 'mean.onnx': meanModel({ input: [5], gain: 0.1, spec, bundle: spec }) });
  });

  it.each([13, 17, 26])('joins trained networks of opset %i', async (opset) => {
    const stages = [
      { windowing: { size: 1 }, normalize: { kind: 'standard' as const, mean: [-40], std: [20] }, model: 'tone.onnx' },
      { binarize: 0.5 },
      { decimate: 20 },
      { windowing: { size: 10 }, model: 'sequence.onnx' },
    ];
    const spec = specWith({ stages });
    const networks = {
      'tone.onnx': toneCnn({ bins: N_BINS, seed: 3 }),
      'sequence.onnx': sequenceLstm({ length: 10, seed: 4 }),
    };
    const models = Object.fromEntries(
      Object.entries(networks).map(([name, model]) => [
        name,
        graphToOnnx(modelToGraph(model), { opset, metadata: partMetadata(spec, name) }),
      ]),
    );
    await expectSameScores(spec, models);
  });

  it.each([1, 100, 399, 400, 16_000, 15_599, 15_600])(
    'has as many scores as windows fit into %i samples',
    async (nSamples) => {
      const models = modelsFor(beepSpec);
      const expected = await expectedScores(beepSpec, models, recording.subarray(0, nSamples));
      const { dims } = await run(bytesOf(beepSpec, models), pcmOf(recording.subarray(0, nSamples)));
      expect(dims).toEqual([1, expected.n, 1]);
      const networks = {
        'tone.onnx': toneCnn({ bins: N_BINS, seed: 3 }),
        'sequence.onnx': sequenceLstm({ length: 10 }),
      };
      const trained = Object.entries(networks).map(([name, model]) => [name, graphToOnnx(modelToGraph(model))]);
      const empty = await run(bytesOf(beepSpec, Object.fromEntries(trained)), pcmOf(recording.subarray(0, nSamples)));
      expect(empty.dims).toEqual([1, expected.n, 1]);
    },
  );

  it('has the same values above a threshold', async () => {
    // 0.35 lies between two float32, and so does -0.35; 0.5 is one.
    const near = [0.35, -0.35, 0.5].map((value) => Math.fround(value));
    const ulp = 2 ** -25;
    const values = near.flatMap((value) => [value - ulp, value, value + ulp]);
    const features = new ort.Tensor('float32', Float32Array.from(values), [1, values.length, 1]);
    for (const threshold of [0.35, -0.35, 0.5, Math.fround(0.35)]) {
      const stages = [{ binarize: threshold }, { windowing: { size: 1 }, model: 'mean.onnx' }];
      const oneBin = { ...specInput.features, kind: 'stft' as const, fMin: 4000, fMax: 4000 };
      const spec = specWith({ labels: [], positive: null, features: oneBin, stages });
      const models = new Map([['mean.onnx', meanModel({ input: [1], spec, bundle: spec })]]);
      const { data } = await run(composeChain({ spec, models, frontEnd: 'none' }), { features });
      expect([...data]).toEqual([...Float32Array.from(values)].map((value) => (value >= threshold ? 1 : 0)));
    }
  });

  it('begins at features where the front-end stays outside', async () => {
    const models = modelsFor(beepSpec);
    const bytes = composeChain({ spec: beepSpec, models: new Map(Object.entries(models)), frontEnd: 'none' });
    const plan = createPlan(effectiveFeatures(beepSpec).features);
    const { data, nFrames } = plan.process({ samples: recording, sampleRate: SAMPLE_RATE });
    const features = new ort.Tensor('float32', data, [1, nFrames, N_BINS]);
    const expected = await expectedScores(beepSpec, models, recording);
    expect(largestDifference((await run(bytes, { features })).data, expected.data)).toBeLessThanOrEqual(CLOSE);
  });
});

describe('a chain that cannot be one model', () => {
  const [spec, models] = oneModel({ windowing: { size: 4 }, model: 'mean.onnx' }, 4);
  const compose =
    (given: Models, of = spec) =>
    () =>
      bytesOf(of, given);

  it('is refused where models are missing or too many', () => {
    expect(compose({})).toThrow('models must be mean.onnx, got "none"');
    expect(compose({ ...models, other: models['mean.onnx']! })).toThrow(/^models must be mean.onnx, got /);
  });

  it('is refused where models are of several opsets', () => {
    const { 'tone.onnx': tone } = modelsFor(beepSpec);
    const sequence = graphToOnnx(modelToGraph(sequenceLstm({ length: 10 })), { opset: 17 });
    expect(compose({ 'tone.onnx': tone!, 'sequence.onnx': sequence }, beepSpec)).toThrow(
      /^opset of sequence.onnx must be 13, as that of tone.onnx, .*, got 17$/,
    );
  });

  it('is refused where a model takes other windows, or has a batch of its own', () => {
    const other = (o: { input: number[]; batch?: number }) => ({
      'mean.onnx': meanModel({ ...o, spec, bundle: spec }),
    });
    expect(compose(other({ input: [5, N_BINS] }))).toThrow(
      `input of mean.onnx must be as large as its windows (${4 * N_BINS} numbers), got`,
    );
    expect(compose(other({ input: [4, N_BINS], batch: 1 }))).toThrow(/^input of mean.onnx must be one float32 tensor/);
  });

  it('is not served by a detector, which says what to use', async () => {
    await expect(Detector.load(bytesOf(spec, models))).rejects.toMatchObject({
      code: 'ERR_MODEL_FILE',
      message: expect.stringMatching(/front-end inside, which takes PCM .*: run it in onnxruntime itself, or load/),
    });
  });

  it('has a spec of each of its models', () => {
    expect(modelNames(beepSpec).map((name) => specOfModel(beepSpec, name).stages.length)).toEqual([1, 4]);
  });
});
