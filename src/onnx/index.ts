export { type ComposeOptions, composeChain } from './compose.js';
export { type FrontEndOptions, frontEndToOnnx } from './front-end/index.js';
export { graphFaults } from './graph-faults.js';
export { graphToOnnx, type OnnxOptions, OPSETS } from './graph-to-onnx.js';
export { PRECISIONS, type Precision, toFloat16, toInt8, writePrecision } from './precision/index.js';
export type { ElementType, OnnxConstant, OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './proto.js';
export { decodeModel, inspectOnnx, type OnnxSummary, type OnnxSummaryValue, readOnnxMetadata } from './read.js';
export { hasShapeRule, type InferredValue, inferShapes } from './shapes/index.js';
export { valuesRead } from './values-read.js';
