import { Command, Option } from 'commander';
import { mustBe, ParameterError } from '../../errors.js';
import { engineOption, refuseBeside, wholeNumber, workersOption } from '../arguments.js';
import { applyOptions, readYaml } from '../config-file.js';
import { action, type CommonOptions, ownOptions, withCommonOptions } from '../context.js';
import { RECIPES, recipeNamed } from '../recipes/index.js';
import { type RecipeFlags, SIZES } from '../recipes/recipe.js';

interface RunOptions extends CommonOptions, RecipeFlags {
  readonly makeData?: boolean;
  readonly quick?: boolean;
}

const HELP = `
Recipes:
${RECIPES.map(({ name, summary }) => `  ${name}  ${summary}`).join('\n')}

Without --data the recipe makes its own corpus in the cache; with it the size is the corpus's own. With --make-data it
makes that corpus (in --data, if given), keeps recordings that are there, and stops.
A config.yaml names its recipe and has the flags' names as keys: { recipe: beep-sequence, seed: 7 }.

Examples:
  cochlea run beep-sequence
  cochlea run beep-sequence --quick --out runs/try --json`;

export function runCommand(): Command {
  return withCommonOptions(new Command('run'))
    .description('data → features → models → evaluation → bundle → report')
    .argument(
      '<recipe or config.yaml>',
      `one of ${RECIPES.map(({ name }) => name).join(', ')}, or a file that names one`,
    )
    .option('--data <folder>', 'a corpus that the recipe made before')
    .option('--make-data', 'only make the corpus')
    .option('--out <folder>', 'where bundle, metrics and report go (default: runs/<recipe>)')
    .option('--seed <n>', 'of corpus, weights and batches', wholeNumber())
    .addOption(new Option('--size <size>', 'of the corpus (default: full; small without apt)').choices(SIZES))
    .addOption(new Option('--quick', 'a small corpus: the same as --size small').conflicts('size'))
    .addOption(engineOption())
    .addOption(workersOption())
    .option('--parity-seeds <n>', "runs of the seed document's own protocol", wholeNumber())
    .option('--permute-labels', 'train again on shuffled labels: shows that nothing leaks')
    .option('--permutations <n>', 'how often, with --permute-labels (default: 28)', wholeNumber())
    .option('--resume', 'keep the parts that are finished (default)')
    .option('--no-resume', 'do finished parts again')
    .addHelpText('after', HELP)
    .action(
      action<RunOptions>(async ([named = ''], _, context, command) => {
        const recipe = recipeNamed(await recipeOf(named, command));
        // Read again: a config may have filled in what no flag gave.
        const { makeData = false, quick = false, ...flags } = ownOptions(command.opts<RunOptions>());
        refuseUnused(command, { makeData, ...flags });
        const given = quick && !sizeWins(command) ? { ...flags, size: 'small' as const } : flags;
        const work = { signal: context.signal, onProgress: context.onProgress };
        const result = makeData ? await recipe.makeData(given, work) : await recipe.run(given, work);
        context.print(result.value, () => result.text);
        return undefined;
      }),
    );
}

/** Whether a flag gave the size and only a file the `quick`. @throws ParameterError `ERR_OPTION` where a file gave both */
function sizeWins(command: Command): boolean {
  const [quick, size] = [command.getOptionValueSource('quick'), command.getOptionValueSource('size')];
  if (quick === 'config' && size === 'config') {
    throw new ParameterError('ERR_OPTION', mustBe('size', 'left out beside quick', command.getOptionValue('size')));
  }
  return quick === 'config' && size === 'cli';
}

/** What only a whole run uses. */
const OF_A_RUN = ['out', 'engine', 'paritySeeds', 'permuteLabels', 'permutations', 'resume'] as const;
/** What says the size of a corpus that is made. */
const OF_A_NEW_CORPUS = ['size', 'quick'] as const;

/** @throws ParameterError `ERR_OPTION` for an option that this run would not look at */
function refuseUnused(command: Command, { makeData, data, resume }: RunOptions): void {
  if (!makeData) {
    if (data !== undefined) for (const name of OF_A_NEW_CORPUS) refuseBeside(command, name, 'data');
    return;
  }
  // Recordings that are there are kept, so a `resume` that says so is as it should be.
  for (const name of OF_A_RUN) if (name !== 'resume' || !resume) refuseBeside(command, name, 'makeData');
}

/** A recipe's name as it is; a file's flags are applied and its recipe is named. */
async function recipeOf(named: string, command: Command): Promise<unknown> {
  if (!/\.(ya?ml|json)$/.test(named)) return named;
  const { recipe, ...flags } = await readYaml(named, 'recipe');
  applyOptions(command, named, flags);
  return recipe;
}
