/** Corpora to folders of features, in parallel, resumable. */
export { type ExtractShardOptions, extract, extractShard } from './extract.js';
export type { ComputeOptions, ExtractOptions, ExtractReport, PlanCorpusOptions } from './extract-options.js';
export { type MergeReport, mergeShards } from './merge.js';
export { type PlanExtractionOptions, type PlanReport, planExtraction } from './plan-corpus.js';
export { PLAN } from './plan-file.js';
export { RecordingFeatures } from './recording-features.js';
