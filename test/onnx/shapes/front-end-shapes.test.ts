/** Shapes of front-ends inside models, which compute with lengths: those that onnxruntime makes in a run. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { decodeModel, frontEndToOnnx, inferShapes } from '../../../src/onnx/index.js';
import { encodeModel } from '../../../src/onnx/proto.js';
import { resolveFeatures } from '../../../src/spec/index.js';
import { seededFloats } from '../../graph/random.js';
import { FRONT_END_CASES, type FrontEndCase } from '../front-end-cases.js';
import { lengthIn, withAllOutputs } from './whole-model.js';

const RUNS = [
  { batch: 1, samples: 4321 },
  { batch: 3, samples: 9999 },
];

async function expectTrueShapes({ options }: FrontEndCase): Promise<void> {
  const model = decodeModel(frontEndToOnnx(resolveFeatures(options)));
  const values = inferShapes(model);
  const session = await ort.InferenceSession.create(encodeModel(withAllOutputs(model, values)), {
    logSeverityLevel: 4,
  });
  for (const names of RUNS) {
    const { batch, samples } = names;
    const made = await session.run({
      pcm: new ort.Tensor('float32', seededFloats(batch * samples, 1), [batch, samples]),
    });
    for (const [name, { type, dims }] of Object.entries(made)) {
      expect(values.get(name)?.type, name).toBe(type);
      expect(
        values.get(name)?.shape?.map((length) => lengthIn(length!, names)),
        name,
      ).toEqual([...dims]);
    }
  }
  await session.release();
}

/** `npm run test:onnx` runs all of them. */
const ran =
  process.env.COCHLEA_CONFORMANCE === 'full' ? FRONT_END_CASES : FRONT_END_CASES.filter((_, i) => i % 4 === 0);

describe('inferShapes of a front-end', () => {
  it.each(ran)('$name', expectTrueShapes);
});
