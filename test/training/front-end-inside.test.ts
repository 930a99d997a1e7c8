/** A trained model with the front-end inside it, against the detector of its bundle. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Detector } from '../../src/inference/index.js';
import { sequenceLstm } from '../../src/model/index.js';
import { readOnnxMetadata } from '../../src/onnx/index.js';
import { defineSpec, type SpecInput } from '../../src/spec/index.js';
import { exportOnnx, saveBundle } from '../../src/training/index.js';
import { sound } from '../onnx/sound.js';

const SAMPLE_RATE = 16_000;
const SPEC: SpecInput = {
  task: 'classify',
  audio: { sampleRate: SAMPLE_RATE },
  features: { kind: 'mfcc', nMfcc: 1, nMels: 40, nFft: 512, hopLength: 160, topDb: null },
  stages: [{ windowing: { size: 20, stride: 10 }, normalize: { kind: 'standard', mean: [-300], std: [100] } }],
  labels: ['other', 'voice'],
  positive: 'voice',
};
const model = sequenceLstm({ length: 20, seed: 5 });
const spec = defineSpec(SPEC);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cochlea-inside-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('scores PCM as the detector does', async () => {
  const named = defineSpec({ ...SPEC, stages: [{ ...SPEC.stages![0]!, model: 'model.onnx' }] });
  const path = join(folder, 'model.onnx');
  await saveBundle(path, { spec: named, models: { 'model.onnx': model } });
  await using detector = await Detector.load(path);
  const samples = sound(2 * SAMPLE_RATE, 1);
  const expected = await detector.scores({ samples, sampleRate: SAMPLE_RATE });
  expect(expected.scores.length).toBeGreaterThan(10);

  const bytes = exportOnnx(model, { spec, frontEnd: 'inside', card: { licences: 'CC0-1.0' } });
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  const { scores } = await session.run({ pcm: new Tensor('float32', samples, [1, samples.length]) });
  expect(scores!.dims).toEqual([1, expected.scores.length, 1]);
  const found = scores!.data as Float32Array;
  const worst = found.reduce((largest, score, i) => Math.max(largest, Math.abs(score - expected.scores[i]!)), 0);
  expect(worst).toBeLessThanOrEqual(1e-5);
  expect(readOnnxMetadata(bytes)).toMatchObject({
    'cochlea.spec_hash': named.hash,
    'cochlea.licences': 'CC0-1.0',
    'cochlea.time_axis': JSON.stringify({
      startSec: expected.startSec,
      stepSec: expected.stepSec,
      spanSec: expected.spanSec,
    }),
  });
});

it('takes a spec of one model, and a file', async () => {
  expect(() => exportOnnx(model, { frontEnd: 'inside' })).toThrow(/^spec must be one of a single model, .*got "none"$/);
  const [stage] = SPEC.stages!;
  const stages = ['a.onnx', 'b.onnx'].map((name) => ({ ...stage!, model: name }));
  const chain = defineSpec({ ...SPEC, stages });
  expect(() => exportOnnx(model, { spec: chain, frontEnd: 'inside' })).toThrow(/got "a.onnx, b.onnx"$/);
  const named = defineSpec({ ...SPEC, stages: [{ ...stage!, model: 'model.onnx' }] });
  const models = { 'model.onnx': model };
  await expect(saveBundle(folder, { spec: named, models, frontEnd: 'inside' })).rejects.toThrow(
    /^path must be a file.onnx, for a front-end inside/,
  );
});
