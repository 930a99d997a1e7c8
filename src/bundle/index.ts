/** What travels to a server: spec, models and card. Knows neither the ONNX writer nor a runtime. */
export {
  type Bundle,
  type BundleContent,
  readBundle,
  specInMetadata,
  writeBundle,
} from './bundle.js';
export { readModelMetadata } from './metadata.js';
export { METADATA_KEYS, type ModelCard, modelMetadata, partMetadata } from './model-metadata.js';
