/** M1 to M5: the models of the training budgets, which are those of the seeds, each with the batch it trains on. */
import {
  initialiseWeights,
  type LayersModel,
  loadTf,
  type SymbolicTensor,
  sequenceLstm,
} from '../../src/model/index.js';
import type { TrainOptions } from '../../src/training/index.js';
import { noiseRows } from '../noise.js';
import type { TrainingId } from './ids.js';

export interface TrainingModel {
  readonly id: TrainingId;
  /** What contestants in other processes call it. */
  readonly key: string;
  readonly title: string;
  /** Windows a step. */
  readonly batch: number;
  /** Of one window. */
  readonly inputShape: readonly number[];
  /** Of one window; null where the loss lies between layers. */
  readonly targetShape: readonly number[] | null;
  /** What a window's target is; as many numbers as `targetShape` says. */
  readonly target: (x: readonly number[]) => readonly number[];
  readonly loss: TrainOptions['loss'];
  /** Of the model's dropout layers in training. */
  readonly dropout: number;
  /** With the same initial weights every time. */
  readonly build: (o?: { readonly dropout?: number }) => LayersModel;
}

/** Sizes of the budgets, or such that tfjs's JavaScript backend trains them in tests. */
export type ModelSizes = 'whole' | 'small';

const SEED = 1;
const isAbove0 = (x: number) => (x > 0 ? 1 : 0);

export function trainingModels(sizes: ModelSizes = 'whole'): TrainingModel[] {
  const size = (whole: number, small: number) => (sizes === 'whole' ? whole : small);
  return [sequence(size), denseAutoencoder(size), boundary(size), ...cumulativeSum(size), contextAutoencoder(size)];
}

type Size = (whole: number, small: number) => number;

/** Seed 0's sequence detector. */
function sequence(size: Size): TrainingModel {
  const length = size(40, 8);
  return {
    ...{ id: 'M1', key: 'M1', title: `M1 two LSTM(${size(40, 6)}) layers`, batch: size(64, 8) },
    ...{ inputShape: [length, 1], targetShape: [1], loss: 'binaryCrossentropy', dropout: 0.2 },
    target: ([first = 0]) => [isAbove0(first)],
    build: ({ dropout = 0 } = {}) => sequenceLstm({ length, units: size(40, 6), dropout, seed: SEED }),
  };
}

/** Seed 1's autoencoder of stacked log-mel frames. */
function denseAutoencoder(size: Size): TrainingModel {
  const width = size(320, 40);
  const hidden = size(64, 16);
  const widths = [hidden, hidden, 8, hidden, hidden];
  return {
    ...{ id: 'M2', key: 'M2', title: `M2 dense autoencoder of ${width}`, batch: size(512, 32) },
    ...{ inputShape: [width], targetShape: [width], loss: 'meanSquaredError', dropout: 0 },
    target: (x) => x,
    build: () => {
      const { layers, sequential } = loadTf();
      const relu = widths.map((units, i) =>
        layers.dense({ units, activation: 'relu', ...(i === 0 && { inputShape: [width] }) }),
      );
      return initialised(sequential({ layers: [...relu, layers.dense({ units: width })] }));
    },
  };
}

/** Seed 2's boundary detector on ten frames of cepstra. */
function boundary(size: Size): TrainingModel {
  const units = size(70, 8);
  const inputShape = [10, 13];
  return {
    ...{ id: 'M3', key: 'M3', title: `M3 bidirectional LSTM(${units})`, batch: size(128, 16) },
    ...{ inputShape, targetShape: [2], loss: 'categoricalCrossentropy', dropout: 0 },
    target: ([first = 0]) => [isAbove0(first), 1 - isAbove0(first)],
    build: () => {
      const { layers, sequential } = loadTf();
      const layer = layers.lstm({ ...LSTM, units });
      if (!(layer instanceof loadTf().RNN)) throw new TypeError('an LSTM layer must be a recurrent one');
      return initialised(
        sequential({
          layers: [
            layers.bidirectional({ layer, mergeMode: 'concat', inputShape: [...inputShape] }),
            layers.dense({ units: 2, activation: 'softmax' }),
          ],
        }),
      );
    },
  };
}

/** Seed 3's classifier of every step, one sequence at a time and many. */
function cumulativeSum(size: Size): TrainingModel[] {
  const units = size(20, 5);
  const shape = [10, 1];
  return [1, size(64, 4)].map((batch) => ({
    ...({ id: 'M4', key: `M4-${batch === 1 ? '1' : '64'}` } as const),
    ...({ title: `M4 LSTM(${units}) with a score at every step`, batch } as const),
    ...({ inputShape: shape, targetShape: shape, loss: 'binaryCrossentropy', dropout: 0 } as const),
    target: (x) => x.map(isAbove0),
    build: () => {
      const { layers, sequential } = loadTf();
      return initialised(
        sequential({
          layers: [
            layers.lstm({ ...LSTM, units, returnSequences: true, inputShape: [...shape] }),
            layers.timeDistributed({ layer: layers.dense({ units: 1, activation: 'sigmoid' }) }),
          ],
        }),
      );
    },
  }));
}

/** Seed 4's: what the LSTM says of a sequence is squeezed and made anew, and that is the loss. */
function contextAutoencoder(size: Size): TrainingModel {
  const units = size(100, 8);
  return {
    ...{ id: 'M5', key: 'M5', title: `M5 context autoencoder of LSTM(${units}, relu)`, batch: size(32, 8) },
    ...{ inputShape: [9, 1], targetShape: null, dropout: 0 },
    loss: [{ of: 'decoded', target: 'context', loss: 'meanSquaredError' }],
    target: () => [],
    build: () => {
      const { layers, input, model } = loadTf();
      const sequence = input({ shape: [9, 1] });
      const stack = [
        layers.lstm({ ...LSTM, name: 'context', units, activation: 'relu' }),
        layers.dense({ units, activation: 'relu' }),
        layers.dense({ units: size(32, 4), activation: 'relu' }),
        layers.dense({ name: 'decoded', units, activation: 'sigmoid' }),
      ];
      const outputs = stack.reduce((x, layer) => layer.apply(x) as SymbolicTensor, sequence);
      return initialised(model({ inputs: sequence, outputs }));
    },
  };
}

/** PyTorch has only the sigmoid; the initialiser is a cheap start for weights that are set right after. */
const LSTM = { recurrentActivation: 'sigmoid', recurrentInitializer: 'glorotUniform' } as const;

function initialised(model: LayersModel): LayersModel {
  initialiseWeights(model, SEED);
  return model;
}

export interface Batch {
  readonly x: Float32Array;
  /** Empty where the model has no target. */
  readonly y: Float32Array;
}

/** The windows that every contestant trains on. */
export function batchOf(model: TrainingModel, windows = model.batch): Batch {
  const size = sizeOf(model.inputShape);
  const x = noiseRows(windows * size);
  const rows = Array.from({ length: windows }, (_, i) => [...x.subarray(i * size, (i + 1) * size)]);
  return { x, y: Float32Array.from(rows.flatMap((row) => model.target(row))) };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
