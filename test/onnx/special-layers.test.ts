/** What the grid of models cannot say: states from batch to batch, layers of one's own, what is left out and refused. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import {
  type LayersModel,
  loadTf,
  modelToGraph,
  registerLayer,
  type SymbolicTensor,
  type Tensor,
} from '../../src/model/index.js';
import { graphToOnnx, inspectOnnx } from '../../src/onnx/index.js';
import { seededFloats } from '../graph/random.js';
import { randomiseWeights } from './cases/case.js';

const tf = loadTf();
const { layers: L } = tf;
/** As in the grid: two float32 evaluations of the same sums. */
const DIGITS = 5;

function session(model: LayersModel): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(graphToOnnx(modelToGraph(model)), { logSeverityLevel: 3 });
}

function expectClose(got: ort.Tensor, expected: Tensor): void {
  expect([...got.dims]).toEqual(expected.shape);
  const values = expected.dataSync();
  expect(values.length).toBeGreaterThan(0);
  values.forEach((value, i) => {
    expect(got.data[i]).toBeCloseTo(value, DIGITS);
  });
}

describe('stateful recurrent layers', () => {
  const kinds = [
    ['lstm', ['h', 'c']],
    ['gru', ['h']],
    ['simpleRNN', ['h']],
  ] as const;
  it.each(kinds)('a %s keeps its states as inputs and outputs', async (kind, states) => {
    const first = L[kind]({
      name: 'first',
      units: 4,
      stateful: true,
      returnSequences: true,
      batchInputShape: [2, 5, 3],
    });
    const model = tf.sequential({
      layers: [first, L[kind]({ name: 'second', units: 3, stateful: true }), L.dense({ name: 'score', units: 1 })],
    });
    randomiseWeights(model, 5);
    const graph = modelToGraph(model);
    const ports = ['first', 'second'].flatMap((layer) =>
      states.map((state) => [`${layer}/initial_${state}`, `${layer}/last_${state}`] as const),
    );
    expect(graph.inputs.slice(1).map(({ name }) => name)).toEqual(ports.map(([given]) => given));
    expect(graph.outputs).toEqual(['score', ...ports.map(([, made]) => made)]);
    const run = await session(model);
    let kept: Record<string, ort.Tensor> = Object.fromEntries(
      graph.inputs.slice(1).map(({ name, shape }) => {
        const size = shape.reduce<number>((product, dim) => product * (dim ?? 0), 1);
        return [
          name,
          new ort.Tensor(
            'float32',
            new Float32Array(size),
            shape.map((dim) => dim ?? 0),
          ),
        ];
      }),
    );
    for (const seed of [1, 2, 3]) {
      const x = seededFloats(30, seed);
      const expected = model.predict(tf.tensor(x, [2, 5, 3])) as Tensor;
      const made = await run.run({ first_input: new ort.Tensor('float32', x, [2, 5, 3]), ...kept });
      expectClose(made.score!, expected);
      kept = Object.fromEntries(ports.map(([given, state]) => [given, made[state]!]));
    }
    await run.release();
  });
});

describe('batch normalisation', () => {
  it.each([1, 2])('along axis %i of three is that of turned axes, as Keras has it', async (axis) => {
    // tfjs's own kernel reads the moments in the order of the last axis, whatever axis the layer names.
    const turn = () => L.permute({ dims: [2, 1] });
    const weights = seededFloats(4 * 5, 3);
    const moments = [0, 1, 2, 3].map((i) => tf.tensor1d(weights.slice(5 * i, 5 * i + 5).map((w) => Math.abs(w) + 0.1)));
    const shape = axis === 1 ? [5, 4] : [4, 5];
    const x = seededFloats(3 * 20, 7);
    const own = tf.sequential({ layers: [L.batchNormalization({ name: 'bn', axis, inputShape: shape })] });
    own.setWeights(moments);
    const same = tf.sequential({
      layers:
        axis === 1
          ? [L.permute({ dims: [2, 1], inputShape: shape }), L.batchNormalization(), turn()]
          : [L.batchNormalization({ inputShape: shape })],
    });
    same.setWeights(moments);
    const run = await session(own);
    const made = await run.run({ bn_input: new ort.Tensor('float32', x, [3, ...shape]) });
    expectClose(made.bn!, same.predict(tf.tensor(x, [3, ...shape])) as Tensor);
    await run.release();
  });

  it('is folded into the layer before it, unless others read what that makes', () => {
    const input = tf.input({ shape: [6], name: 'x' });
    const dense = L.dense({ units: 4 }).apply(input) as SymbolicTensor;
    const normal = L.batchNormalization({ name: 'bn' }).apply(dense) as SymbolicTensor;
    const ops = (outputs: SymbolicTensor[]) =>
      inspectOnnx(graphToOnnx(modelToGraph(tf.model({ inputs: input, outputs })))).ops;
    expect(ops([normal])).toEqual({ Gemm: 1 });
    expect(ops([normal, dense])).toEqual({ Add: 1, Gemm: 1, Mul: 1 });
  });
});

