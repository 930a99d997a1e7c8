/** Layers that shift and scale, or draw numbers in training. */
import type { NoiseNode } from '../../graph/index.js';
import type { LayerConfig } from '../layer-config.js';
import { axisOf, type Convert, type LayerClass, type NodeBody, plain } from './converter.js';

function noise(kind: NoiseNode['kind'], amount: string): LayerClass {
  return plain((config) => ({ op: 'Noise', kind, amount: config.rate(amount) }));
}

/** Weights that two options each leave out. */
function scaleAndShift(config: LayerConfig): string[] {
  return [...(config.flag('scale') ? ['gamma'] : []), ...(config.flag('center') ? ['beta'] : [])];
}

/** Over the last axis, or over another one that is made the last. */
const batchNormalization: Convert = (config, weights, place) => {
  const body: NodeBody = {
    op: 'BatchNormalization',
    epsilon: config.number('epsilon'),
    momentum: config.number('momentum'),
    gamma: weights.optional('gamma'),
    beta: weights.optional('beta'),
    mean: weights.required('movingMean'),
    variance: weights.required('movingVariance'),
  };
  const rank = place.inputs[0]!.shape.length;
  // Keras writes a list of one into its files.
  const [axis = rank - 1, ...others] = config.list('axis').map((one) => axisOf(one, rank));
  if (others.length > 0) throw config.refuse('axis', 'one axis', config.value('axis'));
  if (axis === rank - 1) return { body };
  const behind = Array.from({ length: rank - 1 }, (_, i) => i + 1);
  const last = place.add('axisLast', { op: 'Permute', order: [...behind.filter((i) => i !== axis), axis] });
  const { name } = place.add('normalized', body, { inputs: [last.name] });
  const back = behind.map((i) => (i === axis ? rank - 1 : i < axis ? i : i - 1));
  return { body: { op: 'Permute', order: back }, inputs: [name] };
};

export const NORMALIZING_LAYERS: Readonly<Record<string, LayerClass>> = {
  BatchNormalization: {
    convert: batchNormalization,
    roles: (config) => [...scaleAndShift(config), 'movingMean', 'movingVariance'],
  },
  LayerNormalization: plain((config, weights, { inputs }) => {
    const rank = inputs[0]!.shape.length;
    return {
      op: 'LayerNormalization',
      axes: config.list('axis').map((axis) => axisOf(axis, rank)),
      epsilon: config.number('epsilon'),
      gamma: weights.optional('gamma'),
      beta: weights.optional('beta'),
    };
  }, scaleAndShift),
  Dropout: plain((config) =>
    config.has('noiseShape')
      ? { op: 'Noise', kind: 'shapedDropout', amount: config.rate('rate') }
      : { op: 'Dropout', rate: config.rate('rate') },
  ),
  SpatialDropout1D: noise('spatialDropout', 'rate'),
  GaussianNoise: noise('gaussianNoise', 'stddev'),
  GaussianDropout: noise('gaussianDropout', 'rate'),
  AlphaDropout: noise('alphaDropout', 'rate'),
  Masking: plain(() => ({ op: 'Masking' })),
};
