/** The native addon: found, loaded, and described. */
export type {
  CodecInfo,
  NativeAddon,
  NativeFeatureConfig,
  NativeFeaturePlan,
  NativePcm,
  WavLayout,
  WindowGather,
} from './addon.js';
export { loadAddon } from './loader.js';
export { type RuntimeInfo, runtimeInfo } from './runtime.js';
