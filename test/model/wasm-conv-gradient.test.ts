import { beforeAll, describe, expect, it } from 'vitest';
import { loadTf, loadWasmBackend, registerWasmConvGradients, type Tensor, toneCnn } from '../../src/model/index.js';
import { seededFloats } from '../graph/random.js';

const tf = loadTf();

/** float32 sums over thousands of products in another order, relative to the largest entry of a gradient. */
const MAX_RELATIVE_DIFF = 1e-4;

type Shape4 = [number, number, number, number];

function tensor4(shape: Shape4, seed: number) {
  return tf.tensor4d(
    seededFloats(
      shape.reduce((product, dim) => product * dim, 1),
      seed,
    ),
    shape,
  );
}

/** What `compute` gives on a backend, as plain arrays. */
async function on(backend: 'cpu' | 'wasm', compute: () => Tensor[]): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  return tf.tidy(() => compute().map((tensor) => Float32Array.from(tensor.dataSync())));
}

function relativeDiff(a: Float32Array, b: Float32Array): number {
  const scale = a.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0) / scale;
}

async function expectSameOnBoth(compute: () => Tensor[]): Promise<void> {
  const expected = await on('cpu', compute);
  const got = await on('wasm', compute);
  expect(got.length).toBe(expected.length);
  expected.forEach((gradient, index) => {
    expect(gradient.some((value) => value !== 0)).toBe(true);
    expect(got[index]!.length).toBe(gradient.length);
    expect(relativeDiff(gradient, got[index]!)).toBeLessThan(MAX_RELATIVE_DIFF);
  });
}

beforeAll(async () => {
  loadWasmBackend();
  registerWasmConvGradients();
  registerWasmConvGradients();
  await tf.setBackend('wasm');
});

type Pad = Parameters<typeof tf.conv2d>[3];

interface ConvCase {
  readonly x: Shape4;
  readonly filter: Shape4;
  readonly strides: [number, number];
  readonly pad: Pad;
}

function convCases(): ConvCase[] {
  const explicit: Pad = [
    [0, 0],
    [1, 0],
    [2, 3],
    [0, 0],
  ];
  const beyond: Pad = [
    [0, 0],
    [3, 0],
    [0, 4],
    [0, 0],
  ];
  const cases: ConvCase[] = [];
  for (const strides of [
    [1, 1],
    [1, 2],
    [2, 3],
  ] as [number, number][]) {
    for (const [inChannels, filters] of [
      [1, 1],
      [1, 5],
      [3, 4],
    ] as const) {
      for (const pad of ['valid', 'same', explicit, beyond] as const) {
        cases.push({ x: [3, 7, 12, inChannels], filter: [3, 4, inChannels, filters], strides, pad });
      }
      // tfjs takes one number for square filters only.
      cases.push({ x: [2, 7, 7, inChannels], filter: [3, 3, inChannels, filters], strides: [1, 1], pad: 1 });
      for (const pad of ['valid', 'same'] as const) {
        cases.push({ x: [2, 1, 31, inChannels], filter: [1, 9, inChannels, filters], strides: [1, strides[1]], pad });
      }
    }
  }
  return cases;
}

describe('convolution gradients on wasm equal the cpu backend', () => {
  it.each(convCases())('x $x filter $filter strides $strides pad $pad', async ({ x, filter, strides, pad }) => {
    await expectSameOnBoth(() => {
      const conv = (...[image, taps]: Tensor[]) =>
        tf.conv2d(
          image!.as4D(...x),
          taps!.as4D(...filter),
          strides,
          pad,
          'NHWC',
          [1, 1],
          typeof pad === 'string' ? undefined : 'floor',
        );
      const input = tensor4(x, 1);
      const kernel = tensor4(filter, 2);
      const { shape } = conv(input, kernel);
      return tf.grads(conv)([input, kernel], tensor4(shape, 3));
    });
  });

  it('gathers the taps of large inputs in turns', async () => {
    const [batch, length, channels, taps] = [2, 100_000, 24, 4];
    const values = seededFloats(batch * length * channels, 1);
    const [gradient] = await on('wasm', () => {
      const input = tf.tensor4d(values, [batch, 1, length, channels]);
      const ofFilter = tf.grad((filter: Tensor) => tf.conv2d(input, filter.as4D(1, taps, channels, 1), 1, 'valid'));
      return [ofFilter(tf.zeros([1, taps, channels, 1]))];
    });
    const expected = new Float64Array(taps * channels);
    values.forEach((value, index) => {
      const [channel, cell] = [index % channels, Math.floor(index / channels) % length];
      for (let tap = 0; tap < taps; tap++) {
        if (cell >= tap && cell - tap <= length - taps) expected[tap * channels + channel]! += value;
      }
    });
    expect(relativeDiff(Float32Array.from(expected), gradient!)).toBeLessThan(MAX_RELATIVE_DIFF);
  });
});

describe('maximum pool gradient on wasm equals the cpu backend', () => {
  const cases: { size: [number, number]; strides: [number, number]; pad: 'valid' | 'same' }[] = [
    { size: [4, 1], strides: [4, 1], pad: 'valid' },
    { size: [3, 1], strides: [2, 1], pad: 'same' },
    { size: [2, 3], strides: [1, 2], pad: 'same' },
    { size: [3, 2], strides: [1, 1], pad: 'valid' },
  ];

  it.each(cases)('size $size strides $strides pad $pad', async ({ size, strides, pad }) => {
    await expectSameOnBoth(() => {
      // Half of the cells are equal zeros, as behind a ReLU: ties must go to the same cell.
      const shape: Shape4 = [2, 13, 6, 3];
      const input = tf.relu(tensor4(shape, 1));
      const pool = (x: Tensor) => tf.maxPool(x.as4D(...shape), size, strides, pad);
      return [
        tf.grad(pool)(
          input,
          tensor4(
            tf.tidy(() => pool(input).shape),
            2,
          ),
        ),
      ];
    });
  });
});

describe('a whole model', () => {
  it('has the same gradients on both, and leaves no tensor behind', async () => {
    await tf.setBackend('cpu');
    const model = toneCnn({ bins: 60, filters: [3, 4] });
    const x = tf.tensor3d(seededFloats(5 * 60, 1), [5, 60, 1]);
    const y = tf.tensor2d([[0], [1], [1], [0], [1]]);
    const gradients = () => {
      const loss = () => tf.losses.sigmoidCrossEntropy(y, model.predict(x) as Tensor).asScalar();
      const { grads } = tf.variableGrads(loss);
      return Object.values(grads);
    };
    await expectSameOnBoth(gradients);
    const before = tf.memory().numTensors;
    tf.tidy(() => void gradients());
    expect(tf.memory().numTensors).toBe(before);
  });
});
