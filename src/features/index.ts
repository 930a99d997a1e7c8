/** Options → checked config → plan → features and windows of them. */
export {
  type Boundary,
  type BoundaryRegions,
  type BoundaryRegionsOptions,
  boundaryRegions,
} from './boundary-regions.js';
export { type CmvnOptions, cmvn, type SlidingCmvnOptions, slidingCmvn } from './cmvn.js';
export { amplitudeToDb, type DecibelOptions, powerToDb } from './decibels.js';
export { type DeltasOptions, deltas } from './deltas.js';
export { featureMatrix, frameTimeSec, type MatrixPlace } from './feature-matrix.js';
export type { FeaturePlan, PlanInSeries, ProcessOptions } from './feature-plan.js';
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
export {
  type FrameMeasureOptions,
  type FramesOptions,
  frames,
  type GoertzelOptions,
  goertzel,
  rms,
  zeroCrossingRate,
} from './frame-measures.js';
export { type IstftOptions, istft } from './istft.js';
export { type PreemphasisOptions, preemphasis } from './preemphasis.js';
export type { Signal } from './signal.js';
export {
  type SpectralFlatnessOptions,
  type SpectralRolloffOptions,
  type SpectrumShapeOptions,
  spectralCentroid,
  spectralFlatness,
  spectralFlux,
  spectralRolloff,
} from './spectrum-shape.js';
export {
  normalizeNumbers,
  planWindows,
  type WindowPlan,
  type WindowsOptions,
  windowCount,
  windows,
} from './windows.js';
