/** The addon's training programs (`native/binding/training_binding.cc`): plain numbers in, plain numbers out. */

/** Of `weights` and `values` by their place in the tables. */
type Index = number;

export interface NativeWeight {
  readonly name: string;
  readonly size: number;
  readonly trainable: boolean;
  /** Penalties added to the loss: `l1`·Σ|w| + `l2`·Σw². */
  readonly l1: number;
  readonly l2: number;
}

/** Shape of one sample. */
export interface NativeValue {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface NativeCell {
  readonly kind: 'lstm' | 'gru';
  readonly units: number;
  readonly activation: string;
  readonly recurrentActivation: string;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly kernel: Index;
  readonly recurrentKernel: Index;
  readonly bias: Index | null;
}

interface NativeWindow {
  readonly axes: readonly { readonly size: number; readonly stride: number; readonly dilation: number }[];
  readonly same: boolean;
}

/** What a layer does; see `native/include/cochlea/training_program.h`. */
export type NativeLayerKind =
  | { readonly op: 'Dense'; readonly activation: string; readonly kernel: Index; readonly bias: Index | null }
  | { readonly op: 'Activation'; readonly activation: string }
  | { readonly op: 'Dropout'; readonly rate: number }
  | { readonly op: 'Reshape' }
  | { readonly op: 'Repeat' }
  | { readonly op: 'Permute'; readonly order: readonly number[] }
  | {
      readonly op: 'Merge';
      readonly kind: 'add' | 'multiply' | 'average' | 'maximum' | 'concatenate';
      readonly axis: number;
    }
  | { readonly op: 'Mask'; readonly value: number }
  | { readonly op: 'Masking' }
  | {
      readonly op: 'Recurrent';
      readonly cell: NativeCell;
      readonly returnSequences: boolean;
      readonly goBackwards: boolean;
      readonly initialState: boolean;
      readonly masked: boolean;
    }
  | {
      readonly op: 'Bidirectional';
      readonly forward: NativeCell;
      readonly backward: NativeCell;
      readonly returnSequences: boolean;
      readonly masked: boolean;
      readonly merge: 'concat' | 'sum' | 'average' | 'product';
    }
  | (NativeWindow & {
      readonly op: 'Conv';
      readonly activation: string;
      readonly kernel: Index;
      readonly bias: Index | null;
    })
  | (NativeWindow & {
      readonly op: 'ConvTranspose';
      readonly activation: string;
      readonly kernel: Index;
      readonly bias: Index | null;
    })
  | { readonly op: 'Upsample'; readonly rows: number; readonly columns: number }
  | (NativeWindow & { readonly op: 'Pool'; readonly kind: 'max' | 'average' })
  | { readonly op: 'GlobalPool'; readonly kind: 'max' | 'average' }
  | {
      readonly op: 'BatchNormalization';
      readonly epsilon: number;
      readonly momentum: number;
      readonly mean: Index;
      readonly variance: Index;
      readonly gamma: Index | null;
      readonly beta: Index | null;
    };

export type NativeLayer = NativeLayerKind & {
  readonly name: string;
  readonly inputs: readonly Index[];
  readonly output: Index;
};

export interface NativeLossTerm {
  readonly of: Index;
  readonly loss: string;
  readonly weight: number;
  /** A value; without, the next target that a step is given. */
  readonly target: Index | null;
  readonly stopOf: boolean;
  readonly stopTarget: boolean;
}

export interface NativeOptimizer {
  readonly kind: 'sgd' | 'momentum' | 'adam' | 'rmsprop' | 'adadelta';
  readonly decay: number;
  readonly decay2: number;
  readonly epsilon: number;
  readonly globalClipNorm: number | null;
}

export interface NativeProgramSpec {
  readonly weights: readonly NativeWeight[];
  readonly values: readonly NativeValue[];
  readonly inputs: readonly Index[];
  readonly outputs: readonly Index[];
  readonly layers: readonly NativeLayer[];
  readonly losses: readonly NativeLossTerm[];
  readonly optimizer: NativeOptimizer;
  readonly threads: number;
}

/** A model with its loss and optimiser, weights resident. One call at a time; arrays are row-major, a row a sample. */
export interface NativeTrainingProgram {
  /**
   * Of the last `step`, `judge` or `gradients`: the loss (mean over samples and steps, in a training step with penalties),
   * and how many of the first loss's samples are right, from 0 to 1 (NaN where it has no right and wrong).
   */
  readonly results: Float64Array;
  /**
   * Forward, backward, update. `weights` has for each target a factor for each sample (and step), none for 1, or is empty.
   * Throws `ERR_DIVERGED`, weights left as they were, for a loss that is no number (`diverged` tells more); `ERR_SHAPE`.
   */
  step(
    batch: number,
    inputs: readonly Float32Array[],
    targets: readonly Float32Array[],
    weights: readonly Float32Array[],
    learningRate: number,
    seed: number,
  ): void;
  /** Loss without training, penalties or update. */
  judge(
    batch: number,
    inputs: readonly Float32Array[],
    targets: readonly Float32Array[],
    weights: readonly Float32Array[],
  ): void;
  /** Fills one array for each output. */
  predict(batch: number, inputs: readonly Float32Array[], outputs: readonly Float32Array[]): void;
  /** What a step would see: gradients of all weights one after the other, clipped; nothing moves. */
  gradients(
    batch: number,
    inputs: readonly Float32Array[],
    targets: readonly Float32Array[],
    weights: readonly Float32Array[],
    seed: number,
    out: Float32Array,
  ): void;
  /** The layer whose result first was no number in the last step, and for which sample; null where all are. */
  diverged(): { readonly layer: string; readonly sample: number } | null;
  readWeight(index: Index, out: Float32Array): void;
  writeWeight(index: Index, x: Float32Array): void;
  /** The optimiser's memory, `stateSize()` numbers. */
  readState(out: Float32Array): void;
  writeState(state: Float32Array): void;
  stateSize(): number;
  /** Memory that a batch of this size takes, beside the weights. */
  bytesFor(batch: number): number;
}
