/**
 * One LSTM layer over a whole sequence, forward and backward, on plain arrays. A layers-library LSTM runs about
 * thirty small tensor operations per time step and as many gradients; here a step is one matrix product and one loop.
 *
 * Gate order is Keras's `i f c o`; matrices are row-major; sequences are time-major `[step, batch, …]`.
 */

import type { Scratch } from './scratch.js';

export interface LstmShape {
  readonly batch: number;
  readonly steps: number;
  readonly inputs: number;
  readonly units: number;
}

export type RecurrentActivation = 'sigmoid' | 'hardSigmoid';

/** A right-hand matrix made ready once for many products: `a [nRows, rows] · this [rows, cols]`. */
export interface RightMatrix {
  /** Writes the product to `out [nRows, cols]`. */
  times(a: Float32Array, nRows: number, out: Float32Array): void;
  dispose(): void;
}
/** Makes `values [rows, cols]` ready for products: how the engine's own matrix product comes in. */
export type MakeRight = (values: Float32Array, rows: number, cols: number) => RightMatrix;

/** What both passes work with: the engine's product, and arrays of earlier steps to use again. */
export interface LstmTools {
  readonly makeRight: MakeRight;
  readonly scratch: Scratch;
}

export interface LstmWeights {
  /** `[inputs, 4·units]` */
  readonly kernel: Float32Array;
  /** `[units, 4·units]` */
  readonly recurrent: Float32Array;
  /** `[4·units]` */
  readonly bias: Float32Array;
}

/** What the backward pass needs of the forward pass. */
export interface LstmMemory {
  readonly shape: LstmShape;
  readonly recurrentActivation: RecurrentActivation;
  /** `[step, batch, inputs]` */
  readonly x: Float32Array;
  /** Activated gates `[step, batch, 4·units]`. */
  readonly gates: Float32Array;
  /** Cell states `[1 + step, batch, units]`; the first are zeros. */
  readonly cells: Float32Array;
  /** `tanh` of the cell states `[step, batch, units]`. */
  readonly squashed: Float32Array;
  /** Hidden states `[1 + step, batch, units]`; the first are zeros. */
  readonly hidden: Float32Array;
}

export interface LstmGradients extends LstmWeights {
  /** `[step, batch, inputs]` */
  readonly x: Float32Array;
}

/**
 * Hidden states from a zero initial state:
 * `z = x·W + h·R + b`, `c = σ(zf)·c + σ(zi)·tanh(zc)`, `h = σ(zo)·tanh(c)`.
 *
 * @param x time-major input `[steps, batch, inputs]`
 * @returns every intermediate value; `hidden[steps]` is the layer's last output
 */
export function lstmForward(
  x: Float32Array,
  weights: LstmWeights,
  shape: LstmShape,
  recurrentActivation: RecurrentActivation,
  { makeRight, scratch }: LstmTools,
): LstmMemory {
  const { batch, steps, inputs, units } = shape;
  const size = batch * units;
  const kernel = makeRight(weights.kernel, inputs, 4 * units);
  const recurrent = makeRight(weights.recurrent, units, 4 * units);
  const memory: LstmMemory = {
    shape,
    recurrentActivation,
    x,
    gates: scratch.take(steps * 4 * size),
    cells: scratch.take((steps + 1) * size).fill(0, 0, size),
    squashed: scratch.take(steps * size),
    hidden: scratch.take((steps + 1) * size).fill(0, 0, size),
  };
  kernel.times(x, steps * batch, memory.gates);
  const fromHidden = scratch.take(4 * size).fill(0);
  for (let t = 0; t < steps; t++) {
    if (t > 0) recurrent.times(memory.hidden.subarray(t * size, (t + 1) * size), batch, fromHidden);
    activate(memory, t, fromHidden, weights.bias);
  }
  scratch.give(fromHidden);
  kernel.dispose();
  recurrent.dispose();
  return memory;
}

/** Gives a forward pass's arrays back, its input among them. */
export function forget(memory: LstmMemory, scratch: Scratch): void {
  scratch.give(memory.x, memory.gates, memory.cells, memory.squashed, memory.hidden);
}

