/** Small tfjs models over the layers and options that have an ONNX form, with seeded random weights. */

import { ACTIVATIONS } from '../../src/graph/index.js';
import { type Layer, type LayersModel, loadTf, sequenceLstm, toneCnn } from '../../src/model/index.js';
import { namedWeights } from '../../src/model/layer-weights.js';
import { namedLeaves } from '../../src/model/named-layers.js';
import { seededUniform } from '../graph/random.js';

export interface ConformanceCase {
  readonly name: string;
  /** Of one item; open axes get a length per run. */
  readonly inputShape: readonly (number | null)[];
  build(): LayersModel;
}

type Shape = readonly (number | null)[];
type MakeLayers = () => Layer[];

const tf = loadTf();
const { layers: L } = tf;

/** tfjs's names of the activations that have an ONNX form. */
const ACTIVATION_NAMES = ACTIVATIONS.map((name) => (name === 'geluTanh' ? 'gelu_new' : name) as ActivationName);
type ActivationName = NonNullable<Parameters<typeof L.dense>[0]['activation']>;
const RECURRENT_ACTIVATIONS = ['relu', 'elu', 'linear', 'softsign', 'softplus', 'hardSigmoid'] as const;

/** Uniform weights of unit gain; variances stay positive. */
function randomiseWeights(model: LayersModel, seed: number): LayersModel {
  const random = seededUniform(seed);
  for (const [layer, layerName] of namedLeaves(model)) {
    const tensors = namedWeights(layer, layerName).map(({ name, tensor: { shape } }) => {
      const fanIn = shape.slice(0, -1).reduce((product, dim) => product * dim, 1);
      const scale = name.endsWith('ernel') ? Math.sqrt(3 / fanIn) : 0.3;
      const centre = name.endsWith('Variance') || name.endsWith('gamma') ? 1 : 0;
      const size = shape.reduce((product, dim) => product * dim, 1);
      return tf.tensor(
        Float32Array.from({ length: size }, () => centre + scale * (2 * random() - 1)),
        shape,
      );
    });
    layer.setWeights(tensors);
    tf.dispose(tensors);
  }
  return model;
}

function stack(name: string, inputShape: Shape, make: MakeLayers): ConformanceCase {
  const build = () => {
    const input = tf.input({ shape: [...inputShape], name: 'input' });
    const output = make().reduce((x, layer) => layer.apply(x) as typeof input, input);
    return randomiseWeights(tf.model({ inputs: input, outputs: output, name: 'stack' }), name.length);
  };
  return { name, inputShape, build };
}

function denseCases(): ConformanceCase[] {
  const activations = ACTIVATION_NAMES.map((activation) =>
    stack(`dense ${activation}`, [9], () => [L.dense({ units: 6, activation })]),
  );
  const separate = ACTIVATION_NAMES.map((activation) =>
    stack(`activation layer ${activation}`, [7, 3], () => [L.activation({ activation })]),
  );
  return [
    ...activations,
    ...separate,
    stack('dense without bias', [5], () => [L.dense({ units: 3, useBias: false })]),
    stack('dense over time', [6, 5], () => [L.dense({ units: 3, activation: 'softmax' })]),
    stack('dense over time without bias', [null, 5], () => [L.dense({ units: 3, useBias: false, activation: 'relu' })]),
    stack('time-distributed dense', [6, 5], () => [
      L.timeDistributed({ layer: L.dense({ units: 2, activation: 'sigmoid' }) }),
    ]),
    stack('autoencoder', [32], () => [
      ...[16, 4, 16].map((units) => L.dense({ units, activation: 'relu' as const })),
      L.dense({ units: 32 }),
    ]),
  ];
}

