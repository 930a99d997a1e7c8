/** The front-end config, windowing, normalisation, labels and thresholds that travel with a model. */
export { canonicalJson, hashOf } from './canonical.js';
export { type EffectiveFeatures, effectiveFeatures, type FeatureEngine, featureHash } from './effective-features.js';
export {
  type EnergyConfig,
  FEATURE_KINDS,
  type FeatureConfig,
  type FeatureKind,
  type FeatureOptions,
  type FeaturePreset,
  type FrameConfig,
  frameShape,
  frameWidth,
  type LogConfig,
  type LogMelConfig,
  type LogMelOptions,
  type MelSpectrogramConfig,
  type MelSpectrogramOptions,
  type MfccConfig,
  type MfccOptions,
  PRESETS,
  STREAMABLE,
  type StftConfig,
  type StftOptions,
  stftBins,
  type WholeClipOption,
  WINDOW_NAMES,
  type WindowName,
  wholeClipOption,
} from './feature-config.js';
export { type FrameGrid, frameGrid, frameStart } from './frame-grid.js';
export { modelNames, ownModel, specOfModel } from './model-spec.js';
export { OptionReader } from './option-reader.js';
export { PRESET_RULES, type PresetRules } from './presets.js';
export { type ResolveContext, resolveFeatures } from './resolve-features.js';
export type {
  BinarizeStage,
  DecimateStage,
  Decision,
  Normalize,
  Stage,
  StageInput,
  Windowing,
  WindowStage,
} from './schema.js';
export { defineSpec, parseDecision, parseSpec, type Spec, type SpecInput, type SpecJson } from './spec.js';
