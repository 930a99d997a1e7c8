export { type PrPoint, prCurve, type RocPoint, rocCurve } from './curves.js';
export { type ConfusionMatrix, type EvaluateOptions, evaluate, type Metrics } from './evaluate.js';
export { type EventMetrics, type EventPair, type MatchOptions, matchEvents, poolEventMetrics } from './match-events.js';
export type { Truth } from './ranking.js';
export { chooseThreshold, type Threshold, type ThresholdOptions } from './threshold.js';
