import { mustBe, ParameterError } from '../../errors.js';
import type { Spec } from '../../spec/index.js';

/**
 * A bundle with one score a window scores one class; under another name its figures would be of nothing.
 * A spec that names neither class nor labels leaves the name to the caller.
 *
 * @throws ParameterError `ERR_OPTION` naming the class that is scored and the labels
 */
export function requireScoredClass({ positive, labels }: Spec, asked: string): void {
  const scored = positive === null ? labels : [positive];
  if (scored.length === 0 || scored.includes(asked)) return;
  const expected = `${scored.join(' or ')}, which the bundle's scores are of (its labels: ${labels.join(', ')})`;
  throw new ParameterError('ERR_OPTION', mustBe('--positive', expected, asked), { labels });
}
