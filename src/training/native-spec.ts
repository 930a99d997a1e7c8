/** A graph as the addon's training programs take it: tables of weights and values, layers that point into them. */
import { ModelError, mustBe } from '../errors.js';
import {
  ACTIVATIONS,
  type Activation,
  type BidirectionalNode,
  type Graph,
  graphWeights,
  type LayerNode,
  outputShape,
  type RecurrentCell,
  type RecurrentNode,
  type Shape,
  showShape,
  type Weight,
} from '../graph/index.js';
import type { TrainedWeight } from '../model/index.js';
import type {
  NativeCell,
  NativeLayer,
  NativeLayerKind,
  NativeOptimizer,
  NativeProgramSpec,
  NativeValue,
} from '../native/index.js';
import type { CheckedTerm } from './losses.js';
import type { OptimizerConfig } from './optimizers.js';

export interface ProgramOptions {
  /** Of one window, for each input. */
  readonly inputShapes: readonly (readonly number[])[];
  readonly trained: ReadonlyMap<string, TrainedWeight>;
  readonly terms: readonly CheckedTerm[];
  readonly optimizer: OptimizerConfig;
  readonly threads: number;
}

/** Their slopes are no functions of their results. */
const UNCOVERED: readonly Activation[] = ['swish', 'mish', 'gelu', 'geluTanh'];
const COVERED = ACTIVATIONS.filter((name) => !UNCOVERED.includes(name));
/** Cells activate each number alone. */
export const CELL_ACTIVATIONS = COVERED.filter((name) => name !== 'softmax' && name !== 'logSoftmax');

/**
 * @throws ModelError `ERR_LAYER` naming the first layer that no program covers, and the engines that do
 */
export function nativeSpec(graph: Graph, o: ProgramOptions): NativeProgramSpec {
  return new SpecWriter(graph, o).write();
}

class SpecWriter {
  readonly #graph: Graph;
  readonly #o: ProgramOptions;
  readonly #weights: readonly Weight[];
  readonly #shapes = new Map<string, Shape>();
  readonly #values: NativeValue[] = [];
  readonly #places = new Map<string, number>();

  constructor(graph: Graph, o: ProgramOptions) {
    this.#graph = graph;
    this.#o = o;
    this.#weights = graphWeights(graph);
  }

