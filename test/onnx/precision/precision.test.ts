/** Models in float16 and int8: how large, how far from float32, and whole. */
import { describe, expect, it } from 'vitest';
import { checkModel } from '../../../src/inference/index.js';
import {
  initialiseWeights,
  type Layer,
  type LayersModel,
  loadTf,
  modelToGraph,
  sequenceLstm,
  toneCnn,
} from '../../../src/model/index.js';
import {
  decodeModel,
  graphToOnnx,
  inferShapes,
  inspectOnnx,
  type OnnxConstant,
  type OnnxModel,
  type Precision,
  toFloat16,
  toInt8,
  writePrecision,
} from '../../../src/onnx/index.js';
import { quantize } from '../../../src/onnx/precision/quantize.js';
import { encodeModel } from '../../../src/onnx/proto.js';
import { seededFloats } from '../../graph/random.js';

const tf = loadTf();
const { layers: L } = tf;

const initialised = (model: LayersModel) => {
  initialiseWeights(model, 1);
  return model;
};
const stack = (inputShape: number[], layers: Layer[]) =>
  initialised(tf.sequential({ layers: [L.inputLayer({ inputShape }), ...layers] }));
const dense = (units: number, activation: 'relu' | 'linear' = 'relu') => L.dense({ units, activation });

const autoencoder = () => stack([320], [...[64, 64, 8, 64, 64].map((units) => dense(units)), dense(320, 'linear')]);
const wide = () => stack([512], [dense(256), dense(256), dense(16, 'linear')]);
const twoLstm = () => initialised(sequenceLstm({ length: 40, units: 40 }));
const biLstm = () => {
  const layer = L.lstm({ units: 70, recurrentInitializer: 'glorotUniform' });
  if (!(layer instanceof tf.RNN)) throw new TypeError('an LSTM layer must be a recurrent one');
  return stack(
    [10, 13],
    [L.bidirectional({ layer, mergeMode: 'concat' }), L.dense({ units: 2, activation: 'softmax' })],
  );
};

/**
 * Outputs are of order 1. float16 rounds a weight by 2^-11 of it at most; int8 by 2^-8 of the largest of its column, and in
 * the wide layers what they read as well, by 2^-8 of its range; errors of a sum partly cancel.
 */
const CASES: readonly (readonly [
  string,
  () => LayersModel,
  Record<'float16' | 'int8', { size: number; difference: number }>,
])[] = [
  [
    'dense autoencoder',
    autoencoder,
    { float16: { size: 0.52, difference: 1e-3 }, int8: { size: 0.3, difference: 2e-2 } },
  ],
  ['wide dense layers', wide, { float16: { size: 0.51, difference: 2e-3 }, int8: { size: 0.27, difference: 6e-2 } }],
  [
    'tone network',
    () => toneCnn({ bins: 601, seed: 1 }),
    { float16: { size: 0.56, difference: 2e-4 }, int8: { size: 0.34, difference: 5e-3 } },
  ],
  ['two LSTM layers', twoLstm, { float16: { size: 0.53, difference: 5e-5 }, int8: { size: 0.34, difference: 5e-4 } }],
  ['bidirectional LSTM', biLstm, { float16: { size: 0.52, difference: 5e-4 }, int8: { size: 0.31, difference: 4e-3 } }],
];

const PRECISIONS = ['float16', 'int8'] as const;

describe.each(CASES)('%s', (_, build, bounds) => {
  const graph = modelToGraph(build());
  const write = () => graphToOnnx(graph, { metadata: { 'cochlea.version': '1' } });
  const float32 = write();

  it.each(PRECISIONS)('in %s is smaller and nearly as right', async (precision) => {
    const bytes = writePrecision(float32, precision);
    const { size, difference } = bounds[precision];
    expect(bytes.length / float32.length).toBeLessThan(size);
    const check = await checkModel(bytes, { against: float32, tolerance: difference });
    expect(check.ok, JSON.stringify(check.findings)).toBe(true);
    // What is the same to the bit was not changed.
    expect(check.differences![0]!.maxAbs).toBeGreaterThan(0);
  });

  it.each(PRECISIONS)('in %s keeps its inputs, outputs and metadata, and says its precision', (precision) => {
    const [before, after] = [float32, writePrecision(float32, precision)].map(inspectOnnx);
    for (const part of ['inputs', 'outputs', 'opset', 'producer'] as const) expect(after![part]).toEqual(before![part]);
    expect(after!.metadata).toEqual({ 'cochlea.version': '1', 'cochlea.precision': precision });
    const model = decodeModel(writePrecision(float32, precision));
    const values = inferShapes(model);
    for (const { name, shape } of model.graph.outputs) expect(values.get(name)).toEqual({ type: 'float32', shape });
  });

  it.each(PRECISIONS)('in %s has the same bytes every time', (precision) => {
    expect(Buffer.compare(writePrecision(float32, precision), writePrecision(write(), precision))).toBe(0);
  });
});

describe('writePrecision', () => {
  const bytes = graphToOnnx(modelToGraph(wide()));

  it('leaves float32 as it is', () => {
    expect(writePrecision(bytes, 'float32')).toBe(bytes);
  });

  it('computes large dense layers in whole numbers, and reads what several share once', () => {
    const { ops } = inspectOnnx(writePrecision(bytes, 'int8'));
    expect(ops).toMatchObject({ DynamicQuantizeLinear: 2, MatMulInteger: 2, Gemm: 1 });
    const x = tf.input({ shape: [512], name: 'x' });
    const branches = [1, 2].map((i) => L.dense({ units: 256, name: `d${i}` }).apply(x) as typeof x);
    const twins = graphToOnnx(modelToGraph(tf.model({ inputs: x, outputs: L.add().apply(branches) as typeof x })));
    expect(inspectOnnx(writePrecision(twins, 'int8')).ops).toMatchObject({
      DynamicQuantizeLinear: 1,
      MatMulInteger: 2,
    });
  });

  it('refuses another precision, and a model that is in one', () => {
    const wrong: Precision = JSON.parse('"float8"');
    expect(() => writePrecision(bytes, wrong)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }));
    expect(() => writePrecision(writePrecision(bytes, 'float16'), 'int8')).toThrow(
      'precision must be float16, as the model has',
    );
  });
});

