/** Codecs of Arrow's record batches; both carry their code inside the package and give the same bytes everywhere. */
import { CompressionType } from 'apache-arrow/fb/compression-type';

export const SHARD_COMPRESSIONS = ['none', 'lz4', 'zstd'] as const;
/** Of features in Arrow files: an LZ4 or zstd frame for each record batch. */
export type ShardCompression = (typeof SHARD_COMPRESSIONS)[number];

export interface Codec {
  /** As Arrow's format numbers it. */
  readonly type: CompressionType;
  compress(bytes: Uint8Array): Uint8Array;
  decompress(bytes: Uint8Array): Uint8Array;
}

/** zstd's own default. */
const ZSTD_LEVEL = 3;

/** Once: a second start takes the first one's memory away. */
let zstd: Promise<Codec> | null = null;

/** `null` for no compression. A codec is loaded when it is asked for: most extractions have none. */
export async function codecOf(compression: ShardCompression): Promise<Codec | null> {
  if (compression === 'none') return null;
  if (compression === 'lz4') return loadLz4();
  zstd ??= loadZstd();
  return zstd;
}

async function loadLz4(): Promise<Codec> {
  const { compressFrameSync, decompressFrameSync } = await import('lz4-napi');
  return {
    type: CompressionType.LZ4_FRAME,
    compress: (bytes) => compressFrameSync(bufferOver(bytes)),
    decompress: (bytes) => decompressFrameSync(bufferOver(bytes)),
  };
}

async function loadZstd(): Promise<Codec> {
  const { compress, decompress, init } = await import('@bokuweb/zstd-wasm');
  await init();
  return {
    type: CompressionType.ZSTD,
    compress: (bytes) => compress(bytes, ZSTD_LEVEL),
    decompress: (bytes) => decompress(bytes),
  };
}

/** What a file says of its record batches. @returns `null` for a codec that is none of ours */
export async function codecOfType(type: CompressionType): Promise<Codec | null> {
  return codecOf(type === CompressionType.LZ4_FRAME ? 'lz4' : type === CompressionType.ZSTD ? 'zstd' : 'none');
}

function bufferOver({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
