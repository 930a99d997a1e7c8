import { branches, type ConformanceCase, L, stack } from './case.js';

export function mergeCases(): ConformanceCase[] {
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
