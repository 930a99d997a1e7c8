import { ModelError, mustBe } from '../errors.js';
import { type LayersModel, layerOutput, outputNames } from '../model/index.js';
import type { CheckedTerm } from './losses.js';

/**
 * Looks for the layers that the terms of a loss name.
 * @throws ModelError `ERR_MODEL` naming a layer that the model lacks, or two whose outputs have different shapes; for a term
 *   that names none of a model with several outputs
 */
export function requireTermLayers(model: LayersModel, terms: readonly CheckedTerm[]): void {
  for (const { of, target } of terms) {
    if (of === null && model.outputs.length > 1) {
      const expected = `one of the outputs, ${outputNames(model).join(' | ')}, for each term`;
      throw new ModelError('ERR_MODEL', mustBe('of in the loss', expected, 'none'));
    }
    const [judged] = of === null ? model.outputs : [layerOutput(model, of)];
    if (target === null || judged === undefined) continue;
    const [got, expected] = [judged, layerOutput(model, target)].map(({ shape }) => JSON.stringify(shape.slice(1)));
    if (got === expected) continue;
    const name = `output of ${of === null ? 'the model' : `layer "${of}"`}`;
    throw new ModelError('ERR_MODEL', mustBe(name, `of the shape of layer "${target}", ${expected}`, got));
  }
}
