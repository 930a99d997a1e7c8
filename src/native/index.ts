/** The native addon: found, loaded, and described. */
export type {
  CodecInfo,
  NativeAddon,
  NativeAudioSource,
  NativeDecoder,
  NativeFeatureConfig,
  NativeFeaturePlan,
  NativeFrameSummary,
  NativePcm,
  NativeResampler,
  WavLayout,
  WindowGather,
} from './addon.js';
export type { ComputedClip, NativeClipReader, NativeJournal } from './clips.js';
export type {
  NativeDeltaConfig,
  NativeFrameGrid,
  NativeHelpers,
  NativeIstftConfig,
  NativeSlidingCmvn,
  NativeTone,
} from './helpers.js';
export { loadAddon } from './loader.js';
export { nativeConfig } from './native-config.js';
export { type RuntimeInfo, runtimeInfo } from './runtime.js';
export type {
  NativeCell,
  NativeLayer,
  NativeLayerKind,
  NativeOptimizer,
  NativeProgramSpec,
  NativeTrainingProgram,
  NativeValue,
} from './training.js';