function convCases(): ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  for (const padding of ['valid', 'same'] as const) {
    for (const [strides, dilationRate] of [
      [1, 1],
      [2, 1],
      [3, 1],
      [1, 2],
      [1, 3],
    ] as const) {
      for (const length of [23, 24]) {
        const name = `conv1d ${padding} stride ${strides} dilation ${dilationRate} length ${length}`;
        const options = { filters: 5, kernelSize: 4, padding, strides, dilationRate, activation: 'relu' as const };
        cases.push(stack(name, [length, 3], () => [L.conv1d(options)]));
      }
    }
    for (const strides of [1, 2] as const) {
      const options = { filters: 4, kernelSize: [3, 2] as [number, number], padding, strides };
      cases.push(stack(`conv2d ${padding} stride ${strides}`, [9, 8, 2], () => [L.conv2d(options)]));
    }
  }
  const softmax: ActivationName = 'softmax';
  return [
    ...cases,
    stack('conv1d of open length, same', [null, 2], () => [L.conv1d({ filters: 3, kernelSize: 3, padding: 'same' })]),
    stack('conv1d of open length, same, strided', [null, 2], () => [
      L.conv1d({ filters: 3, kernelSize: 4, strides: 3, padding: 'same', useBias: false }),
    ]),
    stack('conv1d softmax over channels', [11, 2], () => [
      L.conv1d({ filters: 4, kernelSize: 3, activation: softmax }),
    ]),
    stack('conv1d then softmax layer', [11, 2], () => [
      L.conv1d({ filters: 4, kernelSize: 3 }),
      L.activation({ activation: softmax }),
    ]),
    stack('conv2d, pool, flatten, dense', [12, 10, 1], () => [
      L.conv2d({ filters: 3, kernelSize: 3, activation: 'relu' }),
      L.maxPooling2d({ poolSize: [2, 2] }),
      L.averagePooling2d({ poolSize: [2, 2], strides: [1, 1], padding: 'same' }),
      L.flatten(),
      L.dense({ units: 4 }),
    ]),
    stack('conv2d global average', [8, 7, 2], () => [
      L.conv2d({ filters: 3, kernelSize: 3 }),
      L.globalAveragePooling2d({ dataFormat: 'channelsLast' }),
    ]),
  ];
}

function poolCases(): ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  for (const padding of ['valid', 'same'] as const) {
    for (const [poolSize, strides] of [
      [4, 4],
      [3, 2],
      [2, 1],
    ] as const) {
      const options = { poolSize, strides, padding };
      cases.push(stack(`max pool ${poolSize}/${strides} ${padding}`, [13, 3], () => [L.maxPooling1d(options)]));
      cases.push(stack(`average pool ${poolSize}/${strides} ${padding}`, [13, 3], () => [L.averagePooling1d(options)]));
    }
  }
  const conv = () => L.conv1d({ filters: 4, kernelSize: 3 });
  return [
    ...cases,
    stack('global max', [9, 4], () => [L.globalMaxPooling1d()]),
    stack('global average of open length', [null, 4], () => [L.globalAveragePooling1d()]),
    stack('conv, global max, dense', [9, 2], () => [conv(), L.globalMaxPooling1d(), L.dense({ units: 2 })]),
    stack('conv, global average', [9, 2], () => [conv(), L.globalAveragePooling1d()]),
  ];
}

