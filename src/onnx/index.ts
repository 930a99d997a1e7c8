export { graphToOnnx, type OnnxOptions } from './graph-to-onnx.js';
export { inspectOnnx, type OnnxSummary, type OnnxValue, readOnnxMetadata } from './proto.js';
