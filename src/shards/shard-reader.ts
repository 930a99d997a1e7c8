import type { FileHandle } from 'node:fs/promises';
import { type DataType, Message, type Schema } from 'apache-arrow';
// Not on the package's front page, but exported by it: the same loader its readers use.
import { BufferRegion, type RecordBatch } from 'apache-arrow/ipc/metadata/message';
import { VectorLoader } from 'apache-arrow/visitor/vectorloader';
import { CochleaError } from '../errors.js';
import type { FeatureBlock } from './feature-block.js';
import { damaged, openShard } from './open-shard.js';
import { readFully } from './read-fully.js';
import { ShardColumns, type ShardEntry } from './shard-rows.js';
import { META } from './shard-schema.js';

export interface ShardIndex {
  readonly width: number;
  readonly frameShape: readonly number[];
  readonly featureHash: string;
  readonly entries: readonly ShardEntry[];
}

/** In front of each buffer of a compressed batch: how long it was, or that it is as it was. */
const PREFIX_BYTES = 8;
const AS_IT_WAS = -1n;
const MAGIC = 'ARROW1';
/** The file's magic, padded to eight bytes. */
const HEAD_BYTES = 8;
const CONTINUATION = 0xffffffff;
/** Most batch descriptions fit, so a batch costs one read and the small columns another. */
const FIRST_READ = 4096;

interface ShardFile {
  readonly file: FileHandle;
  readonly path: string;
  readonly size: number;
}

interface Located {
  readonly message: Message;
  readonly bodyStart: number;
}

/**
 * Reads what a shard holds without reading its features: walks the file's messages and, of each record batch, loads
 * only the bytes before the feature values, which `shardSchema` puts last.
 *
 * @throws DatasetError `ERR_SHARD` when the file is not a whole shard
 */
export async function readShardIndex(path: string): Promise<ShardIndex> {
  const file = await openShard(path);
  try {
    return await indexOf({ file, path, size: await checkedSize(file, path) });
  } catch (cause) {
    // Arrow's decoder has no errors of its own: what is damaged trips it somewhere.
    if (cause instanceof CochleaError || (cause instanceof Error && 'syscall' in cause)) throw cause;
    throw damaged(path, `bytes that are no Arrow file: ${String(cause)}`);
  } finally {
    await file.close();
  }
}

async function indexOf(shard: ShardFile): Promise<ShardIndex> {
  const { path } = shard;
  const first = await readMessage(shard, HEAD_BYTES);
  if (first === null || !first.message.isSchema()) throw damaged(path, 'no schema');
  const schema: Schema = first.message.header();
  const featureField = schema.fields.at(-1);
  const width = featureField?.name === 'features' ? featureField.type.children[0]?.type.listSize : undefined;
  if (typeof width !== 'number' || width < 1) throw damaged(path, 'no column of features');
  const batches: ShardEntry[][] = [];
  for (let at = first.bodyStart; ; ) {
    const next = await readMessage(shard, at);
    if (next === null) break;
    if (!next.message.isRecordBatch()) throw damaged(path, 'a message that is no record batch');
    batches.push(await readEntries(shard, schema, width, next.message.header(), next.bodyStart));
    at = next.bodyStart + next.message.bodyLength;
  }
  const featureHash = schema.metadata.get(META.featureHash) ?? '';
  const frameShape: unknown = JSON.parse(schema.metadata.get(META.frameShape) ?? 'null');
  return { width, frameShape: isShape(frameShape) ? frameShape : [width], featureHash, entries: batches.flat() };
}

