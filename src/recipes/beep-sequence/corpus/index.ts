/** The corpus of the beep-sequence recipe: a synthesised appliance in real recordings, with exact labels. */
export { DETUNE, SAMPLE_RATE, TARGET_HZ } from './appliance.js';
export type { ChecksumVerdict } from './checksums.js';
export { type CorpusChoice, chooseCorpus } from './choose-corpus.js';
export { type EventKind, HARD_KINDS, type HardKind } from './events.js';
export { type CorpusOptions, type CorpusReport, makeCorpus } from './make-corpus.js';
export type { FileRecord } from './make-file.js';
export { type CorpusSize, DEFAULT_SEED, SNRS_DB } from './plan.js';
export type { RenderedEvent } from './render.js';
export { PARTS, type Part } from './sources.js';
