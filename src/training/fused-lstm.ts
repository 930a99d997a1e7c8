/**
 * The tfjs engines' fast path for LSTM layers: the layer's `call` is replaced for the length of a run by one operation
 * with a hand-written gradient (`lstm-math.ts`). On the wasm engine a training step of seed 0's two-layer network
 * dispatches some hundred kernels instead of 7 974. Same weights, same results to float rounding.
 */
import { loadTf, type Tensor } from '../model/index.js';
import {
  type LstmMemory,
  type LstmWeights,
  lstmBackward,
  lstmForward,
  type MakeRight,
  type RecurrentActivation,
  swapBatchAndTime,
} from './lstm-math.js';

/** The engine's own matrix product; a right-hand tensor that lives on lets the wasm engine pack it once. */
const makeRight: MakeRight = (values, rows, cols) => {
  const tf = loadTf();
  const right = tf.keep(tf.tensor2d(values, [rows, cols]));
  return {
    times: (a, nRows) => {
      const left = tf.tensor2d(a, [nRows, rows]);
      const product = tf.matMul(left, right);
      const values = floats(product.dataSync()); // not through `tidy`, which walks every element of what it returns
      tf.dispose([left, product]);
      return values;
    },
    dispose: () => right.dispose(),
  };
};

function floats(values: unknown): Float32Array {
  if (!(values instanceof Float32Array)) throw new TypeError('an LSTM tensor must hold float32 values');
  return values;
}

export interface FusedLstmOptions {
  readonly recurrentActivation: RecurrentActivation;
  readonly returnSequences: boolean;
  readonly goBackwards: boolean;
}

/**
 * @param x `[batch, step, inputs]`
 * @param kernel `[inputs, 4·units]`
 * @param recurrent `[units, 4·units]`
 * @param bias `[4·units]`
 * @returns `[batch, step, units]`, or `[batch, units]` without `returnSequences`
 */
export function fusedLstm(x: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, o: FusedLstmOptions): Tensor {
  const [batch = 0, steps = 0, inputs = 0] = x.shape;
  const units = recurrent.shape[0] ?? 0;
  const shape = { batch, steps, inputs, units };
  const weights: LstmWeights = {
    kernel: floats(kernel.dataSync()),
    recurrent: floats(recurrent.dataSync()),
    bias: floats(bias.dataSync()),
  };
  const operation = loadTf().customGrad(() => {
    const xTime = toTime(floats(x.dataSync()), batch, steps, inputs, o.goBackwards);
    const memory = lstmForward(xTime, weights, shape, o.recurrentActivation, makeRight);
    return { value: output(memory, o), gradFunc: (dy: Tensor) => gradients(memory, weights, dy, o) };
  });
  return operation(x, kernel, recurrent, bias);
}

function output(memory: LstmMemory, o: FusedLstmOptions): Tensor {
  const tf = loadTf();
  const { batch, steps, units } = memory.shape;
  const states = memory.hidden.subarray(batch * units);
  if (o.returnSequences) return tf.tensor3d(swapBatchAndTime(states, steps, batch, units), [batch, steps, units]);
  return tf.tensor2d(states.slice((steps - 1) * batch * units), [batch, units]);
}

function gradients(memory: LstmMemory, weights: LstmWeights, dy: Tensor, o: FusedLstmOptions): Tensor[] {
  const tf = loadTf();
  const { batch, steps, inputs, units } = memory.shape;
  const given = floats(dy.dataSync());
  const sequence = o.returnSequences ? swapBatchAndTime(given, batch, steps, units) : null;
  const d = lstmBackward(memory, weights, sequence, o.returnSequences ? null : given, makeRight);
  const dx = o.goBackwards ? reverse(d.x, steps, batch * inputs) : d.x;
  return [
    tf.tensor3d(swapBatchAndTime(dx, steps, batch, inputs), [batch, steps, inputs]),
    tf.tensor2d(d.kernel, [inputs, 4 * units]),
    tf.tensor2d(d.recurrent, [units, 4 * units]),
    tf.tensor1d(d.bias),
  ];
}

/** `[batch, step, width]` → `[step, batch, width]`, last step first when the layer reads backwards. */
function toTime(x: Float32Array, batch: number, steps: number, width: number, backwards: boolean): Float32Array {
  const swapped = swapBatchAndTime(x, batch, steps, width);
  return backwards ? reverse(swapped, steps, batch * width) : swapped;
}

function reverse(values: Float32Array, steps: number, size: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let t = 0; t < steps; t++) out.set(values.subarray(t * size, (t + 1) * size), (steps - 1 - t) * size);
  return out;
}
