import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type LayersModel, loadTf, modelToGraph, outputNames } from '../../src/model/index.js';
import { graphToOnnx } from '../../src/onnx/index.js';
import { seededFloats } from '../graph/random.js';
import { type ConformanceCase, conformanceCases } from './conformance-cases.js';

const tf = loadTf();

/** Two float32 evaluations of the same sums in another order; outputs are of order 1. */
const MAX_ABS_DIFF = 1e-5;
const OPEN_LENGTH = 10;

function itemShape(test: ConformanceCase): number[] {
  return test.inputShape.map((dim) => dim ?? OPEN_LENGTH);
}

function predict(model: LayersModel, x: Float32Array, shape: number[]): { data: Float32Array; shape: number[] } {
  return tf.tidy(() => {
    const y = model.predict(tf.tensor(x, shape));
    if (Array.isArray(y)) throw new Error('one output expected');
    return { data: Float32Array.from(y.dataSync()), shape: y.shape };
  });
}

async function expectSameScores(test: ConformanceCase, batches: readonly number[]): Promise<void> {
  const model = test.build();
  const bytes = graphToOnnx(modelToGraph(model));
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  expect(session.inputNames).toEqual(['input']);
  expect(session.outputNames).toEqual(outputNames(model));
  for (const batch of batches) {
    const shape = [batch, ...itemShape(test)];
    const x = seededFloats(
      shape.reduce((product, dim) => product * dim, 1),
      batch,
    );
    const expected = predict(model, x, shape);
    const outputs = await session.run({ input: new ort.Tensor('float32', x, shape) });
    const got = outputs[session.outputNames[0]!]!;
    expect([...got.dims], `${test.name}, batch ${batch}`).toEqual(expected.shape);
    const scores = got.data as Float32Array;
    let worst = 0;
    expected.data.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - scores[i]!));
    });
    expect(worst, `${test.name}, batch ${batch}`).toBeLessThanOrEqual(MAX_ABS_DIFF);
  }
  await session.release();
  model.dispose();
}

const BATCHES = [1, 7, 64];
const cases = conformanceCases();

describe(`ONNX scores equal tfjs scores (${cases.length} models, batches of ${BATCHES.join(', ')})`, () => {
  it.each(cases)('$name', async (test) => {
    await expectSameScores(test, BATCHES);
  });
});
