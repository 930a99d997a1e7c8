/** The one table of recipes. */
import { mustBe, ParameterError } from '../../errors.js';
import { beepSequence } from './beep-sequence.js';
import type { Recipe } from './recipe.js';

export const RECIPES: readonly Recipe[] = [beepSequence];

/** @throws ParameterError `ERR_OPTION` listing the recipes there are */
export function recipeNamed(name: unknown): Recipe {
  const recipe = RECIPES.find((one) => one.name === name);
  if (recipe !== undefined) return recipe;
  const names = RECIPES.map((one) => one.name).join(', ');
  throw new ParameterError('ERR_OPTION', mustBe('recipe', `one of ${names}, or a config.yaml that names one`, name));
}
