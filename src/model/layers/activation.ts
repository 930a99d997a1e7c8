/** Activations that are layers of their own. */
import { axisOf, type LayerClass, type NodeBody, plain } from './converter.js';

function rectifier(given: { slope?: number; threshold?: number; maximum?: number | null }): NodeBody {
  return { op: 'Rectifier', slope: 0, threshold: 0, maximum: null, ...given };
}

export const ACTIVATION_LAYERS: Readonly<Record<string, LayerClass>> = {
  Activation: plain((config) => ({ op: 'Activation', activation: config.activation() })),
  ReLU: plain((config) =>
    config.has('maxValue')
      ? rectifier({ maximum: config.number('maxValue') })
      : { op: 'Activation', activation: 'relu' },
  ),
  LeakyReLU: plain((config) => rectifier({ slope: config.number('alpha') })),
  ThresholdedReLU: plain((config) => rectifier({ threshold: config.number('theta') })),
  PReLU: plain(
    (_config, weights) => ({ op: 'PRelu', alpha: weights.required('alpha') }),
    () => ['alpha'],
  ),
  ELU: plain(() => ({ op: 'Activation', activation: 'elu' })),
  Softmax: plain((config, _weights, { inputs }) => {
    const last = inputs[0]!.shape.length - 1;
    const axes = config.list('axis').map((axis) => axisOf(axis, last + 1));
    if (axes.join() === String(last)) return { op: 'Activation', activation: 'softmax' };
    throw config.refuse('axis', 'the last one, as tfjs itself computes no other', config.value('axis'));
  }),
};
