import { ModelError, mustBe } from '../errors.js';
import { type Graph, graphWeights, showShape, type Weight } from '../graph/index.js';
import { namedWeights } from './layer-weights.js';
import { namedLeaves } from './named-layers.js';
import { type Layer, type LayersModel, loadTf } from './tf.js';

function setLayerWeights(layer: Layer, layerName: string, weights: ReadonlyMap<string, Weight>): void {
  const tf = loadTf();
  const tensors = namedWeights(layer, layerName).map(({ name, tensor: { shape } }) => {
    const weight = weights.get(name);
    if (weight === undefined) throw new ModelError('ERR_MODEL', mustBe(`weight "${name}"`, 'in the graph', 'nothing'));
    if (showShape(weight.shape) !== showShape(shape)) {
      throw new ModelError('ERR_MODEL', mustBe(`shape of weight "${name}"`, showShape(shape), showShape(weight.shape)));
    }
    return tf.tensor(weight.data, shape);
  });
  layer.setWeights(tensors);
  tf.dispose(tensors);
}

/**
 * Writes a graph's weights back into the model it came from (or one of the same layers): how a checkpoint or the
 * native training program returns what it learnt.
 * @throws ModelError `ERR_MODEL` naming the first weight that is missing or has another shape
 */
export function setGraphWeights(model: LayersModel, graph: Graph): void {
  const weights = new Map(graphWeights(graph).map((weight) => [weight.name, weight]));
  for (const [layer, name] of namedLeaves(model)) setLayerWeights(layer, name, weights);
}
