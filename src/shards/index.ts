/** Folders of feature shards: the files, and the manifest that says what they hold. */
export { SHARD_COMPRESSIONS, type ShardCompression } from './compression.js';
export { createSink, SHARD_FORMATS, type ShardFormat } from './create-sink.js';
export { discardingSink } from './discarding-sink.js';
export { type FeatureBlock, readBlock } from './feature-block.js';
export {
  MANIFEST,
  type Manifest,
  type ManifestShard,
  readManifest,
  type ShardResult,
  writeManifest,
} from './manifest.js';
export { publishFiles, type UnpublishedFile } from './publish-files.js';
export { ShardFiles } from './shard-files.js';
export { readShardIndex, type ShardIndex } from './shard-reader.js';
export type { ShardEntry } from './shard-rows.js';
export { META } from './shard-schema.js';
export type { ShardRow, ShardSink, WrittenFile } from './shard-sink.js';
export { type ColumnStats, deviations, mergeStats, RunningStats, standardOf } from './statistics.js';
