/** The same layers or models on each step of a sequence. */
import { type ConformanceCase, L, stack, tf } from './case.js';

export function perStepCases(): ConformanceCase[] {
  const conv = () => L.conv1d({ filters: 3, kernelSize: 2, activation: 'relu' });
  const inner = () =>
    tf.sequential({
      name: 'each',
      layers: [L.conv2d({ filters: 2, kernelSize: 2, inputShape: [5, 4, 1] }), L.batchNormalization(), L.flatten()],
    });
  return [
    stack('time-distributed convolution', [4, 7, 2], () => [L.timeDistributed({ layer: conv() })]),
    stack('time-distributed convolution of open length', [null, 7, 2], () => [L.timeDistributed({ layer: conv() })]),
    stack('time-distributed pooling, flatten, recurrence', [4, 6, 2], () => [
      L.timeDistributed({ layer: L.maxPooling1d({ poolSize: 2 }) }),
      L.timeDistributed({ layer: L.flatten() }),
      L.lstm({ units: 3 }),
    ]),
    stack('time-distributed recurrence', [3, 6, 2], () => [L.timeDistributed({ layer: L.gru({ units: 4 }) })]),
    stack('time-distributed reshape', [3, 6], () => [L.timeDistributed({ layer: L.reshape({ targetShape: [2, 3] }) })]),
    stack('time-distributed batch norm', [3, 6], () => [L.timeDistributed({ layer: L.batchNormalization() })]),
    stack('time-distributed model, recurrence', [6, 5, 4, 1], () => [
      L.timeDistributed({ layer: inner() }),
      L.lstm({ units: 3 }),
    ]),
    stack('time-distributed model of open length', [null, 5, 4, 1], () => [
      L.timeDistributed({ layer: inner() }),
      L.gru({ units: 3, returnSequences: true }),
    ]),
  ];
}
