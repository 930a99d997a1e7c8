/** Corpora to folders of features, in parallel, resumable. */
export { extract } from './extract.js';
export type { ExtractOptions, ExtractReport } from './extract-options.js';
export { type RecordingFeatures, recordingFeatures } from './recording-features.js';
