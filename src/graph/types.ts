/**
 * A model as plain data: what the ONNX writer and the native training program read.
 * One node per layer (not per arithmetic operation), channels-last, values connected by name, so any acyclic
 * functional model fits. Nothing here knows tfjs or ONNX.
 */

/** A length, or `null` where only a run decides it (batch, and possibly time). */
export type Dim = number | null;
/** Axis 0 is the batch. Images and sequences are channels-last: `[batch, time, channel]`. */
export type Shape = readonly Dim[];

/** A named tensor of the graph. Every tensor is float32, but for inputs that say otherwise. */
export interface ValueInfo {
  readonly name: string;
  readonly shape: Shape;
}

export interface GraphInput extends ValueInfo {
  /** Whole numbers, such as indices of an embedding. Default `'float32'`. */
  readonly dtype?: 'float32' | 'int32';
}

/**
 * Trained numbers, row-major. Two nodes that share a weight hold the same object;
 * within a graph one `name` therefore means one weight.
 */
export interface Weight {
  /** `<layer>/<role>`, e.g. `"lstm_1/recurrentKernel"`; a bidirectional layer adds its half: `"bi/forward/kernel"`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** `gelu` is the exact form (erf), `geluTanh` its tanh approximation; `hardSigmoid` is `clamp(0.2·x + 0.5, 0, 1)`. */
export const ACTIVATIONS = [
  'linear',
  'relu',
  'relu6',
  'elu',
  'selu',
  'sigmoid',
  'hardSigmoid',
  'tanh',
  'softmax',
  'logSoftmax',
  'softplus',
  'softsign',
  'swish',
  'mish',
  'gelu',
  'geluTanh',
] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** `same` pads as TensorFlow does: `out = ceil(in / stride)`, the odd cell at the end. */
export type Padding = 'valid' | 'same';

interface NodeBase {
  /** Unique in the graph; the layer's name, numbered from its second use on (`"dense:1"`). */
  readonly name: string;
  /** Names of the values it reads. */
  readonly inputs: readonly string[];
  /** The value it makes. */
  readonly output: ValueInfo;
  /** Whether training may change its weights. */
  readonly trainable: boolean;
}

/** `y = activation(x · kernel + bias)` over the last axis of an input of rank ≥ 2. */
export interface DenseNode extends NodeBase {
  readonly op: 'Dense';
  readonly activation: Activation;
  /** `[in, units]` */
  readonly kernel: Weight;
  /** `[units]` */
  readonly bias: Weight | null;
}

/** Element by element, but for `softmax` and `logSoftmax`, which run over the last axis. */
export interface ActivationNode extends NodeBase {
  readonly op: 'Activation';
  readonly activation: Activation;
}

/**
 * `x` above a threshold, cut off at a maximum, and `slope · x` below: LeakyReLU (`slope`), ReLU with a maximum and
 * ThresholdedReLU (`x > threshold`, else 0). At most one of `slope` and `threshold` is not 0.
 */
export interface RectifierNode extends NodeBase {
  readonly op: 'Rectifier';
  readonly slope: number;
  readonly threshold: number;
  readonly maximum: number | null;
}

/** `x` where positive, else `alpha · x`, with an `alpha` for each cell, or one for all cells of an axis (length 1). */
export interface PReluNode extends NodeBase {
  readonly op: 'PRelu';
  /** One axis for each of the input's behind the batch. */
  readonly alpha: Weight;
}

/** What both cross-correlations say, with one entry per axis that they run along. */
interface CorrelationNode extends NodeBase {
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: Padding;
  readonly activation: Activation;
  /** One number for each channel of the output. */
  readonly bias: Weight | null;
}

/** Cross-correlation over one (`[batch, time, channel]`) or two (`[batch, height, width, channel]`) axes. */
export interface ConvNode extends CorrelationNode {
  readonly op: 'Conv';
  /** `[...size, in, filters]` */
  readonly kernel: Weight;
}

/** Cross-correlation over two axes of each channel alone, with `multiplier` filters for each. */
export interface DepthwiseConvNode extends CorrelationNode {
  readonly op: 'DepthwiseConv';
  /** `[...size, in, multiplier]`; output channel `c · multiplier + m` */
  readonly kernel: Weight;
}

/**
 * Transposed convolution: the gradient of a cross-correlation over the output with the same kernel, strides and padding.
 * An axis becomes `in · stride` long with padding `same`, `in · stride + max(size − stride, 0)` with `valid`.
 */
export interface ConvTransposeNode extends NodeBase {
  readonly op: 'ConvTranspose';
  /** One entry per convolved axis. */
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly activation: Activation;
  /** `[...size, filters, in]` */
  readonly kernel: Weight;
  /** `[filters]` */
  readonly bias: Weight | null;
}

/**
 * `[batch, height, width, channel]` with `size` times as many cells along both axes: each repeated, or between them on a
 * straight line. Cell `i` lies at `i / size` of the input (TensorFlow 1's corners, which tfjs has).
 */
export interface UpsampleNode extends NodeBase {
  readonly op: 'Upsample';
  /** Times along height and width. */
  readonly size: readonly number[];
  readonly interpolation: 'nearest' | 'bilinear';
}

/** Zeros around `[batch, height, width, channel]`, or cells cut off it: `[before, after]` along height and width. */
export interface BorderNode extends NodeBase {
  readonly op: 'ZeroPad' | 'Crop';
  readonly border: readonly (readonly [before: number, after: number])[];
}

/** Maximum or mean of a moving window over one or two axes; padding cells take no part in either. */
export interface PoolNode extends NodeBase {
  readonly op: 'Pool';
  readonly kind: 'max' | 'average';
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
}

/** Maximum or mean over every axis between batch and channel: `[batch, …, channel]` → `[batch, channel]`. */
export interface GlobalPoolNode extends NodeBase {
  readonly op: 'GlobalPool';
  readonly kind: 'max' | 'average';
}

/** `[batch, …]` → `[batch, product of the rest]`, channels fastest. */
export interface FlattenNode extends NodeBase {
  readonly op: 'Flatten';
}

/** New shape behind the batch axis, same order of numbers; the output's shape says which. */
export interface ReshapeNode extends NodeBase {
  readonly op: 'Reshape';
}

/** `[batch, feature]` → `[batch, times, feature]` */
export interface RepeatNode extends NodeBase {
  readonly op: 'Repeat';
  readonly times: number;
}

/** Axes behind the batch in a new order: output axis `i` is input axis `order[i]`, the batch's being 0. */
export interface PermuteNode extends NodeBase {
  readonly op: 'Permute';
  readonly order: readonly number[];
}

/** Two or more values of one shape, number by number; an axis of one cell stands beside any length. */
export interface MergeNode extends NodeBase {
  readonly op: 'Merge';
  readonly kind: 'add' | 'multiply' | 'average' | 'maximum' | 'minimum';
}

/**
 * Products of two values of rank 2 or 3, summed along an axis of each (the batch's being 0), item by item of the batch;
 * `[batch, 1]` where no axis is left. With `normalize` both have length 1 along it first.
 */
export interface DotNode extends NodeBase {
  readonly op: 'Dot';
  readonly axes: readonly [number, number];
  readonly normalize: boolean;
}

/** Whole numbers from 0 → rows of a table: `[batch, …]` → `[batch, …, dim]`. */
export interface EmbeddingNode extends NodeBase {
  readonly op: 'Embedding';
  /** `[numbers, dim]` */
  readonly embeddings: Weight;
}

/** `[batch, time, …]` → `[batch · time, …]`: what follows works on each step alone. */
export interface FoldTimeNode extends NodeBase {
  readonly op: 'FoldTime';
}

/** The turn of `FoldTime`. Inputs are the folded value and one with the batch and time to go back to. */
export interface UnfoldTimeNode extends NodeBase {
  readonly op: 'UnfoldTime';
}

/** Two or more values side by side along an axis, the batch's being 0. */
export interface ConcatenateNode extends NodeBase {
  readonly op: 'Concatenate';
  readonly axis: number;
}

/** In training, sets each number to 0 with probability `rate` and divides the rest by `1 − rate`; else the identity. */
export interface DropoutNode extends NodeBase {
  readonly op: 'Dropout';
  readonly rate: number;
}

/** Random in training alone, and not as `Dropout` has it: by whole channels, by addition, by factors, in pairs of moments. */
export interface NoiseNode extends NodeBase {
  readonly op: 'Noise';
  readonly kind: 'spatialDropout' | 'shapedDropout' | 'gaussianNoise' | 'gaussianDropout' | 'alphaDropout';
  /** A rate, or the standard deviation of `gaussianNoise`. */
  readonly amount: number;
}

/**
 * `y = (x − mean) / √(variance + epsilon) · gamma + beta` with mean and variance of each item over `axes` (the batch's
 * being 0).
 */
export interface LayerNormalizationNode extends NodeBase {
  readonly op: 'LayerNormalization';
  readonly axes: readonly number[];
  readonly epsilon: number;
  /** Both of the lengths of `axes`. */
  readonly gamma: Weight | null;
  readonly beta: Weight | null;
}

/** `y = (x − mean) / √(variance + epsilon) · gamma + beta` over the last axis. */
export interface BatchNormalizationNode extends NodeBase {
  readonly op: 'BatchNormalization';
  readonly epsilon: number;
  /** Of the moving statistics in training. */
  readonly momentum: number;
  /** All `[channel]`. */
  readonly gamma: Weight | null;
  readonly beta: Weight | null;
  readonly mean: Weight;
  readonly variance: Weight;
}

/**
 * Which steps count: 1 where any number of a step is not `value`, else 0. `[batch, time, feature]` → `[batch, time]`, or
 * `[batch, time]` as it is.
 */
export interface MaskNode extends NodeBase {
  readonly op: 'Mask';
  readonly value: number;
}

/** A sequence and its mask → the sequence, with zeros in the steps that do not count. */
export interface MaskingNode extends NodeBase {
  readonly op: 'Masking';
}

/**
 * The weights and rules of one recurrent pass. Columns of the kernels are the gates side by side, `units` each:
 * LSTM input, forget, cell, output; GRU update, reset, new (the reset gate multiplies the state *before* its product); a
 * simple cell has one, and no recurrent activation.
 */
export interface RecurrentCell {
  readonly kind: 'lstm' | 'gru' | 'simple';
  readonly units: number;
  readonly activation: Activation;
  readonly recurrentActivation: Activation;
  /** Rates in training: of the input, and of the state. */
  readonly dropout: number;
  readonly recurrentDropout: number;
  /** `[features, gates·units]` */
  readonly kernel: Weight;
  /** `[units, gates·units]` */
  readonly recurrentKernel: Weight;
  /** `[gates·units]` */
  readonly bias: Weight | null;
}

/**
 * `[batch, time, feature]` → `[batch, time, units]`, or `[batch, units]` after the last step.
 * With `goBackwards` time runs from the end, and a returned sequence is in that order (Keras' meaning).
 *
 * Inputs are the sequence; with `initialState` the state to begin with, `[batch, units]`, else zeros, and an LSTM's cell
 * state after it; with `masked`, last, a mask: a step that does not count leaves the state as it was, and shows it again.
 */
export interface RecurrentNode extends NodeBase {
  readonly op: 'Recurrent';
  readonly cell: RecurrentCell;
  readonly returnSequences: boolean;
  readonly goBackwards: boolean;
  readonly initialState: boolean;
  readonly masked: boolean;
  /** Whether its states are inputs and outputs of the graph because it keeps them from batch to batch. */
  readonly stateful: boolean;
  /** None, or the state after the last step and an LSTM's cell state. */
  readonly states: readonly ValueInfo[];
}

/**
 * Two passes, from both ends; returned sequences are both in the order of time before they are merged. States are those
 * of the forward pass, then those of the backward one; with `masked` the last input is the mask of both.
 */
export interface BidirectionalNode extends NodeBase {
  readonly op: 'Bidirectional';
  readonly forward: RecurrentCell;
  readonly backward: RecurrentCell;
  readonly returnSequences: boolean;
  readonly initialState: boolean;
  readonly masked: boolean;
  /** With `none` the output is the forward pass, and `reversed` the backward one. */
  readonly merge: 'concat' | 'sum' | 'average' | 'product' | 'none';
  readonly reversed: ValueInfo | null;
  /** None, or the states after the last step of both passes. */
  readonly states: readonly ValueInfo[];
}

export type LayerNode =
  | DenseNode
  | ActivationNode
  | RectifierNode
  | PReluNode
  | ConvNode
  | DepthwiseConvNode
  | ConvTransposeNode
  | UpsampleNode
  | BorderNode
  | PoolNode
  | GlobalPoolNode
  | FlattenNode
  | ReshapeNode
  | RepeatNode
  | PermuteNode
  | MergeNode
  | ConcatenateNode
  | DotNode
  | EmbeddingNode
  | FoldTimeNode
  | UnfoldTimeNode
  | DropoutNode
  | NoiseNode
  | BatchNormalizationNode
  | LayerNormalizationNode
  | MaskNode
  | MaskingNode
  | RecurrentNode
  | BidirectionalNode;

export interface Graph {
  readonly name: string;
  readonly inputs: readonly GraphInput[];
  /** Names of values that nodes (or inputs) make. */
  readonly outputs: readonly string[];
  /** In an order in which each node's inputs exist before it. */
  readonly nodes: readonly LayerNode[];
}