describe('what a file leaves out', () => {
  it('has no nodes or constants that nobody reads', () => {
    const input = tf.input({ shape: [6], name: 'ids', dtype: 'int32' });
    const vectors = L.embedding({ inputDim: 9, outputDim: 3 }).apply(input) as SymbolicTensor;
    const output = L.lstm({ units: 2, name: 'read' }).apply(vectors) as SymbolicTensor;
    const summary = inspectOnnx(graphToOnnx(modelToGraph(tf.model({ inputs: input, outputs: output }))));
    expect(summary.inputs).toEqual([{ name: 'ids', type: 'int32', shape: ['batch', 6] }]);
    expect(summary.ops).toEqual({ Gather: 1, LSTM: 1, Squeeze: 1, Transpose: 1 });
  });
});

/** Each step by its own weight, which a dense unit gives it: of a class that no graph knows. */
class StepWeights extends tf.layers.Layer {
  static className = 'StepWeights';
  override build(shape: number[]): void {
    this.addWeight('gate', [shape.at(-1)!, 1], 'float32', tf.initializers.ones());
    this.built = true;
  }
  override computeOutputShape(shape: number[]): number[] {
    return shape;
  }
  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = [inputs].flat()[0]!;
    const gate = this.weights[0]!.read();
    return tf.tidy(() =>
      tf.mul(
        x,
        tf.tanh(
          tf.reshape(tf.matMul(tf.reshape(x, [-1, x.shape.at(-1)!]), gate as never), [...x.shape.slice(0, -1), 1]),
        ),
      ),
    );
  }
}

describe('registerLayer', () => {
  const make = () =>
    tf.sequential({
      layers: [new StepWeights({ name: 'own', inputShape: [6, 3] }) as never, L.gru({ units: 2, name: 'read' })],
    });

  it("lets layers of a class of one's own be exported", async () => {
    expect(() => modelToGraph(make())).toThrow(
      expect.objectContaining({ code: 'ERR_LAYER', message: expect.stringContaining('"own" (StepWeights)') }),
    );
    registerLayer('StepWeights', {
      roles: () => ['gate'],
      convert: (_config, weights, { add, inputs }) => {
        const gate = add('gates', { op: 'Dense', activation: 'tanh', kernel: weights.required('gate'), bias: null });
        return { body: { op: 'Merge', kind: 'multiply' }, inputs: [inputs[0]!.name, gate.name] };
      },
    });
    const model = randomiseWeights(make(), 3);
    const run = await session(model);
    const x = seededFloats(36, 2);
    const made = await run.run({ own_input: new ort.Tensor('float32', x, [2, 6, 3]) });
    expectClose(made.read!, model.predict(tf.tensor(x, [2, 6, 3])) as Tensor);
    await run.release();
  });

  it('does not take a class that is covered', () => {
    expect(() => registerLayer('Dense', { convert: () => ({ body: { op: 'Flatten' } }) })).toThrow(
      expect.objectContaining({
        code: 'ERR_LAYER',
        message: 'layer class must be one that no graph covers yet, got "Dense"',
      }),
    );
  });
});

describe('what has no form', () => {
  const sequential =
    (
      ...layers: Parameters<typeof tf.sequential>[0] extends { layers?: infer List } | undefined
        ? NonNullable<List>
        : never
    ) =>
    () =>
      modelToGraph(tf.sequential({ layers }));
  const refused = [
    [
      'a convolution through time',
      sequential(L.convLstm2d({ name: 'odd', filters: 2, kernelSize: 2, inputShape: [4, 5, 5, 1] })),
      'class of layer "odd" (ConvLSTM2D)',
    ],
    [
      'softmax along time',
      sequential(L.softmax({ name: 'odd', axis: 1, inputShape: [4, 3] })),
      'axis of layer "odd" (Softmax) must be the last one',
    ],
    [
      'a dilated depthwise convolution',
      sequential(L.depthwiseConv2d({ name: 'odd', kernelSize: 2, dilationRate: [2, 2], inputShape: [8, 8, 2] })),
      'dilationRate of layer "odd" (DepthwiseConv2D) must be 1',
    ],
    [
      'a stateful pair',
      sequential(
        L.bidirectional({
          name: 'odd',
          layer: L.gru({ units: 2, stateful: true }) as never,
          mergeMode: 'sum',
          batchInputShape: [2, 4, 3],
        }),
      ),
      'stateful of layer "odd"',
    ],
  ] as const;
  it.each(refused)('%s is refused by name', (_what, write, message) => {
    expect(write).toThrow(expect.objectContaining({ code: 'ERR_LAYER', message: expect.stringContaining(message) }));
  });

  it('steps of an open shape are refused by name', () => {
    const inner = L.conv1d({ filters: 2, kernelSize: 2 });
    const model = tf.sequential({
      layers: [L.timeDistributed({ name: 'odd', layer: inner, inputShape: [4, null, 3] })],
    });
    expect(() => graphToOnnx(modelToGraph(model))).toThrow(
      expect.objectContaining({
        code: 'ERR_EXPORT',
        message: expect.stringContaining('"odd/fold" must be known but for batch and time'),
      }),
    );
  });
});
