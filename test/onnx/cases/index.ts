import { activationLayerCases } from './activations.js';
import type { ConformanceCase } from './case.js';
import { convCases, poolCases } from './convolution.js';
import { architectureCases, denseCases } from './dense.js';
import { imageCases } from './images.js';
import { maskCases } from './masks.js';
import { mergeCases } from './merging.js';
import { nestedCases } from './nested.js';
import { normalizationCases } from './normalization.js';
import { productCases } from './products.js';
import { givenStateCases, recurrentCases } from './recurrent.js';
import { shapeCases } from './shape.js';
import { stateCases } from './states.js';
import { perStepCases } from './steps.js';

export type { CaseInput, ConformanceCase } from './case.js';

/** The whole grid. */
export function conformanceCases(): ConformanceCase[] {
  return [
    ...architectureCases(),
    ...denseCases(),
    ...activationLayerCases(),
    ...convCases(),
    ...poolCases(),
    ...imageCases(),
    ...normalizationCases(),
    ...shapeCases(),
    ...recurrentCases(),
    ...maskCases(),
    ...stateCases(),
    ...givenStateCases(),
    ...mergeCases(),
    ...productCases(),
    ...perStepCases(),
    ...nestedCases(),
  ];
}
