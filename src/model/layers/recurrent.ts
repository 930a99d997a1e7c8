/** Layers that go through the steps of a sequence. */
import type { RecurrentCell, RecurrentNode, ValueInfo } from '../../graph/index.js';
import type { LayerConfig } from '../layer-config.js';
import { type Convert, type LayerClass, type LayerPlace, type LayerWeights, withBias } from './converter.js';

const KINDS: Readonly<Record<string, RecurrentCell['kind']>> = { LSTM: 'lstm', GRU: 'gru', SimpleRNN: 'simple' };
/** What is kept from step to step, as ONNX calls it: the hidden state, which is also the output, and an LSTM's cell state. */
const STATES = { lstm: ['h', 'c'], gru: ['h'], simple: ['h'] } as const;

function cell(config: LayerConfig, weights: LayerWeights): RecurrentCell {
  const kind = Object.hasOwn(KINDS, config.className) ? KINDS[config.className] : undefined;
  if (kind === undefined) throw config.refuse('layer', Object.keys(KINDS).join(' | '), config.className);
  return {
    kind,
    units: config.number('units'),
    activation: config.activation(),
    recurrentActivation: kind === 'simple' ? 'linear' : config.activation('recurrentActivation'),
    dropout: config.rate('dropout'),
    recurrentDropout: config.rate('recurrentDropout'),
    kernel: weights.required('kernel'),
    recurrentKernel: weights.required('recurrentKernel'),
    bias: weights.optional('bias'),
  };
}

/** The values that a layer returns behind its output: the last states. */
function returnedStates(place: LayerPlace, names: readonly string[]): ValueInfo[] {
  const shapes = place.outputs.slice(place.outputs.length - names.length);
  return names.map((name, i) => ({ name: `${place.name}/last_${name}`, shape: shapes[i]! }));
}

const recurrent: Convert = (config, weights, place) => {
  const own = cell(config, weights);
  const names = STATES[own.kind];
  const node = {
    op: 'Recurrent',
    cell: own,
    returnSequences: config.flag('returnSequences'),
    goBackwards: config.flag('goBackwards'),
    initialState: place.inputs.length > 1,
    masked: place.masked,
    stateful: false,
    states: config.flag('returnState') ? returnedStates(place, names) : [],
  } as const;
  return config.flag('stateful') && !node.initialState ? kept(node, place) : { body: node };
};

/** States from batch to batch become inputs of the graph, and outputs to be given back to them. */
function kept(node: Omit<RecurrentNode, 'name' | 'inputs' | 'output' | 'trainable'>, place: LayerPlace) {
  const shape = [place.inputs[0]!.shape[0]!, node.cell.units];
  const names = STATES[node.cell.kind];
  const given = names.map((name) => place.addInput(`initial_${name}`, shape));
  const states =
    node.states.length > 0 ? node.states : names.map((name) => ({ name: `${place.name}/last_${name}`, shape }));
  for (const state of states) place.addOutput(state);
  const inputs = [...place.inputs, ...given].map(({ name }) => name);
  return { body: { ...node, initialState: true, stateful: true, states }, inputs };
}

const bidirectional: Convert = (config, weights, place) => {
  const inner = config.inner;
  inner.requireDefault('goBackwards', false);
  inner.requireDefault('stateful', false);
  const [forward, backward] = [cell(inner, weights.half('forward')), cell(inner, weights.half('backward'))];
  const names: readonly string[] = STATES[forward.kind];
  const modes = { concat: 'concat', sum: 'sum', ave: 'average', mul: 'product' } as const;
  const merge = config.has('mergeMode') ? config.oneOf('mergeMode', modes) : 'none';
  const both = ['forward', 'backward'].flatMap((half) => names.map((name) => `${half}_${name}`));
  return {
    body: {
      op: 'Bidirectional',
      forward,
      backward,
      returnSequences: inner.flag('returnSequences'),
      initialState: place.inputs.length > 1,
      masked: place.masked,
      merge,
      reversed: merge === 'none' ? { name: `${place.name}/backward`, shape: place.outputs[1]! } : null,
      states: inner.flag('returnState') ? returnedStates(place, both) : [],
    },
  };
};

const roles = withBias('kernel', 'recurrentKernel');

export const RECURRENT_LAYERS: Readonly<Record<string, LayerClass>> = {
  LSTM: { convert: recurrent, roles },
  GRU: { convert: recurrent, roles },
  SimpleRNN: { convert: recurrent, roles },
  Bidirectional: {
    convert: bidirectional,
    roles: (config) => ['forward', 'backward'].flatMap((half) => roles(config.inner).map((role) => `${half}/${role}`)),
  },
};
