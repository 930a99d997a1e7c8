import type { LayerNode, MergeNode, RecurrentCell, Weight } from '../graph/index.js';
import type { LayerConfig } from './layer-config.js';

/** A node without what its place in the graph decides. */
export type NodeBody = LayerNode extends infer Node
  ? Node extends LayerNode
    ? Omit<Node, 'name' | 'inputs' | 'output' | 'trainable'>
    : never
  : never;

/** A layer's weights by role: `weight('kernel')`; `null` where the layer has none of that role. */
export class LayerWeights {
  readonly #config: LayerConfig;
  readonly #prefix: string;
  readonly #weights: readonly Weight[];

  constructor(config: LayerConfig, weights: readonly Weight[], half = '') {
    this.#config = config;
    this.#prefix = `${config.layerName}/${half}`;
    this.#weights = weights;
  }

  optional(role: string): Weight | null {
    return this.#weights.find((weight) => weight.name === this.#prefix + role) ?? null;
  }

  required(role: string): Weight {
    const weight = this.optional(role);
    if (weight === null) throw this.#config.refuse(role, 'a weight', null);
    return weight;
  }

  half(name: 'forward' | 'backward'): LayerWeights {
    return new LayerWeights(this.#config, this.#weights, `${name}/`);
  }
}

/** Where in a model a layer stands. */
export interface LayerPlace {
  /** Of its output, batch included. */
  readonly rank: number;
  /** Values that it is called with. */
  readonly nInputs: number;
  /** Whether a mask comes with the first of them. */
  readonly masked: boolean;
}

export type Convert = (config: LayerConfig, weights: LayerWeights, place: LayerPlace) => NodeBody;

function conv(rank: 1 | 2): Convert {
  return (config, weights) => {
    config.requireDefault('dataFormat', 'channelsLast');
    return {
      op: 'Conv',
      strides: config.numbers('strides', rank),
      dilation: config.numbers('dilationRate', rank),
      padding: config.padding(),
      activation: config.activation(),
      kernel: weights.required('kernel'),
      bias: weights.optional('bias'),
    };
  };
}

function pool(kind: 'max' | 'average', rank: 1 | 2): Convert {
  return (config) => {
    config.requireDefault('dataFormat', 'channelsLast');
    return {
      op: 'Pool',
      kind,
      size: config.numbers('poolSize', rank),
      strides: config.numbers('strides', rank),
      padding: config.padding(),
    };
  };
}

function globalPool(kind: 'max' | 'average'): Convert {
  return (config) => {
    config.requireDefault('dataFormat', 'channelsLast');
    return { op: 'GlobalPool', kind };
  };
}

function cell(config: LayerConfig, weights: LayerWeights): RecurrentCell {
  const kinds = { LSTM: 'lstm', GRU: 'gru' } as const;
  const { className } = config;
  if (className !== 'LSTM' && className !== 'GRU') throw config.refuse('layer', 'LSTM | GRU', className);
  return {
    kind: kinds[className],
    ...config.recurrent(),
    kernel: weights.required('kernel'),
    recurrentKernel: weights.required('recurrentKernel'),
    bias: weights.optional('bias'),
  };
}

const recurrent: Convert = (config, weights, { nInputs, masked }) => ({
  op: 'Recurrent',
  cell: cell(config, weights),
  returnSequences: config.flag('returnSequences'),
  goBackwards: config.flag('goBackwards'),
  initialState: nInputs > 1,
  masked,
});

const bidirectional: Convert = (config, weights, { nInputs, masked }) => {
  const inner = config.inner;
  if (nInputs > 1) throw config.refuse('initialState', 'absent', `${nInputs - 1} states`);
  inner.requireDefault('goBackwards', false);
  return {
    op: 'Bidirectional',
    forward: cell(inner, weights.half('forward')),
    backward: cell(inner, weights.half('backward')),
    returnSequences: inner.flag('returnSequences'),
    masked,
    merge: config.oneOf('mergeMode', { concat: 'concat', sum: 'sum', ave: 'average', mul: 'product' }),
  };
};

/** Layers that act on each time step alone mean the same with and without the wrapper. */
const PER_STEP = ['Dense', 'Activation', 'Dropout'];

const timeDistributed: Convert = (config, weights, place) => {
  const inner = config.inner;
  const convert = PER_STEP.includes(inner.className) ? CONVERTERS[inner.className] : undefined;
  if (convert === undefined) throw config.refuse('layer', PER_STEP.join(' | '), inner.className);
  return convert(inner, weights, place);
};

function merge(kind: MergeNode['kind']): Convert {
  return () => ({ op: 'Merge', kind });
}

const CONVERTERS: Readonly<Record<string, Convert>> = {
  Dense: (config, weights) => ({
    op: 'Dense',
    activation: config.activation(),
    kernel: weights.required('kernel'),
    bias: weights.optional('bias'),
  }),
  Activation: (config) => ({ op: 'Activation', activation: config.activation() }),
  Conv1D: conv(1),
  Conv2D: conv(2),
  Conv2DTranspose: (config, weights) => {
    config.requireDefault('dataFormat', 'channelsLast');
    return {
      op: 'ConvTranspose',
      strides: config.numbers('strides', 2),
      padding: config.padding(),
      activation: config.activation(),
      kernel: weights.required('kernel'),
      bias: weights.optional('bias'),
    };
  },
  UpSampling2D: (config) => {
    config.requireDefault('dataFormat', 'channelsLast');
    config.requireDefault('interpolation', 'nearest');
    return { op: 'Upsample', size: config.numbers('size', 2) };
  },
  MaxPooling1D: pool('max', 1),
  AveragePooling1D: pool('average', 1),
  MaxPooling2D: pool('max', 2),
  AveragePooling2D: pool('average', 2),
  GlobalMaxPooling1D: globalPool('max'),
  GlobalAveragePooling1D: globalPool('average'),
  GlobalMaxPooling2D: globalPool('max'),
  GlobalAveragePooling2D: globalPool('average'),
  Flatten: (config) => {
    config.requireDefault('dataFormat', 'channelsLast');
    return { op: 'Flatten' };
  },
  Reshape: () => ({ op: 'Reshape' }),
  RepeatVector: (config) => ({ op: 'Repeat', times: config.number('n') }),
  Permute: (config) => ({ op: 'Permute', order: config.list('dims') }),
  Add: merge('add'),
  Multiply: merge('multiply'),
  Average: merge('average'),
  Maximum: merge('maximum'),
  Concatenate: (config, _weights, { rank }) => {
    const axis = config.number('axis');
    return { op: 'Concatenate', axis: axis < 0 ? axis + rank : axis };
  },
  Dropout: (config) => {
    config.requireDefault('noiseShape', null);
    return { op: 'Dropout', rate: config.rate('rate') };
  },
  BatchNormalization: (config, weights) => ({
    op: 'BatchNormalization',
    epsilon: config.number('epsilon'),
    momentum: config.number('momentum'),
    gamma: weights.optional('gamma'),
    beta: weights.optional('beta'),
    mean: weights.required('movingMean'),
    variance: weights.required('movingVariance'),
  }),
  Masking: () => ({ op: 'Masking' }),
  LSTM: recurrent,
  GRU: recurrent,
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed,
};

/** Layer classes that have a node, for messages and documents. */
export const COVERED_LAYERS: readonly string[] = ['InputLayer', ...Object.keys(CONVERTERS)];

/**
 * What turns a layer of this class into a graph node, without its name and connections.
 * @throws ModelError `ERR_LAYER` naming layer and class, for a class that no node can say; the converter throws it for options
 */
export function layerConverter(config: LayerConfig): Convert {
  const convert = CONVERTERS[config.className];
  if (convert === undefined) throw config.refuse('class', `one of ${COVERED_LAYERS.join(', ')}`, config.className);
  return convert;
}
