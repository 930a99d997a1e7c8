/**
 * Recordings in, features and detections out. Loads the native addon when something is computed, onnxruntime-node with
 * the first `Detector.load`, tfjs never: models are trained in `cochlea/training`.
 */
export { type ReadOptions, readAudio } from './audio/index.js';
export type { ModelCard } from './bundle/index.js';
export {
  type Batch,
  type BatchOptions,
  type Corpus,
  type ExtractOptions,
  type ExtractReport,
  extract,
  FeatureDataset,
  type FromOptions,
  type Item,
  type ItemInfo,
  type ItemInput,
  type Label,
  type LabelRule,
  type OpenOptions,
  type Parts,
  type Recording,
  type RecordingError,
  type SplitOptions,
  type TableSource,
  type WindowingInput,
  type WindowPlace,
} from './dataset/index.js';
export {
  AudioFormatError,
  CochleaError,
  DatasetError,
  DeviceError,
  type ErrorCode,
  ExportError,
  ModelError,
  NativeError,
  ParameterError,
  PoolError,
} from './errors.js';
export {
  type ConfusionMatrix,
  chooseThreshold,
  type EvaluateOptions,
  evaluate,
  type Metrics,
  type Threshold,
  type ThresholdOptions,
  type Truth,
} from './evaluation/index.js';
export {
  type FeaturePlan,
  type FeatureStream,
  LogMel,
  logMel,
  MelSpectrogram,
  Mfcc,
  melSpectrogram,
  mfcc,
  type ProcessOptions,
  type Signal,
  Stft,
  stft,
  type WindowsOptions,
  windows,
} from './features/index.js';
export {
  type Detection,
  Detector,
  type DetectorOptions,
  type DetectorStream,
  type DetectorStreamOptions,
  type Scores,
} from './inference/index.js';
export { type RuntimeInfo, runtimeInfo } from './native/index.js';
export {
  type Decision,
  defineSpec,
  type FeatureConfig,
  type FeatureKind,
  type FeatureOptions,
  type LogMelOptions,
  type MelSpectrogramOptions,
  type MfccOptions,
  type Normalize,
  type Spec,
  type SpecInput,
  type SpecJson,
  type Stage,
  type StftOptions,
  type Windowing,
} from './spec/index.js';
export type {
  AudioInput,
  ChannelChoice,
  DetectedEvent,
  FeatureMatrix,
  Interval,
  LongWork,
  PcmView,
  Progress,
  Samples,
  Windows,
} from './types.js';