/** Turns step `t`'s pre-activations (in `gates`) into activated gates, cell and hidden state, in place. */
function activate(memory: LstmMemory, t: number, fromHidden: Float32Array, bias: Float32Array): void {
  const { gates, cells, squashed, hidden } = memory;
  const { batch, units } = memory.shape;
  const hard = memory.recurrentActivation === 'hardSigmoid';
  const size = batch * units;
  for (let row = 0; row < batch; row++) {
    const local = row * 4 * units;
    const at = t * 4 * size + local;
    const cell = t * size + row * units;
    for (let u = 0; u < units; u++) {
      const zi = gates[at + u]! + fromHidden[local + u]! + bias[u]!;
      const zf = gates[at + units + u]! + fromHidden[local + units + u]! + bias[units + u]!;
      const zc = gates[at + 2 * units + u]! + fromHidden[local + 2 * units + u]! + bias[2 * units + u]!;
      const zo = gates[at + 3 * units + u]! + fromHidden[local + 3 * units + u]! + bias[3 * units + u]!;
      const i = hard ? hardSigmoid(zi) : sigmoid(zi);
      const f = hard ? hardSigmoid(zf) : sigmoid(zf);
      const o = hard ? hardSigmoid(zo) : sigmoid(zo);
      const g = 2 * sigmoid(2 * zc) - 1;
      const c = f * cells[cell + u]! + i * g;
      const tanhC = 2 * sigmoid(2 * c) - 1;
      gates[at + u] = i;
      gates[at + units + u] = f;
      gates[at + 2 * units + u] = g;
      gates[at + 3 * units + u] = o;
      cells[cell + size + u] = c;
      squashed[cell + u] = tanhC;
      hidden[cell + size + u] = o * tanhC;
    }
  }
}

/**
 * Gradients of a scalar loss with respect to input and weights. The arrays of `memory` are given back.
 *
 * @param dHidden loss gradient of the last hidden state `[batch, units]`; overwritten
 * @param dSequence loss gradient of every hidden state, time-major `[steps, batch, units]`; null when only the last is used
 */
export function lstmBackward(
  memory: LstmMemory,
  weights: LstmWeights,
  dHidden: Float32Array,
  dSequence: Float32Array | null,
  { makeRight, scratch }: LstmTools,
): LstmGradients {
  const { batch, steps, inputs, units } = memory.shape;
  const size = batch * units;
  const rows = steps * batch;
  const dz = scratch.take(rows * 4 * units);
  const dCell = scratch.take(size).fill(0);
  const dBias = new Float64Array(4 * units);
  const recurrentT = makeRight(transpose(weights.recurrent, units, 4 * units), 4 * units, units);
  for (let t = steps - 1; t >= 0; t--) {
    unactivate(memory, t, dSequence, dHidden, dCell, dz, dBias);
    if (t > 0) recurrentT.times(dz.subarray(t * 4 * size, (t + 1) * 4 * size), batch, dHidden);
  }
  recurrentT.dispose();

  // One product [inputs + units, steps·batch] · [steps·batch, 4·units] gives both weight gradients.
  const left = scratch.take((inputs + units) * rows);
  transposeInto(left, 0, memory.x, rows, inputs);
  transposeInto(left, inputs * rows, memory.hidden, rows, units);
  const dWeights = new Float32Array((inputs + units) * 4 * units);
  const dzRight = makeRight(dz, rows, 4 * units);
  dzRight.times(left, inputs + units, dWeights);
  dzRight.dispose();
  const dx = scratch.take(rows * inputs);
  const kernelT = makeRight(transpose(weights.kernel, inputs, 4 * units), 4 * units, inputs);
  kernelT.times(dz, rows, dx);
  kernelT.dispose();
  scratch.give(dz, dCell, left);
  forget(memory, scratch);
  return {
    x: dx,
    kernel: dWeights.subarray(0, inputs * 4 * units),
    recurrent: dWeights.subarray(inputs * 4 * units),
    bias: Float32Array.from(dBias),
  };
}

