/** Activations that are layers of their own, on each layout that a value can have. */
import { type ConformanceCase, L, stack } from './case.js';

const MAKERS = {
  'relu with maximum': () => L.reLU({ maxValue: 0.4 }),
  'relu layer': () => L.reLU(),
  'leaky relu': () => L.leakyReLU({ alpha: 0.2 }),
  'thresholded relu': () => L.thresholdedReLU({ theta: 0.3 }),
  prelu: () => L.prelu(),
  'elu layer': () => L.elu(),
  'softmax layer': () => L.softmax({ axis: -1 }),
} as const;

export function activationLayerCases(): ConformanceCase[] {
  const makers = Object.entries(MAKERS);
  return [
    ...makers.map(([name, make]) => stack(name, [9], () => [make()])),
    ...makers.map(([name, make]) => stack(`${name} over time`, [6, 4], () => [make()])),
    ...makers.map(([name, make]) =>
      stack(`convolution, ${name}`, [7, 3], () => [L.conv1d({ filters: 4, kernelSize: 3 }), make(), L.flatten()]),
    ),
    ...makers.map(([name, make]) =>
      stack(`image, ${name}`, [6, 5, 2], () => [
        L.conv2d({ filters: 3, kernelSize: 2 }),
        make(),
        L.conv2d({ filters: 2, kernelSize: 2 }),
      ]),
    ),
    stack('recurrence, leaky relu, recurrence', [6, 3], () => [
      L.lstm({ units: 4, returnSequences: true }),
      L.leakyReLU(),
      L.gru({ units: 3 }),
    ]),
    stack('flattened, leaky relu, dense', [6, 3], () => [
      L.conv1d({ filters: 4, kernelSize: 2 }),
      L.flatten(),
      L.leakyReLU({ alpha: 0.1 }),
      L.dense({ units: 3 }),
    ]),
    stack('prelu with shared axes', [6, 5, 2], () => [
      L.prelu({ sharedAxes: [1, 2] }),
      L.flatten(),
      L.dense({ units: 2 }),
    ]),
    stack('convolution, prelu with shared axes', [6, 5, 2], () => [
      L.conv2d({ filters: 4, kernelSize: 3 }),
      L.prelu({ sharedAxes: [1, 2] }),
      L.globalAveragePooling2d({ dataFormat: 'channelsLast' }),
    ]),
  ];
}
