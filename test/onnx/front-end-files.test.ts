/** Front-ends inside models, kept for the runtimes of `npm run test:onnx`. */
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { frontEndToOnnx } from '../../src/onnx/index.js';
import { resolveFeatures } from '../../src/spec/index.js';
import { keepRun } from './cases/kept-runs.js';
import { FRONT_END_CASES, type FrontEndCase } from './front-end-cases.js';
import { sound } from './sound.js';

const SAMPLES = 6400;
/** Of the largest number: one float32 evaluation against another. */
const RELATIVE = 1e-4;
const isKept = process.env.COCHLEA_ONNX_FILES !== undefined;

async function keep({ name, options }: FrontEndCase, index: number): Promise<void> {
  const bytes = frontEndToOnnx(resolveFeatures({ ...options }));
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const data = sound(SAMPLES, index + 1);
  const { features } = await session.run({ pcm: new ort.Tensor('float32', data, [1, SAMPLES]) });
  const made = features!.data as Float32Array;
  const largest = made.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest, name).toBeGreaterThan(0);
  keepRun(`front-end-${String(index).padStart(3, '0')}`, bytes, () => ({
    title: name,
    inputs: [{ shape: [1, SAMPLES], data }],
    outputs: [{ shape: [...features!.dims], data: made }],
    tolerance: RELATIVE * largest,
  }));
  await session.release();
}

it.skipIf(!isKept)(
  'front-ends are kept for other runtimes (by npm run test:onnx, which names a folder for them)',
  async () => {
    for (const [index, test] of FRONT_END_CASES.entries()) await keep(test, index);
  },
);