  write(): NativeProgramSpec {
    const { inputs, outputs, nodes } = this.#graph;
    const given = inputs.map(({ name }, i) => this.#place(name, [null, ...(this.#o.inputShapes[i] ?? [])]));
    const layers = nodes.map((node) => this.#layer(node));
    const made = outputs.map((output) => this.#value(output));
    return {
      weights: this.#weights.map(({ name, data }) => {
        const { trainable = true, l1 = 0, l2 = 0 } = this.#o.trained.get(name) ?? {};
        return { name, size: data.length, trainable, l1, l2 };
      }),
      values: this.#values,
      inputs: given,
      outputs: made,
      layers,
      losses: this.#o.terms.map(({ of, target, loss, weight, stopGradient }) => ({
        of: of === null ? (made[0] ?? 0) : this.#value(of),
        loss: loss.name,
        weight,
        target: target === null ? null : this.#value(target),
        stopOf: stopGradient === 'of',
        stopTarget: stopGradient === 'target',
      })),
      optimizer: nativeOptimizer(this.#o.optimizer),
      threads: this.#o.threads,
    };
  }

  #place(name: string, shape: Shape): number {
    this.#shapes.set(name, shape);
    this.#places.set(name, this.#values.length);
    return this.#values.push({ name, shape: shape.slice(1).map((dim) => dim ?? 0) }) - 1;
  }

  #value(name: string): number {
    const place = this.#places.get(name);
    if (place === undefined) throw new ModelError('ERR_MODEL', mustBe(`value "${name}"`, 'one of the graph', 'none'));
    return place;
  }

  #weight(weight: Weight): number {
    return this.#weights.findIndex(({ name }) => name === weight.name);
  }

  #optional(weight: Weight | null): number | null {
    return weight === null ? null : this.#weight(weight);
  }

  #layer(node: LayerNode): NativeLayer {
    const kind = this.#kind(node);
    const shape = outputShape(
      node,
      node.inputs.map((input) => this.#shapes.get(input) ?? []),
    );
    const inputs = node.inputs.map((input) => this.#value(input));
    return { ...kind, name: node.name, inputs, output: this.#place(node.output.name, shape) };
  }

  #kind(node: LayerNode): NativeLayerKind {
    switch (node.op) {
      case 'Dense':
        return {
          op: 'Dense',
          activation: activation(node, node.activation),
          kernel: this.#weight(node.kernel),
          bias: this.#optional(node.bias),
        };
      case 'Activation':
        return { op: 'Activation', activation: activation(node, node.activation) };
      case 'Dropout':
        return { op: 'Dropout', rate: node.rate };
      case 'Flatten':
      case 'Reshape':
        return { op: 'Reshape' };
      case 'Repeat':
        return { op: 'Repeat' };
      case 'Permute':
        return { op: 'Permute', order: node.order.map((axis) => axis - 1) };
      case 'Merge': {
        const { kind, inputs, output } = node;
        if (kind === 'minimum') throw uncovered(node, 'of other kinds', kind);
        const isAlike = inputs.every((input) => showShape(this.#shapes.get(input) ?? []) === showShape(output.shape));
        if (!isAlike) throw uncovered(node, 'of inputs of one shape', 'others');
        return { op: 'Merge', kind, axis: 0 };
      }
      case 'Concatenate':
        return { op: 'Merge', kind: 'concatenate', axis: node.axis - 1 };
      case 'Mask':
        return { op: 'Mask', value: node.value };
      case 'Masking':
        return { op: 'Masking' };
      case 'Recurrent': {
        const { returnSequences, goBackwards, initialState, masked } = node;
        requireNoStates(node);
        const cell = this.#cell(node, node.cell);
        return { op: 'Recurrent', cell, returnSequences, goBackwards, initialState, masked };
      }
      case 'Bidirectional': {
        const { returnSequences, merge, masked } = node;
        requireNoStates(node);
        if (merge === 'none' || node.initialState) throw uncovered(node, 'with one input and one output', 'others');
        const [forward, backward] = [this.#cell(node, node.forward), this.#cell(node, node.backward)];
        return { op: 'Bidirectional', forward, backward, returnSequences, merge, masked };
      }
      case 'Conv':
        return {
          op: 'Conv',
          axes: node.strides.map((stride, i) => ({ size: node.kernel.shape[i]!, stride, dilation: node.dilation[i]! })),
          same: node.padding === 'same',
          activation: activation(node, node.activation),
          kernel: this.#weight(node.kernel),
          bias: this.#optional(node.bias),
        };
      case 'ConvTranspose':
        return {
          op: 'ConvTranspose',
          axes: node.strides.map((stride, i) => ({ size: node.kernel.shape[i]!, stride, dilation: 1 })),
          same: node.padding === 'same',
          activation: activation(node, node.activation),
          kernel: this.#weight(node.kernel),
          bias: this.#optional(node.bias),
        };
      case 'Upsample':
        if (node.interpolation !== 'nearest') throw uncovered(node, 'of interpolation nearest', node.interpolation);
        return { op: 'Upsample', rows: node.size[0]!, columns: node.size[1]! };
      case 'Pool':
        return {
          op: 'Pool',
          kind: node.kind,
          axes: node.strides.map((stride, i) => ({ size: node.size[i]!, stride, dilation: 1 })),
          same: node.padding === 'same',
        };
      case 'GlobalPool':
        return { op: 'GlobalPool', kind: node.kind };
      case 'BatchNormalization':
        return {
          op: 'BatchNormalization',
          epsilon: node.epsilon,
          momentum: node.momentum,
          mean: this.#weight(node.mean),
          variance: this.#weight(node.variance),
          gamma: this.#optional(node.gamma),
          beta: this.#optional(node.beta),
        };
      case 'Rectifier':
      case 'PRelu':
      case 'DepthwiseConv':
      case 'ZeroPad':
      case 'Crop':
      case 'Dot':
      case 'Embedding':
      case 'FoldTime':
      case 'UnfoldTime':
      case 'Noise':
      case 'LayerNormalization':
        throw uncovered(node, 'one that the native engine trains', node.op === 'Noise' ? node.kind : node.op);
    }
  }

  #cell(node: LayerNode, cell: RecurrentCell): NativeCell {
    const { kind } = cell;
    if (kind === 'simple') throw uncovered(node, 'an LSTM or GRU', 'a SimpleRNN');
    return {
      kind,
      units: cell.units,
      activation: activation(node, cell.activation, CELL_ACTIVATIONS),
      recurrentActivation: activation(node, cell.recurrentActivation, CELL_ACTIVATIONS),
      dropout: cell.dropout,
      recurrentDropout: cell.recurrentDropout,
      kernel: this.#weight(cell.kernel),
      recurrentKernel: this.#weight(cell.recurrentKernel),
      bias: this.#optional(cell.bias),
    };
  }
}

function requireNoStates(node: RecurrentNode | BidirectionalNode): void {
  const isKept = node.op === 'Recurrent' && node.stateful;
  if (isKept || node.states.length > 0) throw uncovered(node, 'without states', isKept ? 'stateful' : 'returnState');
}

function activation(node: LayerNode, name: Activation, covered = COVERED): string {
  if (covered.includes(name)) return name;
  throw uncovered(node, `with an activation of ${covered.join(' | ')}`, name);
}

function uncovered(node: LayerNode, expected: string, got: string): ModelError {
  const message = mustBe(
    `layer "${node.name}"`,
    `${expected} (the engines tensorflow, wasm and cpu train others)`,
    got,
  );
  return new ModelError('ERR_LAYER', message, { layer: node.name });
}

function nativeOptimizer(o: OptimizerConfig): NativeOptimizer {
  const { epsilon = 0, globalClipNorm = null } = o;
  switch (o.name) {
    case 'adam':
      return { kind: 'adam', decay: o.beta1 ?? 0, decay2: o.beta2 ?? 0, epsilon, globalClipNorm };
    case 'sgd':
      return { kind: o.momentum ? 'momentum' : 'sgd', decay: o.momentum ?? 0, decay2: 0, epsilon, globalClipNorm };
    case 'rmsprop':
      return { kind: 'rmsprop', decay: o.rho ?? 0, decay2: o.momentum ?? 0, epsilon, globalClipNorm };
    case 'adadelta':
      return { kind: 'adadelta', decay: o.rho ?? 0, decay2: 0, epsilon, globalClipNorm };
  }
}
