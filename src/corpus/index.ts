/** What goes into an extraction: recordings, wherever they are listed, and where their labels come from. */
export { inByteOrder } from './byte-order.js';
export { listCorpus } from './corpus.js';
export type { Label, LabelFiles, LabelRule, RttmOfCorpus, TextGridLabels, TimedLabels } from './label-rule.js';
export { intervalsOf, type Labeller, type LabelSource, labeller, labelOf } from './labels.js';
export type { Corpus, CorpusItem, ListedCorpus, Recording, RecordingError } from './recording.js';
