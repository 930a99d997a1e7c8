/** Layers that bring values together, look numbers up, or lay axes out anew. */
import type { MergeNode } from '../../graph/index.js';
import { axisOf, type LayerClass, plain } from './converter.js';

function merge(kind: MergeNode['kind']): LayerClass {
  return plain(() => ({ op: 'Merge', kind }));
}

export const MERGING_LAYERS: Readonly<Record<string, LayerClass>> = {
  Add: merge('add'),
  Multiply: merge('multiply'),
  Average: merge('average'),
  Maximum: merge('maximum'),
  Minimum: merge('minimum'),
  Concatenate: plain((config, _weights, { outputs }) => ({
    op: 'Concatenate',
    axis: axisOf(config.number('axis'), outputs[0]!.length),
  })),
  Dot: plain((config, _weights, { inputs }) => {
    const [first = 0, second = first] = config.list('axes');
    const [left = 0, right = 0] = inputs.map(({ shape }) => shape.length);
    return { op: 'Dot', axes: [axisOf(first, left), axisOf(second, right)], normalize: config.flag('normalize') };
  }),
  Embedding: plain(
    (_config, weights) => ({ op: 'Embedding', embeddings: weights.required('embeddings') }),
    () => ['embeddings'],
  ),
  Reshape: plain(() => ({ op: 'Reshape' })),
  RepeatVector: plain((config) => ({ op: 'Repeat', times: config.number('n') })),
  Permute: plain((config) => ({ op: 'Permute', order: config.list('dims') })),
};