function shapeCases(): ConformanceCase[] {
  const conv = () => L.conv1d({ filters: 4, kernelSize: 3, activation: 'relu' });
  return [
    stack('flatten channels last, dense', [5, 3], () => [L.flatten(), L.dense({ units: 4 })]),
    stack('conv, flatten, dropout, dense', [9, 2], () => [
      conv(),
      L.flatten(),
      L.dropout({ rate: 0.5 }),
      L.dense({ units: 4 }),
    ]),
    stack('conv, flatten', [9, 2], () => [conv(), L.flatten()]),
    stack('conv, flatten, relu, dense', [9, 2], () => [
      conv(),
      L.flatten(),
      L.activation({ activation: 'tanh' }),
      L.dense({ units: 4 }),
    ]),
    stack('conv, flatten, softmax', [9, 2], () => [conv(), L.flatten(), L.activation({ activation: 'softmax' })]),
    stack('conv, flatten, batch norm, dense', [9, 2], () => [
      conv(),
      L.flatten(),
      L.batchNormalization(),
      L.dense({ units: 3 }),
    ]),
    stack('conv to one position, flatten, dense', [3, 2], () => [conv(), L.flatten(), L.dense({ units: 3 })]),
    stack('conv, reshape, lstm', [9, 2], () => [conv(), L.reshape({ targetShape: [4, 7] }), L.lstm({ units: 3 })]),
    stack('reshape', [6, 4], () => [L.reshape({ targetShape: [3, 8] })]),
    stack('dropout only', [6], () => [L.dropout({ rate: 0.3 })]),
    stack('conv, lstm sequence, conv', [12, 2], () => [
      conv(),
      L.lstm({ units: 3, returnSequences: true }),
      conv(),
      L.globalMaxPooling1d(),
    ]),
    stack('batch norm', [6], () => [L.batchNormalization()]),
    stack('batch norm without scale, over time', [6, 3], () => [L.batchNormalization({ scale: false })]),
    stack('conv, batch norm, relu', [9, 2], () => [
      conv(),
      L.batchNormalization({ center: false, epsilon: 0.01 }),
      L.activation({ activation: 'relu' }),
    ]),
    stack('lstm sequence, batch norm, dense over time', [7, 2], () => [
      L.lstm({ units: 3, returnSequences: true }),
      L.batchNormalization(),
      L.dense({ units: 2, activation: 'softmax' }),
    ]),
  ];
}

function recurrentCases(): ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  for (const kind of ['lstm', 'gru'] as const) {
    for (const returnSequences of [false, true]) {
      for (const goBackwards of [false, true]) {
        for (const recurrentActivation of ['sigmoid', 'hardSigmoid'] as const) {
          const options = { units: 5, returnSequences, goBackwards, recurrentActivation };
          const name = `${kind} ${recurrentActivation}${returnSequences ? ' sequences' : ''}${goBackwards ? ' backwards' : ''}`;
          cases.push(stack(name, [11, 3], () => [L[kind](options)]));
        }
      }
    }
    for (const activation of RECURRENT_ACTIVATIONS) {
      cases.push(stack(`${kind} ${activation}`, [6, 2], () => [L[kind]({ units: 4, activation })]));
    }
    cases.push(stack(`${kind} without bias`, [6, 2], () => [L[kind]({ units: 4, useBias: false })]));
    cases.push(
      stack(`${kind} of open length`, [null, 2], () => [
        L[kind]({ units: 4, returnSequences: true }),
        L.timeDistributed({ layer: L.dense({ units: 1, activation: 'sigmoid' }) }),
      ]),
    );
    for (const mergeMode of ['concat', 'sum', 'ave', 'mul'] as const) {
      for (const returnSequences of [false, true]) {
        const name = `bidirectional ${kind} ${mergeMode}${returnSequences ? ' sequences' : ''}`;
        const inner = { units: 4, returnSequences, recurrentActivation: 'hardSigmoid' as const };
        cases.push(stack(name, [7, 3], () => [L.bidirectional({ layer: L[kind](inner), mergeMode })]));
      }
    }
    cases.push(
      stack(`two bidirectional ${kind}`, [7, 3], () => [
        L.bidirectional({ layer: L[kind]({ units: 3, returnSequences: true }), mergeMode: 'concat' }),
        L.bidirectional({ layer: L[kind]({ units: 3 }), mergeMode: 'concat' }),
        L.dense({ units: 2, activation: 'softmax' }),
      ]),
    );
  }
  return cases;
}

/** Two branches from one input, brought together. */
function branches(name: string, inputShape: Shape, make: () => [Layer[], Layer[], Layer, ...Layer[]]): ConformanceCase {
  const build = () => {
    const input = tf.input({ shape: [...inputShape], name: 'input' });
    const [left, right, merge, ...rest] = make();
    const through = (layers: Layer[]) => layers.reduce((x, layer) => layer.apply(x) as typeof input, input);
    const merged = merge.apply([through(left), through(right), ...(right.length > 1 ? [through(left)] : [])]);
    const output = rest.reduce((x, layer) => layer.apply(x) as typeof input, merged as typeof input);
    return randomiseWeights(tf.model({ inputs: input, outputs: output, name: 'branches' }), name.length);
  };
  return { name, inputShape, build };
}

