/** The recipes, each from its data to a bundle. */
export { type CorpusReport, type CorpusSize, makeCorpus } from './beep-sequence/corpus/index.js';
export {
  type BeepSequenceOptions,
  type BeepSequenceReport,
  BUNDLE,
  checksumText,
  type Floor,
  floorsOf,
  holds,
  makeDefaultCorpus,
  type PermutationFigures,
  type PermutationTest,
  runBeepSequence,
  sourceText,
} from './beep-sequence/index.js';
