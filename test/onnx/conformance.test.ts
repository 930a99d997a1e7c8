/**
 * ONNX's scores against tfjs's over the grid of models. `COCHLEA_CONFORMANCE=full` takes every opset, batch and length;
 * `COCHLEA_ONNX_FILES` names a folder for the files, with the inputs and scores of one run of each, for other runtimes;
 * `COCHLEA_CONFORMANCE_REPORT` a file for the largest difference (`npm run test:onnx` sets all three).
 */
import { writeFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { inputNames, type LayersModel, loadTf, modelToGraph, outputNames } from '../../src/model/index.js';
import { graphToOnnx } from '../../src/onnx/index.js';
import { type Feed, makeFeed, ortTensor } from './cases/feeds.js';
import { type ConformanceCase, conformanceCases } from './cases/index.js';
import { type KeptRun, keepRun } from './cases/kept-runs.js';

const tf = loadTf();
const isFull = process.env.COCHLEA_CONFORMANCE === 'full';

/** Two float32 evaluations of the same sums in another order; outputs are of order 1. */
const MAX_ABS_DIFF = 1e-5;
const OPSETS = [17, 26, 13] as const;
const BATCHES = isFull ? [1, 7, 513] : [1, 7];
/** Of open axes. */
const LENGTHS = isFull ? [10, 3, 31] : [10];

function predict(model: LayersModel, feeds: readonly Feed[]): { data: Float32Array; shape: number[] }[] {
  return tf.tidy(() => {
    const given = feeds.map(({ data, shape, isInteger }) => tf.tensor(data, shape, isInteger ? 'int32' : 'float32'));
    const made = model.predict(given.length === 1 ? given[0]! : given);
    return [made].flat().map((y) => ({ data: Float32Array.from(y.dataSync()), shape: y.shape }));
  });
}

function largestDifference(got: Float32Array, expected: Float32Array): number {
  expect(got.length).toBe(expected.length);
  let worst = 0;
  expected.forEach((value, i) => {
    const difference = Math.abs(value - got[i]!);
    // NaN is no small difference.
    if (!(difference <= worst)) worst = difference;
  });
  return worst;
}

const largest = { difference: 0, model: '' };
let runs = 0;

interface Written {
  readonly opset: number;
  readonly bytes: Uint8Array;
  readonly session: ort.InferenceSession;
}

async function write(model: LayersModel, opset: number): Promise<Written> {
  const bytes = graphToOnnx(modelToGraph(model), { opset });
  expect(Buffer.compare(bytes, graphToOnnx(modelToGraph(model), { opset }))).toBe(0);
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  expect(session.inputNames).toEqual(inputNames(model));
  expect(session.outputNames.slice(0, 1)).toEqual(outputNames(model).slice(0, 1));
  return { opset, bytes, session };
}

async function expectSameScores(test: ConformanceCase, model: LayersModel, written: readonly Written[]): Promise<void> {
  const isOpen = test.inputs.some(({ shape }) => shape.includes(null));
  for (const batch of BATCHES) {
    for (const length of isOpen ? LENGTHS : LENGTHS.slice(0, 1)) {
      const feeds = test.inputs.map((input, i) =>
        makeFeed(input, model.inputs[i]!.dtype === 'int32', batch, length, 100 * batch + length + i),
      );
      const expected = predict(model, feeds);
      for (const { opset, session } of written) {
        const what = `${test.name}, opset ${opset}, batch ${batch}, length ${length}`;
        const given = Object.fromEntries(feeds.map((feed, i) => [session.inputNames[i]!, ortTensor(feed)]));
        const made = await session.run(given);
        session.outputNames.forEach((name, i) => {
          expect([...made[name]!.dims], `${what}, ${name}`).toEqual(expected[i]!.shape);
          const difference = largestDifference(made[name]!.data as Float32Array, expected[i]!.data);
          if (difference > largest.difference) Object.assign(largest, { difference, model: what });
          expect(difference, `${what}, ${name}`).toBeLessThanOrEqual(MAX_ABS_DIFF);
        });
        runs += 1;
      }
    }
  }
}

/** One run for runtimes that are not loaded here. */
function runOf(test: ConformanceCase, model: LayersModel): KeptRun {
  const inputs = test.inputs.map((input, i) => makeFeed(input, model.inputs[i]!.dtype === 'int32', 3, 10, i));
  return { title: test.name, inputs, outputs: predict(model, inputs), tolerance: MAX_ABS_DIFF };
}

const cases = conformanceCases();
const opsetsOf = (index: number) => (isFull ? OPSETS : [OPSETS[index % OPSETS.length]!]);

describe(`ONNX scores equal tfjs scores (${cases.length} models, batches of ${BATCHES.join(', ')})`, () => {
  it.each(cases.map((test, index) => ({ ...test, index })))('$name', async ({ index, ...test }) => {
    const model = test.build();
    const written = await Promise.all(opsetsOf(index).map((opset) => write(model, opset)));
    await expectSameScores(test, model, written);
    for (const { opset, bytes, session } of written) {
      keepRun(`${String(index).padStart(4, '0')}-${opset}`, bytes, () => runOf(test, model));
      await session.release();
    }
    model.dispose();
  });

  afterAll(() => {
    const report = process.env.COCHLEA_CONFORMANCE_REPORT;
    const figures = { models: cases.length, opsets: OPSETS.join(', '), runs, tolerance: MAX_ABS_DIFF, largest };
    if (report !== undefined) writeFileSync(report, JSON.stringify(figures));
  });
});