function mergeCases(): ConformanceCase[] {
  const kinds = ['add', 'multiply', 'average', 'maximum', 'concatenate'] as const;
  const conv = (filters: number) => L.conv1d({ filters, kernelSize: 3, padding: 'same' });
  return [
    ...kinds.flatMap((kind) => [
      branches(`${kind} of dense`, [7], () => [[L.dense({ units: 5 })], [L.dense({ units: 5 })], L[kind]()]),
      branches(`${kind} of three convolutions`, [9, 4], () => [
        [conv(5)],
        [conv(3), conv(5)],
        L[kind](),
        conv(2),
        L.flatten(),
        L.dense({ units: 3 }),
      ]),
      branches(`${kind} of convolution and recurrence`, [9, 4], () => [
        [conv(5)],
        [L.lstm({ units: 5, returnSequences: true })],
        L[kind](),
      ]),
    ]),
    branches('concatenate over time', [9, 4], () => [
      [L.conv1d({ filters: 5, kernelSize: 2 })],
      [L.dense({ units: 5 })],
      L.concatenate({ axis: 1 }),
      L.gru({ units: 3 }),
    ]),
    branches('concatenate images', [6, 5, 3], () => [
      [L.conv2d({ filters: 2, kernelSize: 3, padding: 'same' })],
      [L.conv2d({ filters: 4, kernelSize: 1 })],
      L.concatenate({ axis: 3 }),
      L.conv2d({ filters: 2, kernelSize: 2 }),
    ]),
    branches('add flattened', [6, 4], () => [
      [conv(3), L.flatten()],
      [conv(3), L.flatten()],
      L.add(),
      L.dense({ units: 2 }),
    ]),
    ...(['valid', 'same'] as const).flatMap((padding) =>
      [1, 2, 3].flatMap((kernelSize) => [
        stack(`transposed convolution ${padding} ${kernelSize}`, [4, 5, 3], () => [
          L.conv2dTranspose({ filters: 2, kernelSize, strides: 2, padding, activation: 'relu' }),
        ]),
        stack(`transposed convolution ${padding} ${kernelSize} unlike`, [4, 5, 3], () => [
          L.conv2dTranspose({ filters: 4, kernelSize: [kernelSize, 4], strides: [1, 3], padding, useBias: false }),
        ]),
      ]),
    ),
    stack('upsampling', [3, 4, 2], () => [L.upSampling2d({ size: [2, 3] }), L.conv2d({ filters: 2, kernelSize: 2 })]),
    stack('upsampling of an input', [3, 4, 2], () => [L.upSampling2d({})]),
    stack('convolutional autoencoder', [8, 6, 1], () => [
      L.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
      L.batchNormalization(),
      L.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
      L.conv2d({ filters: 1, kernelSize: 3, padding: 'same' }),
    ]),
    stack('repeat vector', [6], () => [L.repeatVector({ n: 4 }), L.lstm({ units: 3, returnSequences: true })]),
    stack('context of a sequence repeated', [7, 2], () => [
      L.lstm({ units: 3 }),
      L.repeatVector({ n: 7 }),
      L.gru({ units: 2, returnSequences: true }),
    ]),
    stack('permute', [5, 3], () => [L.permute({ dims: [2, 1] }), L.lstm({ units: 4 })]),
    stack('permute an image', [4, 5, 3], () => [
      L.conv2d({ filters: 2, kernelSize: 2 }),
      L.permute({ dims: [3, 1, 2] }),
      L.dense({ units: 4 }),
    ]),
  ];
}

