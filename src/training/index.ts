/** Trains tfjs Layers models and turns them into files that serve. */
export { type Converted, type LayerClass, type LayerPlace, type NodeBody, registerLayer } from '../model/index.js';
export { type ArrayDataOptions, arrayData } from './array-data.js';
export {
  type Callback,
  type CsvLogger,
  type EarlyStopping,
  type EpochCallback,
  type EpochRecord,
  type JsonLogger,
  MONITORS,
  type Monitor,
  type ReduceLROnPlateau,
  type TensorBoardLogger,
} from './callbacks.js';
export type { FinishedRun, StoppedBy } from './checkpoint.js';
export type { NamedBatch, Target, TrainingBatch, TrainingData, Values } from './data.js';
export { type DeviceOption, type GpuMemory, isDevice } from './device.js';
export { ENGINES, type EngineChoice, type EngineName, type EngineOption } from './engine.js';
export { type BatchPlace, type GeneratedBatch, type GeneratedDataOptions, generatedData } from './generated-data.js';
export { LOSS_NAMES, type LossName, type LossTerm } from './losses.js';
export { OPTIMIZER_NAMES, type OptimizerName, type OptimizerOptions } from './optimizers.js';
export type { TrainOptions } from './options.js';
export { predictor } from './predictor.js';
export { type BundleOptions, type ExportOptions, exportOnnx, saveBundle } from './save-bundle.js';
export { type CosineDecay, type ExponentialDecay, type LearningRateSchedule, SCHEDULES } from './schedules.js';
export { type TensorflowReport, tensorflowReport } from './tensorflow-report.js';
export { train } from './train.js';
export { type EvaluationOptions, type PredictionOptions, TrainingRun } from './training-run.js';
