import { beforeAll, describe, expect, it } from 'vitest';
import { type LayersModel, loadTf, loadWasmBackend, type Tensor } from '../../src/model/index.js';
import { lstmBackward, lstmForward, type MakeRight } from '../../src/training/lstm-math.js';
import { prepareLayers } from '../../src/training/run-layers.js';
import { Scratch } from '../../src/training/scratch.js';
import { maxAbsDifference } from './models.js';
import { random } from './window-table.js';

const tf = loadTf();
const plainProduct: MakeRight = (values, rows, cols) => ({
  times: (a, nRows, out) => {
    for (let at = 0; at < nRows * cols; at++) {
      const [row, col] = [Math.floor(at / cols), at % cols];
      let sum = 0;
      for (let k = 0; k < rows; k++) sum += a[row * rows + k]! * values[k * cols + col]!;
      out[at] = sum;
    }
  },
  dispose: () => {},
});

function numbers(n: number, seed: number, scale = 1): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: n }, () => (2 * next() - 1) * scale);
}

/** Loss and gradients by weight name of a model on one batch. */
function gradients(model: LayersModel, x: Tensor): { value: number; grads: number[][] } {
  const { value, grads } = tf.variableGrads(() => {
    const y = model.apply(x, { training: true }) as Tensor;
    return tf.sum(tf.mul(y, tf.add(y, 0.3))).asScalar();
  });
  const result = {
    value: value.dataSync()[0]!,
    grads: Object.keys(grads)
      .sort()
      .map((name) => [...grads[name]!.dataSync()]),
  };
  tf.dispose([value, grads]);
  return result;
}

describe('lstmBackward', () => {
  it.each(['sigmoid', 'hardSigmoid'] as const)('is the slope of lstmForward (%s)', (activation) => {
    const shape = { batch: 2, steps: 4, inputs: 3, units: 2 };
    const x = numbers(2 * 4 * 3, 1);
    const weights = { kernel: numbers(3 * 8, 2), recurrent: numbers(2 * 8, 3), bias: numbers(8, 4, 0.3) };
    const dSequence = numbers(4 * 2 * 2, 5);
    const tools = { makeRight: plainProduct, scratch: new Scratch() };
    const loss = () => {
      const { hidden } = lstmForward(x, weights, shape, activation, tools);
      return dSequence.reduce((sum, d, i) => sum + d * hidden[4 + i]!, 0);
    };
    const memory = lstmForward(x.slice(), weights, shape, activation, tools);
    const d = lstmBackward(memory, weights, new Float32Array(4), dSequence, tools);
    let checked = 0;
    for (const [values, slopes] of [
      [x, d.x],
      [weights.kernel, d.kernel],
      [weights.recurrent, d.recurrent],
      [weights.bias, d.bias],
    ] as const) {
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        const step = 2 ** -8;
        values[i] = value + step;
        const above = loss();
        values[i] = value - step;
        const below = loss();
        values[i] = value;
        // Central difference: step²·f'''/6 ≈ 1e-5, and float32 states divided by the step ≈ 1e-5.
        expect(Math.abs((above - below) / (2 * step) - slopes[i]!)).toBeLessThan(2e-4);
        checked += 1;
      }
    }
    expect(checked).toBe(24 + 24 + 16 + 8);
  });
});

describe.each(['cpu', 'wasm'])('the fast LSTM on %s', (backend) => {
  beforeAll(async () => {
    if (backend === 'wasm') loadWasmBackend();
    await tf.setBackend(backend);
  });

  const lstm = { units: 5, recurrentActivation: 'sigmoid' } as const;
  const cases: Record<string, () => LayersModel> = {
    'two layers': () =>
      tf.sequential({
        layers: [
          tf.layers.lstm({ ...lstm, inputShape: [7, 3], returnSequences: true }),
          tf.layers.lstm({ ...lstm, units: 4 }),
        ],
      }),
    'hard sigmoid, tfjs default': () => tf.sequential({ layers: [tf.layers.lstm({ units: 3, inputShape: [7, 3] })] }),
    'read backwards': () =>
      tf.sequential({
        layers: [tf.layers.lstm({ ...lstm, inputShape: [7, 3], returnSequences: true, goBackwards: true })],
      }),
    'in both directions': () =>
      tf.sequential({
        layers: [
          tf.layers.bidirectional({
            layer: tf.layers.lstm({ ...lstm, returnSequences: true }) as never, // its type asks for tfjs's own class
            mergeMode: 'concat',
            inputShape: [7, 3],
          }),
        ],
      }),
  };

  it.each(Object.keys(cases))('has the plain layer’s value and gradients: %s', (name) => {
    const model = cases[name]!();
    const x = tf.tensor3d(numbers(4 * 7 * 3, 9), [4, 7, 3]);
    const plain = gradients(model, x);
    const restore = prepareLayers(model, { seed: 0, fuseLstm: true });
    const kernels = countKernels(() => gradients(model, x));
    const fast = gradients(model, x);
    restore();
    const again = gradients(model, x);
    expect(kernels).toBeLessThan(countKernels(() => gradients(model, x)) / 2); // it did take the fast path
    expect(again).toEqual(plain);
    expect(Math.abs(fast.value - plain.value)).toBeLessThan(1e-5);
    expect(fast.grads).toHaveLength(plain.grads.length);
    // float32 sums over 28 rows in another order
    for (const [i, grad] of fast.grads.entries()) expect(maxAbsDifference(grad, plain.grads[i]!)).toBeLessThan(1e-5);
    x.dispose();
  });

  it('leaves layers it does not cover alone', () => {
    const model = tf.sequential({ layers: [tf.layers.lstm({ ...lstm, activation: 'relu', inputShape: [7, 3] })] });
    const restore = prepareLayers(model, { seed: 0, fuseLstm: true });
    expect(Object.hasOwn(model.layers[0]!, 'call')).toBe(false);
    restore();
  });
});

it('refuses random layers that no seed reaches', () => {
  const model = tf.sequential({ layers: [tf.layers.gaussianNoise({ stddev: 1, inputShape: [2], name: 'noise' })] });
  expect(() => prepareLayers(model, { seed: 0, fuseLstm: true })).toThrow(/layer "noise" must be/);
});

/** Operations that tfjs dispatches: all go through one private method of its engine. */
function countKernels(work: () => void): number {
  const engine = tf.engine();
  const original: (...args: unknown[]) => unknown = Reflect.get(engine, 'runKernelFunc');
  let count = 0;
  Reflect.set(engine, 'runKernelFunc', (...args: unknown[]) => {
    count += 1;
    return original.apply(engine, args);
  });
  work();
  Reflect.deleteProperty(engine, 'runKernelFunc');
  return count;
}
