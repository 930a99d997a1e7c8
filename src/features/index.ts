/** Options → checked config → plan → features and windows of them. */
export { featureMatrix, frameTimeSec, type MatrixPlace } from './feature-matrix.js';
export type { FeaturePlan, ProcessOptions } from './feature-plan.js';
export type { FeatureStream } from './feature-stream.js';
export {
  createPlan,
  LogMel,
  logMel,
  MelSpectrogram,
  Mfcc,
  melSpectrogram,
  mfcc,
  Stft,
  stft,
} from './features.js';
export { nativeConfig } from './native-config.js';
export type { Signal } from './signal.js';
export {
  normalizeNumbers,
  planWindows,
  type WindowPlan,
  type WindowsOptions,
  windowCount,
  windows,
} from './windows.js';
