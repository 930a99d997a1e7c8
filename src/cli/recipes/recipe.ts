/** What the verb `run` asks of a recipe. */
import type { LongWork } from '../../types.js';
import type { EngineFlag } from '../arguments.js';

/** The flags of `run`, all of them the recipe's options by the same name. */
export interface RecipeFlags {
  readonly data?: string | undefined;
  readonly out?: string | undefined;
  readonly seed?: number | undefined;
  readonly size?: RecipeSize | undefined;
  readonly engine?: EngineFlag | undefined;
  readonly workers?: number | undefined;
  readonly paritySeeds?: number | undefined;
  readonly permuteLabels?: boolean | undefined;
  readonly permutations?: number | undefined;
  readonly resume?: boolean | undefined;
}

export const SIZES = ['full', 'small', 'tiny'] as const;
export type RecipeSize = (typeof SIZES)[number];

/** What a recipe's library call returned, and the same for people. */
export interface RecipeResult {
  readonly value: unknown;
  readonly text: string;
}

export interface Recipe {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** Everything, from the data to the report. */
  run(flags: RecipeFlags, work: Required<LongWork>): Promise<RecipeResult>;
  /** Only the data. */
  makeData(flags: RecipeFlags, work: Required<LongWork>): Promise<RecipeResult>;
}
