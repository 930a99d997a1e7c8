import { type ConformanceCase, L, randomiseWeights, type Shape, stack, tf } from './case.js';

export function nestedCases(): ConformanceCase[] {
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
      inputs: [{ shape: [8, 4] }],
      build: () => randomiseWeights(twin(), 7),
    },
    {
      name: 'a sequence that begins with a model',
      inputs: [{ shape: [9, 2] }],
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
