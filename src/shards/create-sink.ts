import { ArrowSink, type SinkOptions } from './arrow-sink.js';
import type { ShardSink } from './shard-sink.js';

export const SHARD_FORMATS = ['arrow'] as const;
/** Of a shard's files. */
export type ShardFormat = (typeof SHARD_FORMATS)[number];

export const SHARD_COMPRESSIONS = ['none'] as const;
/** Of features in Arrow files. */
export type ShardCompression = (typeof SHARD_COMPRESSIONS)[number];

export interface CreateSinkOptions extends SinkOptions {
  readonly format: ShardFormat;
  readonly compression: ShardCompression;
}

/** Begins a shard. @throws ParameterError `ERR_WRITE` */
export function createSink(o: CreateSinkOptions): ShardSink {
  return new ArrowSink(o);
}
