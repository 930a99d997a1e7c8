import { ACTIVATIONS } from '../../../src/graph/index.js';
import { sequenceLstm, toneCnn } from '../../../src/model/index.js';
import { type ConformanceCase, L, stack } from './case.js';

/** tfjs's names of the activations that have an ONNX form. */
const ACTIVATION_NAMES = ACTIVATIONS.map((name) => (name === 'geluTanh' ? 'gelu_new' : name) as ActivationName);
type ActivationName = NonNullable<Parameters<typeof L.dense>[0]['activation']>;

export function denseCases(): ConformanceCase[] {
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

export function architectureCases(): ConformanceCase[] {
  return [
    { name: 'toneCnn', inputs: [{ shape: [601, 1] }], build: () => toneCnn({ bins: 601, seed: 3 }) },
    {
      name: 'toneCnn 4 blocks',
      inputs: [{ shape: [1001, 1] }],
      build: () => toneCnn({ bins: 1001, filters: [4, 4, 4, 4] }),
    },
    { name: 'sequenceLstm', inputs: [{ shape: [40, 1] }], build: () => sequenceLstm({ seed: 5 }) },
    {
      name: 'sequenceLstm hardSigmoid',
      inputs: [{ shape: [40, 1] }],
      build: () => sequenceLstm({ recurrentActivation: 'hardSigmoid' }),
    },
  ];
}
