export { type SequenceLstmOptions, sequenceLstm, type ToneCnnOptions, toneCnn } from './architectures.js';
export { initialiseWeights } from './initialise.js';
export { layerOutput } from './layer-output.js';
export {
  COVERED_LAYERS,
  type Converted,
  type LayerClass,
  type LayerPlace,
  type LayerWeights,
  type NodeBody,
  registerLayer,
} from './layers/index.js';
export { loadModel } from './load-model.js';
export { modelToGraph } from './model-to-graph.js';
export { inputNames, outputNames } from './port-names.js';
export { seededDropout } from './seeded-dropout.js';
export { setGraphWeights } from './set-weights.js';
export {
  type Layer,
  type LayersModel,
  loadTf,
  loadWasmBackend,
  type SymbolicTensor,
  type Tensor,
  type Tf,
} from './tf.js';
export { type TrainedWeight, trainedWeights } from './trained-weights.js';
export { registerWasmConvGradients } from './wasm-conv-gradient.js';
