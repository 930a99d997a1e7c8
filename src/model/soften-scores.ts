/** Scores of a sigmoid unit on another scale, by its weights alone. */
import { ModelError } from '../errors.js';
import { type LayersModel, loadTf } from './tf.js';

export interface Softening {
  /** Divides the log-odds: above 1, scores leave 0 and 1. */
  readonly temperature: number;
  /** Added to the log-odds then: what counting positives more often in training would do. */
  readonly shift: number;
}

/**
 * Changes the last layer, so that every score p becomes `softened(p, by)`: temperature scaling (Guo et al. 2017, On
 * Calibration of Modern Neural Networks) with the shift of a changed prior (Saerens et al. 2002). Ranks stay.
 *
 * @throws ModelError `ERR_LAYER` where the last layer is not dense with one sigmoid unit
 */
export function softenScores(model: LayersModel, { temperature, shift }: Softening): void {
  const layer = model.layers.at(-1)!;
  const { activation, units } = layer.getConfig();
  const [kernel, bias] = layer.getWeights();
  if (layer.getClassName() !== 'Dense' || activation !== 'sigmoid' || units !== 1 || !kernel || !bias) {
    const got = `${layer.getClassName()} "${layer.name}"`;
    throw new ModelError('ERR_LAYER', `last layer: must be Dense with one sigmoid unit and a bias, got ${got}`);
  }
  loadTf().tidy(() => layer.setWeights([kernel.div(temperature), bias.div(temperature).add(shift)]));
}

/** The score that becomes of `p` in (0, 1). */
export function softened(p: number, { temperature, shift }: Softening): number {
  return 1 / (1 + Math.exp(-(Math.log(p / (1 - p)) / temperature + shift)));
}
