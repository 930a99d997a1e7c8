/** What weights by themselves add to the loss of a tfjs model. */
import { type LayersModel, loadTf, type Tensor } from '../model/index.js';
import { allLayers } from './run-layers.js';

/**
 * One number for each regulariser of the model. tfjs's own list lacks those of recurrent cells, and has those of a layer
 * that is used twice two times.
 */
export function penalties(model: LayersModel): Tensor[] {
  const { Layer } = loadTf().layers;
  const cells = allLayers(model.layers).map((layer): unknown => Reflect.get(layer, 'cell'));
  const regularised = new Set([...model.layers, ...cells.filter((cell) => cell instanceof Layer)]);
  return [...regularised].flatMap((layer) => layer.calculateLosses());
}
