import { ModelError, mustBe } from '../errors.js';
import { LayerConfig } from './layer-config.js';
import { namedWeights } from './layer-weights.js';
import { namedLeaves } from './named-layers.js';
import type { Layer, LayersModel } from './tf.js';

/** What training does with a weight, by its name in the graph. */
export interface TrainedWeight {
  readonly trainable: boolean;
  /** Penalties added to the loss: `l1`·Σ|w| + `l2`·Σw². */
  readonly l1: number;
  readonly l2: number;
}

const REGULARIZERS: Readonly<Record<string, string>> = {
  kernel: 'kernelRegularizer',
  recurrentKernel: 'recurrentRegularizer',
  bias: 'biasRegularizer',
  gamma: 'gammaRegularizer',
  beta: 'betaRegularizer',
};
/** Options that change training in ways no program says. */
const REFUSED = [
  'activityRegularizer',
  'kernelConstraint',
  'recurrentConstraint',
  'biasConstraint',
  'gammaConstraint',
  'betaConstraint',
];

/**
 * Of each weight of a model's layers.
 * @throws ModelError `ERR_LAYER` naming a layer with a constraint, or a penalty that is not of l1 and l2
 */
export function trainedWeights(model: LayersModel): Map<string, TrainedWeight> {
  return new Map(namedLeaves(model).flatMap(([layer, name]) => ofLayer(layer, name)));
}

function ofLayer(layer: Layer, layerName: string): [string, TrainedWeight][] {
  const outer = LayerConfig.of(layer, layerName);
  const names = namedWeights(layer, layerName).map(({ name }) => name);
  if (names.length === 0) return [];
  const config = outer.has('layer') ? outer.inner : outer;
  for (const option of REFUSED) config.requireDefault(option, null);
  return names.map((name, i) => {
    const variable = layer.weights[i];
    const trainable = variable !== undefined && layer.trainableWeights.includes(variable);
    return [name, { trainable, ...penaltyOf(config, REGULARIZERS[name.slice(name.lastIndexOf('/') + 1)]) }];
  });
}

function penaltyOf(config: LayerConfig, option: string | undefined): { l1: number; l2: number } {
  const given = option === undefined ? undefined : config.value(option);
  if (given === undefined || given === null) return { l1: 0, l2: 0 };
  const values = typeof given === 'object' && 'config' in given ? given.config : null;
  if (typeof values !== 'object' || values === null) throw config.refuse(option ?? '', 'l1, l2 or both', given);
  return { l1: factor(config, values, 'l1'), l2: factor(config, values, 'l2') };
}

function factor(config: LayerConfig, values: object, name: 'l1' | 'l2'): number {
  const value: unknown = Reflect.get(values, name) ?? 0;
  if (typeof value === 'number' && value >= 0) return value;
  throw new ModelError('ERR_LAYER', mustBe(`${name} of layer "${config.layerName}"`, 'a number from 0 on', value));
}
