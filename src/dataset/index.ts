/** Folders of features, items in memory and tables to training batches. */
export type { Batch, BatchOptions } from './batches.js';
export { checkFeatures, type FeaturesCheck } from './check-features.js';
export { type Balance, checkBalance, type OrderOptions, type Strata } from './epoch-order.js';
export { FeatureDataset, type FromOptions, type OpenOptions, type WindowPlace } from './feature-dataset.js';
export type { FrameTiming, WindowingInput } from './front-end.js';
export type { Item, ItemInfo, ItemInput } from './item.js';
export type { LeakOptions } from './leaks.js';
export type { Part, Parts, Ratios } from './parts.js';
export { recordingErrors } from './recording-errors.js';
export type { FileListSplit, GroupSplit, SplitOptions, StratifiedSplit } from './split.js';
export type { TimeSplit } from './split-by-time.js';
export type { StandardNormalize } from './stats.js';
export { type IntervalRule, requireIntervalLabel, windowTargets } from './window-targets.js';
