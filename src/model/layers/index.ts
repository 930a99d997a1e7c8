/** tfjs's layers, and those that others register, as nodes of a graph. */
import { ModelError, mustBe } from '../../errors.js';
import type { LayerConfig } from '../layer-config.js';
import { ACTIVATION_LAYERS } from './activation.js';
import { type Convert, type LayerClass, plain, withBias } from './converter.js';
import { SLIDING_LAYERS } from './convolution.js';
import { MERGING_LAYERS } from './merging.js';
import { NORMALIZING_LAYERS } from './normalization.js';
import { RECURRENT_LAYERS } from './recurrent.js';

export { type Converted, type LayerClass, type LayerPlace, LayerWeights, type NodeBody } from './converter.js';

/** Layers that act on each time step alone mean the same with and without the wrapper. */
const PER_STEP = ['Dense', 'Activation', 'Dropout'];

/** A layer on every step: as it is where it takes steps anyway, else with time folded into the batch. */
const timeDistributed: Convert = (config, weights, place) => {
  const { inner } = config;
  const { convert } = layerClass(inner);
  if (PER_STEP.includes(inner.className)) return convert(inner, weights, place);
  const steps = place.add('fold', { op: 'FoldTime' });
  const outputs = place.outputs.map((shape) => [null, ...shape.slice(2)]);
  const { body, inputs = [steps.name] } = convert(inner, weights, {
    ...place,
    inputs: [steps],
    outputs,
    masked: false,
  });
  const each = place.add('each', body, { inputs, shape: outputs[0]! });
  return { body: { op: 'UnfoldTime' }, inputs: [each.name, place.inputs[0]!.name] };
};

const CLASSES = new Map<string, LayerClass>(
  Object.entries({
    Dense: plain(
      (config, weights) => ({
        op: 'Dense',
        activation: config.activation(),
        kernel: weights.required('kernel'),
        bias: weights.optional('bias'),
      }),
      withBias('kernel'),
    ),
    ...ACTIVATION_LAYERS,
    ...SLIDING_LAYERS,
    ...MERGING_LAYERS,
    ...NORMALIZING_LAYERS,
    ...RECURRENT_LAYERS,
    TimeDistributed: { convert: timeDistributed, roles: (config) => layerRoles(config.inner) },
  }),
);

/** Layer classes of tfjs that have a node, for messages and documents. */
export const COVERED_LAYERS: readonly string[] = ['InputLayer', ...CLASSES.keys()];

/**
 * Lets models with layers of a class of one's own become graphs, and so be exported.
 * @param className as `getClassName()` gives it
 * @throws ModelError `ERR_LAYER` for a class that is covered already
 */
export function registerLayer(className: string, own: LayerClass): void {
  if (CLASSES.has(className)) {
    throw new ModelError('ERR_LAYER', mustBe('layer class', 'one that no graph covers yet', className));
  }
  CLASSES.set(className, own);
}

/**
 * What turns a layer of this class into a graph node.
 * @throws ModelError `ERR_LAYER` naming layer and class, for a class that no node can say; its `convert` throws it for options
 */
export function layerClass(config: LayerConfig): LayerClass {
  const found = CLASSES.get(config.className);
  if (found === undefined) throw config.refuse('class', `one of ${[...CLASSES.keys()].join(', ')}`, config.className);
  return found;
}

/** What each weight of a layer is for, in the order of tfjs's `getWeights()`; none for a class that is not covered. */
export function layerRoles(config: LayerConfig): string[] {
  return CLASSES.get(config.className)?.roles?.(config) ?? [];
}
