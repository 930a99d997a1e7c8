import type { FileHandle } from 'node:fs/promises';
import type { CompressionType } from 'apache-arrow/fb/compression-type';
import { codecOfType } from './compression.js';
import { damaged } from './open-shard.js';
import { readFully } from './read-fully.js';
import type { ShardFiles } from './shard-files.js';

/** The floats of one record batch, contiguous in the file. */
export interface FeatureBlock {
  readonly path: string;
  readonly byteOffset: number;
  /** Numbers, not bytes. */
  readonly length: number;
  /** Where they are compressed: how, and into how many bytes. Then a part of them cannot be read alone. */
  readonly packed?: { readonly type: CompressionType; readonly bytes: number };
}

/**
 * Floats of one block: all of them, or `length` from `first` on. Bytes go straight into the array that is returned.
 *
 * @throws DatasetError `ERR_SHARD` for a file that is cut short, or packed numbers that are damaged
 */
export function readBlock(
  block: FeatureBlock,
  files: ShardFiles,
  first = 0,
  length: number = block.length,
): Promise<Float32Array> {
  return files.use(block.path, async (file) => {
    if (block.packed !== undefined) return (await unpacked(block, block.packed, file)).slice(first, first + length);
    const values = new Float32Array(length);
    const byteOffset = block.byteOffset + first * values.BYTES_PER_ELEMENT;
    await readFully(file, new Uint8Array(values.buffer), byteOffset, block.path);
    return values;
  });
}

async function unpacked(
  { path, byteOffset, length }: FeatureBlock,
  { type, bytes }: NonNullable<FeatureBlock['packed']>,
  file: FileHandle,
): Promise<Float32Array> {
  const packed = new Uint8Array(bytes);
  await readFully(file, packed, byteOffset, path);
  const codec = await codecOfType(type);
  if (codec === null) throw damaged(path, `a compression that is not read here (${type})`);
  const found = decompressed(() => codec.decompress(packed), path);
  if (found.byteLength !== length * Float32Array.BYTES_PER_ELEMENT)
    throw damaged(path, `${found.byteLength} bytes for ${length} numbers`);
  // A codec may answer with a part of a larger buffer, which begins anywhere.
  const values = new Float32Array(length);
  new Uint8Array(values.buffer).set(found);
  return values;
}

function decompressed(work: () => Uint8Array, path: string): Uint8Array {
  try {
    return work();
  } catch (cause) {
    throw damaged(path, `packed numbers that cannot be unpacked: ${String(cause)}`);
  }
}
