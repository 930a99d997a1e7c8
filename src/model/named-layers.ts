import { type Layer, type LayersModel, loadTf } from './tf.js';

export function isModel(layer: Layer): layer is LayersModel {
  return layer instanceof loadTf().LayersModel;
}

/** The model that a layer is called with for each step, where it is one. */
export function modelPerStep(layer: Layer): LayersModel | null {
  if (layer.getClassName() !== 'TimeDistributed' || !('layer' in layer)) return null;
  const { layer: inner } = layer;
  return inner instanceof loadTf().LayersModel ? inner : null;
}

function* walk(model: LayersModel, prefix: string): Generator<[Layer, string]> {
  for (const layer of model.layers) {
    yield [layer, prefix + layer.name];
    const inside = isModel(layer) ? layer : modelPerStep(layer);
    if (inside !== null) yield* walk(inside, `${prefix}${layer.name}/`);
  }
}

/**
 * Every layer of a model by its name in a graph, nested models and what is inside them too. What is inside is called
 * `<model>/<layer>`; a layer in two places has the name of the first.
 */
export function namedLayers(model: LayersModel): Map<Layer, string> {
  const names = new Map<Layer, string>();
  for (const [layer, name] of walk(model, '')) if (!names.has(layer)) names.set(layer, name);
  return names;
}

/** Those that hold no models: the ones with weights of their own. */
export function namedLeaves(model: LayersModel): [Layer, string][] {
  return [...namedLayers(model)].filter(([layer]) => !isModel(layer) && modelPerStep(layer) === null);
}
