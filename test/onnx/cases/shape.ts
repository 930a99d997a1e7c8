import { type ConformanceCase, L, stack } from './case.js';

export function shapeCases(): ConformanceCase[] {
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
