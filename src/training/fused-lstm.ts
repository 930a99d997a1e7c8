/**
 * The tfjs engines' fast path for LSTM layers: the layer's `call` is replaced for the length of a run by one operation
 * with a hand-written gradient (`lstm-math.ts`). On the wasm engine a training step of seed 0's two-layer network
 * dispatches 419 kernels instead of 8 144. Same weights, same results to float rounding.
 */
import { loadTf, type Tensor } from '../model/index.js';
import {
  forget,
  type LstmMemory,
  type LstmTools,
  type LstmWeights,
  lstmBackward,
  lstmForward,
  type MakeRight,
  type RecurrentActivation,
  swapOuterAxes,
} from './lstm-math.js';
import { Scratch } from './scratch.js';

export interface FusedLstmOptions {
  readonly recurrentActivation: RecurrentActivation;
  readonly returnSequences: boolean;
  readonly goBackwards: boolean;
  /** Without, no gradient is taken, and what it would need is given back at once. */
  readonly training: boolean;
}

/** Tools for the LSTM layers of one run; a right-hand tensor that lives on lets the wasm engine pack it once. */
export function lstmTools(): LstmTools {
  const tf = loadTf();
  const makeRight: MakeRight = (values, rows, cols) => {
    const right = tf.keep(tf.tensor2d(values, [rows, cols]));
    return {
      times: (a, nRows, out) => {
        const left = tf.tensor2d(a, [nRows, rows]);
        const product = tf.matMul(left, right);
        out.set(passing(product));
        tf.dispose([left, product]);
      },
      dispose: () => right.dispose(),
    };
  };
  return { makeRight, scratch: new Scratch() };
}

/**
 * @param x `[batch, step, inputs]`
 * @param kernel `[inputs, 4·units]`
 * @param recurrent `[units, 4·units]`
 * @param bias `[4·units]`
 * @returns `[batch, step, units]`, or `[batch, units]` without `returnSequences`
 */
export function fusedLstm(
  x: Tensor,
  [kernel, recurrent, bias]: readonly [Tensor, Tensor, Tensor],
  o: FusedLstmOptions,
  tools: LstmTools,
): Tensor {
  const [batch = 0, steps = 0, inputs = 0] = x.shape;
  const units = recurrent.shape[0] ?? 0;
  const shape = { batch, steps, inputs, units };
  const weights: LstmWeights = {
    kernel: floats(kernel.dataSync()),
    recurrent: floats(recurrent.dataSync()),
    bias: floats(bias.dataSync()),
  };
  const forward = () => {
    const xTime = swapOuterAxes(passing(x), [batch, steps, inputs], tools.scratch.take(x.size));
    if (o.goBackwards) reverse(xTime, steps);
    return lstmForward(xTime, weights, shape, o.recurrentActivation, tools);
  };
  if (!o.training) {
    const memory = forward();
    const y = output(memory, o);
    forget(memory, tools.scratch);
    return y;
  }
  const operation = loadTf().customGrad(() => {
    const memory = forward();
    return { value: output(memory, o), gradFunc: (dy: Tensor) => gradients(memory, weights, dy, o, tools) };
  });
  return operation(x, kernel, recurrent, bias);
}

function output(memory: LstmMemory, o: FusedLstmOptions): Tensor {
  const tf = loadTf();
  const { batch, steps, units } = memory.shape;
  if (!o.returnSequences) return tf.tensor2d(memory.hidden.slice(steps * batch * units), [batch, units]);
  const states = memory.hidden.subarray(batch * units);
  const y = swapOuterAxes(states, [steps, batch, units], new Float32Array(states.length));
  return tf.tensor3d(y, [batch, steps, units]);
}

function gradients(
  memory: LstmMemory,
  weights: LstmWeights,
  dy: Tensor,
  o: FusedLstmOptions,
  tools: LstmTools,
): Tensor[] {
  const tf = loadTf();
  const { scratch } = tools;
  const { batch, steps, inputs, units } = memory.shape;
  const dHidden = scratch.take(batch * units);
  let dSequence: Float32Array | null = null;
  if (o.returnSequences) {
    dSequence = swapOuterAxes(passing(dy), [batch, steps, units], scratch.take(dy.size));
    dHidden.fill(0);
  } else {
    dHidden.set(passing(dy));
  }
  const d = lstmBackward(memory, weights, dHidden, dSequence, tools);
  if (o.goBackwards) reverse(d.x, steps);
  const dx = swapOuterAxes(d.x, [steps, batch, inputs], new Float32Array(d.x.length));
  scratch.give(dHidden, d.x, ...(dSequence === null ? [] : [dSequence]));
  return [
    tf.tensor3d(dx, [batch, steps, inputs]),
    tf.tensor2d(d.kernel, [inputs, 4 * units]),
    tf.tensor2d(d.recurrent, [units, 4 * units]),
    tf.tensor1d(d.bias),
  ];
}

/** Turns the order of steps round, in place. */
function reverse(values: Float32Array, steps: number): void {
  const size = values.length / steps;
  for (let first = 0, last = steps - 1; first < last; first++, last--) {
    const kept = values.slice(first * size, (first + 1) * size);
    values.copyWithin(first * size, last * size, (last + 1) * size);
    values.set(kept, last * size);
  }
}

function floats(values: unknown): Float32Array {
  if (!(values instanceof Float32Array)) throw new TypeError('an LSTM tensor must hold float32 values');
  return values;
}

/** The part of tfjs's wasm backend that shows a tensor where it lies. */
interface Heap {
  typedArrayFromHeap(tensor: Tensor): unknown;
}

function isHeap(backend: object): backend is Heap {
  return typeof Reflect.get(backend, 'typedArrayFromHeap') === 'function';
}

/** A tensor's values, to be copied before the next operation: on wasm it may move or overwrite them. */
function passing(tensor: Tensor): Float32Array {
  const backend = loadTf().backend();
  return floats(isHeap(backend) ? backend.typedArrayFromHeap(tensor) : tensor.dataSync());
}
