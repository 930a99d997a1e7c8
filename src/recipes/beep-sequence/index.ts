/** Seed 0: hears an appliance's beep sequence in recordings. */

export { makeDefaultCorpus } from './default-corpus.js';
export type { BeepSequenceOptions } from './options.js';
export type { PermutationFigures, PermutationTest } from './permutations.js';
export { type Floor, floorsOf, holds } from './report-figures.js';
export { checksumText, sourceText } from './report-setting.js';
export type { BeepSequenceReport } from './results.js';
export { BUNDLE, runBeepSequence } from './run.js';