/** y = x · w, with a name and numbers of one's own. */
function product(name: string, data: Float32Array, shape = [16, data.length / 16]): OnnxModel {
  const value = (of: string, width: number) => ({ name: of, type: 'float32' as const, shape: ['batch', width] });
  return {
    graph: {
      name: 'product',
      inputs: [value('x', shape[0]!)],
      outputs: [value('y', shape[1]!)],
      nodes: [{ opType: 'MatMul', name: 'm', inputs: ['x', name], outputs: ['y'], attributes: {} }],
      constants: [{ name, type: 'float32', shape, data }],
    },
    opset: 17,
    producer: { name: 'test', version: '' },
    metadata: {},
  };
}

const types = ({ graph }: OnnxModel) => graph.constants.map(({ type }: OnnxConstant) => type);

describe('weights that a precision cannot hold', () => {
  it('are refused by name where they are too large for float16, or no numbers for int8', () => {
    const large = seededFloats(512, 1);
    large[7] = 7e4;
    const message = 'weight "w" must be within ±65504 for float16, got 70000';
    expect(() => toFloat16(product('w', large))).toThrow(expect.objectContaining({ code: 'ERR_EXPORT', message }));
    const broken = seededFloats(512, 1).fill(Number.NaN, 3, 4);
    expect(() => toFloat16(product('w', broken))).toThrow('weight "w" must be within ±65504 for float16, got NaN');
    expect(() => toInt8(product('w', broken))).toThrow('weight "w" must be finite for int8, got NaN');
  });

  it('stay float32 where float16 would lose their digits', () => {
    const small = seededFloats(512, 1).map((value) => value * 1e-6);
    expect(types(toFloat16(product('w', small)))).toEqual(['float32']);
    expect(types(toFloat16(product('w', seededFloats(512, 1))))).toEqual(['float16']);
  });

  it.each(['front_end/mel_weights', 'tone.onnx/front_end/dft'])('stay float32 in %s', (name) => {
    const table = product(name, seededFloats(512, 1));
    expect([types(toFloat16(table)), types(toInt8(table))]).toEqual([['float32'], ['float32']]);
  });

  it('stay float32 where they are few', () => {
    const few = product('w', seededFloats(64, 1));
    expect([types(toFloat16(few)), types(toInt8(few))]).toEqual([['float32'], ['float32']]);
  });
});

describe('toInt8', () => {
  it.each([
    [16, 32],
    [512, 256],
  ])('takes any scale of a column of %i × %i, and columns of zeros', async (nIn, nOut) => {
    const data = seededFloats(nIn * nOut, 3).map((value, at) => value * 10 ** (((at % nOut) % 7) - 3));
    for (let row = 0; row < nIn; row++) data[row * nOut + 5] = 0;
    const model = product('w', data, [nIn, nOut]);
    const { differences } = await checkModel(encodeModel(toInt8(model)), { against: encodeModel(model) });
    // Rounding is uniform in a step (deviation 12^-0.5 of it): of weights up to 1e3 in 63 steps, read with numbers of
    // deviation 1, and of those in 255 steps of some 8, read with weights of deviation 577. Four and a half deviations.
    const deviation = Math.hypot(1e3 / 63, (577 * 8) / 255) / Math.sqrt(12);
    expect(differences![0]!.maxAbs).toBeLessThan(4.5 * deviation * Math.sqrt(nIn));
    expect(differences![0]!.maxAbs).toBeGreaterThan(0);
  });

  it('reads a kernel that lies the other way round', async () => {
    const data = seededFloats(256 * 512, 3);
    const base = product('w', data, [256, 512]);
    const node = {
      ...base.graph.nodes[0]!,
      opType: 'Gemm',
      attributes: { transB: { kind: 'int', value: 1 } },
    } as const;
    const graph = { ...base.graph, nodes: [node], constants: [{ ...base.graph.constants[0]!, shape: [256, 512] }] };
    const turned = {
      ...base,
      graph: {
        ...graph,
        inputs: base.graph.outputs.map((y) => ({ ...y, name: 'x' })),
        outputs: base.graph.inputs.map((x) => ({ ...x, name: 'y' })),
      },
    };
    const check = await checkModel(encodeModel(toInt8(turned)), { against: encodeModel(turned), tolerance: 1 });
    expect(check.ok, JSON.stringify(check.findings)).toBe(true);
    expect(check.differences![0]!.maxAbs).toBeLessThan(0.5);
  });
});

describe('quantize', () => {
  it('is within half a step of each channel', () => {
    const data = seededFloats(600, 5).map((value, at) => value * (1 + (at % 3) * 100));
    const { data: whole, scales } = quantize(data, 3, (at) => at % 3, 63);
    expect(Math.max(...whole)).toBeLessThanOrEqual(63);
    data.forEach((value, at) => {
      expect(Math.abs(whole[at]! * scales[at % 3]! - value)).toBeLessThanOrEqual(scales[at % 3]! * 0.5001);
    });
  });
});