async function readEntries(
  { file, path, size }: ShardFile,
  schema: Schema,
  width: number,
  batch: RecordBatch,
  bodyStart: number,
): Promise<ShardEntry[]> {
  const values = batch.buffers.at(-1);
  if (!values || batch.buffers.some(({ offset, length }) => !isWithin(offset, length, size - bodyStart)))
    throw damaged(path, 'a record batch without its buffers');
  const { compression } = batch;
  const prefix = compression === null || values.length === 0 ? 0 : PREFIX_BYTES;
  const small = new Uint8Array(values.offset + prefix);
  await readFully(file, small, bodyStart, path);
  const buffers = compression === null ? batch.buffers : plainRegions(small, batch.buffers, path);
  const loader = new VectorLoader(small, batch.nodes, buffers, new Map());
  const columns = new ShardColumns(path, batch.length, schema, loader.visitMany<DataType>(schema.fields));
  // Arrow pads buffers, so the length comes from the frames.
  const length = columns.frameOffsets().at(-1)! * width;
  const bytes = values.length - prefix;
  const isPacked = compression !== null && prefix > 0 && prefixAt(small, values.offset) !== AS_IT_WAS;
  if (!isPacked && length * Float32Array.BYTES_PER_ELEMENT > bytes)
    throw damaged(path, `${bytes} bytes for ${length} numbers`);
  const block: FeatureBlock = {
    path,
    byteOffset: bodyStart + values.offset + prefix,
    length,
    ...(isPacked && { packed: { type: compression.type, bytes } }),
  };
  return columns.entries(block);
}

/** Where the columns beside the features are behind their prefixes, which say that they are as they were. */
function plainRegions(small: Uint8Array, regions: readonly BufferRegion[], path: string): BufferRegion[] {
  return regions.map(({ offset, length }, i) => {
    if (length === 0) return new BufferRegion(offset, 0);
    if (length < PREFIX_BYTES) throw damaged(path, `a packed buffer of ${length} bytes`);
    if (i < regions.length - 1 && prefixAt(small, offset) !== AS_IT_WAS)
      throw damaged(path, 'columns beside the features that are compressed, as another program may write them');
    return new BufferRegion(offset + PREFIX_BYTES, length - PREFIX_BYTES);
  });
}

function prefixAt({ buffer, byteOffset, byteLength }: Uint8Array, offset: number): bigint {
  return new DataView(buffer, byteOffset, byteLength).getBigInt64(offset, true);
}

/** The encapsulated message at `at`: 0xffffffff, length of its description, description, body; `null` at the end mark. */
async function readMessage({ file, path, size }: ShardFile, at: number): Promise<Located | null> {
  const head = Buffer.alloc(FIRST_READ);
  const { bytesRead } = await file.read(head, 0, FIRST_READ, at);
  if (bytesRead < HEAD_BYTES || head.readUInt32LE(0) !== CONTINUATION) throw damaged(path, `no message at byte ${at}`);
  const length = head.readInt32LE(4);
  if (length === 0) return null;
  const bodyStart = at + HEAD_BYTES + length;
  if (!isWithin(at + HEAD_BYTES, length, size)) throw damaged(path, `a message of ${length} bytes at byte ${at}`);
  let description = new Uint8Array(head.subarray(HEAD_BYTES, HEAD_BYTES + length));
  if (HEAD_BYTES + length > bytesRead) {
    description = new Uint8Array(length);
    await readFully(file, description, at + HEAD_BYTES, path);
  }
  const message = Message.decode(description);
  if (!isWithin(bodyStart, message.bodyLength, size)) throw damaged(path, `an end within the message at byte ${at}`);
  return { message, bodyStart };
}

async function checkedSize(file: FileHandle, path: string): Promise<number> {
  const { size } = await file.stat();
  const ends = Buffer.alloc(2 * MAGIC.length);
  if (size < 2 * HEAD_BYTES) throw damaged(path, `${size} bytes`);
  await readFully(file, ends.subarray(0, MAGIC.length), 0, path);
  await readFully(file, ends.subarray(MAGIC.length), size - MAGIC.length, path);
  if (ends.toString('latin1') !== MAGIC + MAGIC) throw damaged(path, 'another file, or one cut short');
  return size;
}

function isWithin(offset: number, length: number, size: number): boolean {
  return offset >= 0 && length >= 0 && offset + length <= size;
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n));
}