/** Step `t`'s gradient of the pre-activations into `dz`; carries the cell's gradient back in `dCell`. */
function unactivate(
  memory: LstmMemory,
  t: number,
  dSequence: Float32Array | null,
  dHidden: Float32Array,
  dCell: Float32Array,
  dz: Float32Array,
  dBias: Float64Array,
): void {
  const { gates, cells, squashed } = memory;
  const { batch, units } = memory.shape;
  const hard = memory.recurrentActivation === 'hardSigmoid';
  const size = batch * units;
  for (let row = 0; row < batch; row++) {
    const local = row * units;
    const at = t * 4 * size + 4 * local;
    const cell = t * size + local;
    for (let u = 0; u < units; u++) {
      const i = gates[at + u]!;
      const f = gates[at + units + u]!;
      const g = gates[at + 2 * units + u]!;
      const o = gates[at + 3 * units + u]!;
      const tanhC = squashed[cell + u]!;
      const dh = dHidden[local + u]! + (dSequence === null ? 0 : dSequence[cell + u]!);
      const dc = dCell[local + u]! + dh * o * (1 - tanhC * tanhC);
      const di = dc * g * (hard ? hardSlope(i) : i * (1 - i));
      const df = dc * cells[cell + u]! * (hard ? hardSlope(f) : f * (1 - f));
      const dg = dc * i * (1 - g * g);
      const dOut = dh * tanhC * (hard ? hardSlope(o) : o * (1 - o));
      dz[at + u] = di;
      dz[at + units + u] = df;
      dz[at + 2 * units + u] = dg;
      dz[at + 3 * units + u] = dOut;
      dBias[u]! += di;
      dBias[units + u]! += df;
      dBias[2 * units + u]! += dg;
      dBias[3 * units + u]! += dOut;
      dCell[local + u] = dc * f;
    }
  }
}

/** Values of the sigmoid on a grid; between its points two terms of Taylor's series err by less than 1e-8 of the value. */
const GRID_END = 16;
const GRID_PER_UNIT = 128;
const GRID_STEP = 1 / GRID_PER_UNIT;
const GRID = Float64Array.from(
  { length: 2 * GRID_END * GRID_PER_UNIT + 2 },
  (_, i) => 1 / (1 + Math.exp(GRID_END - i * GRID_STEP)),
);

/** A third of the time of `Math.exp` and a division, which would be most of a training step. */
function sigmoid(z: number): number {
  if (!(z > -GRID_END && z < GRID_END)) return 1 / (1 + Math.exp(-z));
  const at = ((z + GRID_END) * GRID_PER_UNIT + 0.5) | 0;
  const d = z + GRID_END - at * GRID_STEP;
  const value = GRID[at]!;
  const slope = value - value * value;
  return value + d * slope * (1 + d * (0.5 - value));
}

/** Keras's piecewise line through (0, .5) with slope .2. */
function hardSigmoid(z: number): number {
  return Math.min(1, Math.max(0, 0.2 * z + 0.5));
}

function hardSlope(value: number): number {
  return value > 0 && value < 1 ? 0.2 : 0;
}

/** `values [outer, inner, width]` → `out [inner, outer, width]`: between `[batch, step, …]` and `[step, batch, …]`. */
export function swapOuterAxes(
  values: Float32Array,
  [outer, inner, width]: readonly [number, number, number],
  out: Float32Array,
): Float32Array {
  for (let a = 0; a < outer; a++) {
    for (let b = 0; b < inner; b++) {
      const from = (a * inner + b) * width;
      const to = (b * outer + a) * width;
      for (let i = 0; i < width; i++) out[to + i] = values[from + i]!;
    }
  }
  return out;
}

function transpose(values: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(values.length);
  transposeInto(out, 0, values, rows, cols);
  return out;
}

/** Writes `values [rows, cols]` as `[cols, rows]` from `out[start]` on, in blocks of rows that stay in the cache. */
function transposeInto(out: Float32Array, start: number, values: Float32Array, rows: number, cols: number): void {
  const block = 16;
  for (let first = 0; first < rows; first += block) {
    const end = Math.min(rows, first + block);
    for (let col = 0; col < cols; col++) {
      for (let row = first; row < end; row++) out[start + col * rows + row] = values[row * cols + col]!;
    }
  }
}
