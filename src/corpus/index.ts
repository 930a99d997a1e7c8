/** What goes into an extraction: recordings, wherever they are listed, and where their labels come from. */
export { inByteOrder, listCorpus } from './corpus.js';
export { intervalsOf, type Label, type LabelRule, type LabelSource, labelOf } from './labels.js';
export type { Corpus, ListedCorpus, Recording, RecordingError } from './recording.js';
