/** Bundles at work: sessions, stages, events, detectors, streams. The only folder that loads onnxruntime-node. */
export {
  type CheckOptions,
  checkModel,
  type ModelCheck,
  type NamedArray,
  type NamedArrays,
  type OutputDifference,
  type Predict,
} from './check/index.js';
export { type Detection, Detector, type DetectorOptions, type Scores } from './detector.js';
export { EventFinder, type Extent, extentOf, findEvents, type ScoredInput } from './events.js';
export { centreSec, type Sequence, type Timing } from './sequence.js';
export { ModelSession, type SessionOptions } from './session.js';
export { type ChainOptions, runStages, type Sessions, StageChain, type StageInput } from './stages.js';
export { DetectorStream, type DetectorStreamOptions } from './stream.js';
