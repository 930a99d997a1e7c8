/** Minima, products, tables of vectors, several inputs and outputs. */
import { type ConformanceCase, functional, L, stack, through } from './case.js';

function dots(): ConformanceCase[] {
  const shapes = [
    ['vectors', [5], [5], 1],
    ['vectors from the end', [5], [5], -1],
    ['sequences', [4, 5], [3, 5], 2],
    ['sequences along time', [4, 5], [4, 3], 1],
    ['sequences, axes apart', [4, 5], [5, 3], [2, 1]],
    ['a sequence and a vector', [4, 5], [5], [2, 1]],
    ['a vector and a sequence', [4], [4, 5], [1, 1]],
  ] as const;
  return shapes.flatMap(([name, left, right, axes]) =>
    [false, true].map((normalize) =>
      functional(
        `dot of ${name}${normalize ? ', normalised' : ''}`,
        [{ shape: left }, { shape: right }],
        (a, b) => L.dot({ axes: axes as number, normalize }).apply([a!, b!]) as NonNullable<typeof a>,
      ),
    ),
  );
}

function embeddings(): ConformanceCase[] {
  const integers = { below: 11 };
  const embedding = (o = {}) => L.embedding({ inputDim: 11, outputDim: 4, ...o });
  return [
    stack('embedding of floats', [6], () => [embedding(), L.flatten(), L.dense({ units: 2 })], integers),
    stack('embedding, convolution', [9], () => [embedding(), L.conv1d({ filters: 3, kernelSize: 2 })], integers),
    stack('embedding of open length', [null], () => [embedding(), L.gru({ units: 3 })], integers),
    stack('embedding of a table', [3, 4], () => [embedding({ inputLength: [3, 4] })], integers),
    functional('embedding of integers', [{ shape: [6], ...integers }], (x) => {
      const vectors = embedding().apply(x) as typeof x;
      return L.globalAveragePooling1d().apply(vectors) as typeof x;
    }),
    functional('two embeddings of the same integers', [{ shape: [6], ...integers }], (x) => {
      const pair = [embedding(), embedding()].map((layer) => layer.apply(x) as typeof x);
      return L.concatenate().apply(pair) as typeof x;
    }),
  ];
}

function several(): ConformanceCase[] {
  const two = [{ shape: [6, 3] }, { shape: [4] }] as const;
  return [
    functional(
      'minimum of three',
      [{ shape: [5] }, { shape: [5] }, { shape: [5] }],
      (...x) => L.minimum().apply(x) as NonNullable<(typeof x)[0]>,
    ),
    functional('weights for each step', [{ shape: [6, 3] }], (x) => {
      const scores = L.dense({ units: 1, activation: 'tanh' }).apply(x) as typeof x;
      const turn = () => L.permute({ dims: [2, 1] });
      const weights = through([turn(), L.softmax({ axis: 2 }), turn()], scores);
      return L.multiply().apply([x, weights]) as typeof x;
    }),
    functional('two inputs, one output', two, (a, b) => {
      const read = L.lstm({ units: 4 }).apply(a!) as NonNullable<typeof a>;
      return L.dense({ units: 2 }).apply(L.concatenate().apply([read, b!])) as NonNullable<typeof a>;
    }),
    functional('two inputs, three outputs', two, (a, b) => {
      const sequence = L.gru({ units: 4, returnSequences: true }).apply(a!) as NonNullable<typeof a>;
      const top = L.globalMaxPooling1d().apply(sequence) as NonNullable<typeof a>;
      const sum = L.add().apply([top, b!]) as NonNullable<typeof a>;
      return [sequence, sum, L.dense({ units: 1, activation: 'sigmoid' }).apply(sum) as NonNullable<typeof a>];
    }),
    functional('one layer shared by two inputs', [{ shape: [6, 3] }, { shape: [6, 3] }], (a, b) => {
      const shared = L.lstm({ units: 4 });
      const both = [a!, b!].map((x) => shared.apply(x) as NonNullable<typeof a>);
      return L.dot({ axes: 1, normalize: true }).apply(both) as NonNullable<typeof a>;
    }),
    functional('an input that is also an output', [{ shape: [5] }], (x) => [
      x,
      L.dense({ units: 2 }).apply(x) as typeof x,
    ]),
  ];
}

export function productCases(): ConformanceCase[] {
  return [...dots(), ...embeddings(), ...several()];
}
