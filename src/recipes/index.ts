/** The recipes, each from its data to a bundle. */
export { type CorpusReport, type CorpusSize, DEFAULT_SEED, makeCorpus } from './beep-sequence/corpus/index.js';
export {
  type BeepSequenceOptions,
  type BeepSequenceReport,
  BUNDLE,
  checksumText,
  corpusFolder,
  type Floor,
  floorsOf,
  holds,
  type PermutationFigures,
  type PermutationTest,
  runBeepSequence,
} from './beep-sequence/index.js';
