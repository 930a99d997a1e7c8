/**
 * What a run changes in a model's layers while it lasts: dropout draws from the run's seed, and LSTM layers take the
 * fast path. Both are put on the layer objects themselves and taken off again, so the caller's model stays what it was.
 */
import { ModelError, mustBe } from '../errors.js';
import { type Layer, type LayersModel, loadTf, type Tensor } from '../model/index.js';
import { fusedLstm, lstmTools } from './fused-lstm.js';
import type { LstmTools } from './lstm-math.js';

export interface RunLayerOptions {
  readonly seed: number;
  /** Off on a GPU, where reading values back costs more than it saves. */
  readonly fuseLstm: boolean;
}

type Call = Layer['call'];
type Undo = () => void;

/** Draw random numbers at every step that no seed reaches. */
const UNSEEDABLE = ['GaussianNoise', 'GaussianDropout', 'AlphaDropout'];

/**
 * @returns puts the layers back as they were
 * @throws ModelError `ERR_MODEL` naming a layer whose random numbers cannot be seeded
 */
export function prepareLayers(model: LayersModel, o: RunLayerOptions): Undo {
  const undo: Undo[] = [];
  const tools = lstmTools();
  allLayers(model.layers).forEach((layer, index) => {
    const kind = layer.getClassName();
    if (UNSEEDABLE.includes(kind)) {
      throw new ModelError('ERR_MODEL', mustBe(`layer "${layer.name}"`, 'one whose random numbers have a seed', kind));
    }
    const nextSeed = seedSequence(o.seed, index);
    if (kind === 'Dropout' || kind === 'SpatialDropout1D') undo.push(seedDropout(layer, kind, nextSeed));
    undo.push(seedCell(layer, nextSeed));
    if (o.fuseLstm && kind === 'LSTM' && isPlainLstm(layer)) undo.push(fuse(layer, tools));
  });
  return () => {
    for (const step of undo) step();
  };
}

/** With those inside others. */
export function allLayers(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) => [layer, ...allLayers(innerLayers(layer))]);
}

/** Layers inside a nested model or a wrapper (`TimeDistributed`, `Bidirectional`). */
function innerLayers(layer: Layer): Layer[] {
  const inner: Layer[] = [];
  if ('layers' in layer && Array.isArray(layer.layers)) inner.push(...layer.layers);
  for (const key of ['layer', 'forwardLayer', 'backwardLayer'] as const) {
    const value = Reflect.get(layer, key);
    if (value instanceof loadTf().layers.Layer) inner.push(value);
  }
  return inner;
}

/** A new seed for each call, different for every layer and run. */
function seedSequence(seed: number, index: number): () => string {
  let calls = 0;
  return () => `${seed}/${index}/${calls++}`;
}

function seedDropout(layer: Layer, kind: string, nextSeed: () => string): Undo {
  const { rate, noiseShape } = layer.getConfig();
  return replaceCall(layer, (inputs, kwargs) => {
    const x = only(inputs);
    if (kwargs?.training !== true || rate === 0) return x;
    const shape = kind === 'SpatialDropout1D' ? [x.shape[0]!, 1, x.shape[2]!] : (noiseShape as number[] | null);
    return loadTf().dropout(x, rate as number, shape ?? undefined, nextSeed());
  });
}

/** Recurrent cells with dropout of their own draw it through a function that may be given. */
function seedCell(layer: Layer, nextSeed: () => string): Undo {
  const cell: unknown = Reflect.get(layer, 'cell');
  if (typeof cell !== 'object' || cell === null || !('dropoutFunc' in cell)) return () => {};
  const before = cell.dropoutFunc;
  cell.dropoutFunc = (x: Tensor, rate: number) => loadTf().dropout(x, rate, undefined, nextSeed());
  return () => {
    cell.dropoutFunc = before;
  };
}

function isPlainLstm(layer: Layer): boolean {
  const c = layer.getConfig();
  const plainGates = c.recurrentActivation === 'sigmoid' || c.recurrentActivation === 'hardSigmoid';
  const noDropout = !c.dropout && !c.recurrentDropout;
  return c.activation === 'tanh' && plainGates && noDropout && c.useBias === true && !c.stateful && !c.returnState;
}

function fuse(layer: Layer, tools: LstmTools): Undo {
  const config = layer.getConfig();
  const options = {
    recurrentActivation: config.recurrentActivation === 'sigmoid' ? 'sigmoid' : 'hardSigmoid',
    returnSequences: config.returnSequences === true,
    goBackwards: config.goBackwards === true,
  } as const;
  const plain = layer.call.bind(layer);
  return replaceCall(layer, (inputs, kwargs) => {
    const hasExtras = (Array.isArray(inputs) && inputs.length > 1) || kwargs?.mask || kwargs?.initialState;
    if (hasExtras) return plain(inputs, kwargs);
    const [kernel, recurrent, bias] = layer.weights.map((weight) => weight.read());
    const training = kwargs?.training === true;
    return fusedLstm(only(inputs), [kernel!, recurrent!, bias!], { ...options, training }, tools);
  });
}

function only(inputs: Tensor | Tensor[]): Tensor {
  return Array.isArray(inputs) ? inputs[0]! : inputs;
}

function replaceCall(layer: Layer, call: Call): Undo {
  const before = Object.getOwnPropertyDescriptor(layer, 'call');
  layer.call = call;
  return () => {
    if (before) Object.defineProperty(layer, 'call', before);
    else Reflect.deleteProperty(layer, 'call');
  };
}
