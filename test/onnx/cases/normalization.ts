/** Normalisations, alone and where they can be folded into the layer before; noise, which is nothing in use. */
import { branches, type ConformanceCase, functional, L, stack } from './case.js';

function batchNormalizations(): ConformanceCase[] {
  const before = {
    dense: () => L.dense({ units: 4 }),
    'dense without bias': () => L.dense({ units: 4, useBias: false }),
    'dense with activation': () => L.dense({ units: 4, activation: 'tanh' }),
  } as const;
  const onImages = {
    convolution: () => L.conv2d({ filters: 4, kernelSize: 3 }),
    'convolution with activation': () => L.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
    'transposed convolution': () => L.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, useBias: false }),
    'depthwise convolution': () => L.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 3 }),
    'separable convolution': () => L.separableConv2d({ filters: 3, kernelSize: 2 }),
  } as const;
  return [
    ...Object.entries(before).map(([name, make]) =>
      stack(`${name}, batch norm, relu`, [5], () => [make(), L.batchNormalization(), L.reLU()]),
    ),
    ...Object.entries(onImages).map(([name, make]) =>
      stack(`${name}, batch norm, relu`, [6, 5, 2], () => [make(), L.batchNormalization({ epsilon: 0.02 }), L.reLU()]),
    ),
    // What others read as well is not folded.
    functional('dense read by a batch norm and a sum', [{ shape: [5] }], (x) => {
      const dense = L.dense({ units: 4 }).apply(x) as typeof x;
      const normal = L.batchNormalization().apply(dense) as typeof x;
      return L.add().apply([dense, normal]) as typeof x;
    }),
    functional('a shared dense layer, one use with a batch norm', [{ shape: [5] }, { shape: [5] }], (a, b) => {
      const shared = L.dense({ units: 4 });
      const first = L.batchNormalization().apply(shared.apply(a!)) as typeof a;
      return [first!, shared.apply(b!) as NonNullable<typeof b>];
    }),
    functional('a dense output with a batch norm behind it', [{ shape: [5] }], (x) => {
      const dense = L.dense({ units: 4 }).apply(x) as typeof x;
      return [dense, L.batchNormalization().apply(dense) as typeof x];
    }),
  ];
}

function layerNormalizations(): ConformanceCase[] {
  const options = [{}, { center: false }, { scale: false }, { center: false, scale: false, epsilon: 0.1 }];
  return [
    ...options.map((o, i) => stack(`layer norm ${i}`, [7], () => [L.layerNormalization(o)])),
    ...options.map((o, i) =>
      stack(`layer norm over time ${i}`, [6, 4], () => [L.layerNormalization({ ...o, axis: [1, 2] })]),
    ),
    stack('layer norm along time', [6, 4], () => [L.layerNormalization({ axis: 1 })]),
    stack('layer norm of height and channels', [4, 5, 3], () => [L.layerNormalization({ axis: [1, 3] })]),
    stack('layer norm of turned axes', [4, 5], () => [L.layerNormalization({ axis: [2, 1] })]),
    stack('convolution, layer norm, convolution', [8, 3], () => [
      L.conv1d({ filters: 4, kernelSize: 3 }),
      L.layerNormalization(),
      L.conv1d({ filters: 2, kernelSize: 3 }),
    ]),
    stack('recurrence, layer norm, recurrence', [8, 3], () => [
      L.lstm({ units: 4, returnSequences: true }),
      L.layerNormalization(),
      L.gru({ units: 3 }),
    ]),
    branches('residual block with layer norm', [6, 4], () => [
      [L.layerNormalization(), L.dense({ units: 4, activation: 'gelu' })],
      [L.dropout({ rate: 0.1 })],
      L.add(),
      L.layerNormalization(),
    ]),
  ];
}

function noises(): ConformanceCase[] {
  const makers = {
    'gaussian noise': () => L.gaussianNoise({ stddev: 1 }),
    'gaussian dropout': () => L.gaussianDropout({ rate: 0.5 }),
    'alpha dropout': () => L.alphaDropout({ rate: 0.5 }),
    'spatial dropout': () => L.spatialDropout1d({ rate: 0.5 }),
    'dropout with a shape': () => L.dropout({ rate: 0.5, noiseShape: [1, 6, 1] }),
  } as const;
  return Object.entries(makers).map(([name, make]) =>
    stack(`${name} is nothing in use`, [6, 3], () => [make(), L.dense({ units: 2 })]),
  );
}

export function normalizationCases(): ConformanceCase[] {
  return [...batchNormalizations(), ...layerNormalizations(), ...noises()];
}
