/** Every kind of layer in fewer bits, however small: the file is whole, and near float32. */
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { modelToGraph } from '../../../src/model/index.js';
import { decodeModel, graphFaults, graphToOnnx, type OnnxModel, toFloat16, toInt8 } from '../../../src/onnx/index.js';
import { encodeModel } from '../../../src/onnx/proto.js';
import { makeFeed, ortTensor } from '../cases/feeds.js';
import { type ConformanceCase, conformanceCases } from '../cases/index.js';

/** Largest difference, of outputs of order 1 or beside the largest of them: weights lose 11 bits or 7, inputs 8. */
const BOUNDS = { float16: 2e-2, int8: 0.35 };
const ALL = { leastNumbers: 1, leastProduct: 1 };

async function run(
  model: OnnxModel,
  feeds: Record<string, ort.Tensor>,
): Promise<ort.InferenceSession.OnnxValueMapType> {
  const session = await ort.InferenceSession.create(encodeModel(model), { logSeverityLevel: 4 });
  const outputs = await session.run(feeds);
  await session.release();
  return outputs;
}

function difference(got: ort.Tensor, expected: ort.Tensor): number {
  expect(got.dims).toEqual(expected.dims);
  const [a, b] = [got.data, expected.data];
  if (!(a instanceof Float32Array && b instanceof Float32Array)) throw new TypeError('outputs must be floats');
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / largest;
}

async function expectNear({ build, inputs }: ConformanceCase): Promise<void> {
  const model = decodeModel(graphToOnnx(modelToGraph(build())));
  const feeds = Object.fromEntries(
    model.graph.inputs.map(({ name, type }, i) => [name, ortTensor(makeFeed(inputs[i]!, type === 'int32', 3, 12, i))]),
  );
  const expected = await run(model, feeds);
  const variants = { float16: toFloat16(model, ALL), int8: toInt8(model, ALL) };
  for (const [precision, variant] of Object.entries(variants)) {
    expect(graphFaults(variant), precision).toEqual([]);
    const got = await run(variant, feeds);
    for (const name of Object.keys(expected)) {
      const bound = BOUNDS[precision as keyof typeof BOUNDS];
      expect(difference(got[name]!, expected[name]!), `${precision}, ${name}`).toBeLessThan(bound);
    }
  }
}

const cases = conformanceCases();
/** `npm run test:onnx` runs all of them. */
const ran = process.env.COCHLEA_CONFORMANCE === 'full' ? cases : cases.filter((_, i) => i % 4 === 1);

it.each(ran)('$name', expectNear);
