export { graphToOnnx, type OnnxOptions } from './graph-to-onnx.js';
export { inspectOnnx, type OnnxSummary, type OnnxSummaryValue, readOnnxMetadata } from './read.js';
