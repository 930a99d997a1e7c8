import { ArkSink } from './ark-sink.js';
import { ArrowSink } from './arrow-sink.js';
import { codecOf, type ShardCompression } from './compression.js';
import { NpyLayout } from './npy-layout.js';
import { SafetensorsLayout } from './safetensors-layout.js';
import type { ShardSink, SinkOptions } from './shard-sink.js';
import { SpooledSink } from './spooled-sink.js';

export const SHARD_FORMATS = ['arrow', 'npy', 'safetensors', 'kaldi-ark'] as const;
/** Of a shard's files. Only Arrow files are read by `FeatureDataset`; the others are for other programs. */
export type ShardFormat = (typeof SHARD_FORMATS)[number];

export interface CreateSinkOptions extends SinkOptions {
  readonly format: ShardFormat;
  readonly compression: ShardCompression;
}

/** Begins a shard. @throws ParameterError `ERR_WRITE` */
export async function createSink({ format, compression, ...o }: CreateSinkOptions): Promise<ShardSink> {
  switch (format) {
    case 'arrow':
      return new ArrowSink(o, await codecOf(compression));
    case 'npy':
      return new SpooledSink(o, new NpyLayout(o));
    case 'safetensors':
      return new SpooledSink(o, new SafetensorsLayout(o));
    case 'kaldi-ark':
      return new ArkSink(o);
  }
}