function nestedCases(): ConformanceCase[] {
  const encoder = (inputShape: Shape, name = 'encoder') =>
    tf.sequential({
      name,
      layers: [
        L.conv1d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [...inputShape] }),
        L.lstm({ units: 5 }),
      ],
    });
  const twin = () => {
    const input = tf.input({ shape: [8, 4], name: 'input' });
    const shared = encoder([null, 4]);
    const back = L.gru({ units: 4, returnSequences: true }).apply(input) as typeof input;
    const outputs = [input, back].map((x) => shared.apply(x) as typeof input);
    return tf.model({ inputs: input, outputs: L.concatenate().apply(outputs) as typeof input });
  };
  const inner = () => tf.sequential({ name: 'inner', layers: [L.dense({ units: 3, inputShape: [5] })] });
  const outer = () =>
    tf.sequential({ name: 'outer', layers: [L.dense({ units: 5, inputShape: [5], activation: 'tanh' }), inner()] });
  return [
    stack('a model inside a model', [9, 2], () => [encoder([9, 2]), L.dense({ units: 2 })]),
    stack('a model that ends a model', [9, 2], () => [L.dense({ units: 4 }), encoder([null, 4])]),
    stack('a model inside one inside one', [5], () => [outer(), L.activation({ activation: 'relu' })]),
    stack('two models with layers of the same names', [9, 2], () => [
      tf.sequential({ name: 'a', layers: [L.dense({ units: 3, inputShape: [9, 2], name: 'd' })] }),
      tf.sequential({ name: 'b', layers: [L.dense({ units: 4, inputShape: [9, 3], name: 'd' })] }),
    ]),
    {
      name: 'a model called twice',
      inputShape: [8, 4],
      build: () => randomiseWeights(twin(), 7),
    },
    {
      name: 'a sequence that begins with a model',
      inputShape: [9, 2],
      build: () => {
        const first = tf.sequential({
          name: 'first',
          layers: [L.inputLayer({ inputShape: [9, 2], name: 'input' }), L.dense({ units: 3 })],
        });
        return randomiseWeights(tf.sequential({ layers: [first, L.lstm({ units: 3 })] }), 8);
      },
    },
  ];
}

function givenStateCases(): ConformanceCase[] {
  return (['lstm', 'gru'] as const).flatMap((kind) =>
    [false, true].map((useBias) => ({
      name: `${kind} that begins with a state${useBias ? '' : ', without bias'}`,
      inputShape: [7, 3],
      build: () => {
        const input = tf.input({ shape: [7, 3], name: 'input' });
        const read = L.gru({ units: 2 }).apply(input) as typeof input;
        const initialState = Array.from(
          { length: kind === 'lstm' ? 2 : 1 },
          () => L.dense({ units: 4, activation: 'tanh' }).apply(read) as typeof input,
        );
        const layer = L[kind]({ units: 4, useBias, returnSequences: true });
        const output = layer.apply(input, { initialState }) as typeof input;
        return randomiseWeights(tf.model({ inputs: input, outputs: output }), 9);
      },
    })),
  );
}

function architectureCases(): ConformanceCase[] {
  return [
    { name: 'toneCnn', inputShape: [601, 1], build: () => toneCnn({ bins: 601, seed: 3 }) },
    { name: 'toneCnn 4 blocks', inputShape: [1001, 1], build: () => toneCnn({ bins: 1001, filters: [4, 4, 4, 4] }) },
    { name: 'sequenceLstm', inputShape: [40, 1], build: () => sequenceLstm({ seed: 5 }) },
    {
      name: 'sequenceLstm hardSigmoid',
      inputShape: [40, 1],
      build: () => sequenceLstm({ recurrentActivation: 'hardSigmoid' }),
    },
  ];
}

/** The whole grid. */
export function conformanceCases(): ConformanceCase[] {
  return [
    ...architectureCases(),
    ...denseCases(),
    ...convCases(),
    ...poolCases(),
    ...shapeCases(),
    ...recurrentCases(),
    ...mergeCases(),
    ...nestedCases(),
    ...givenStateCases(),
    stack('masking', [6, 2], () => [L.masking({ maskValue: 0.25 }), L.dense({ units: 3 })]),
  ];
}
