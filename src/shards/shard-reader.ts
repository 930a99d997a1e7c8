import type { FileHandle } from 'node:fs/promises';
import { type Data, type DataType, Message, type Schema, Vector } from 'apache-arrow';
import type { CompressionType } from 'apache-arrow/fb/compression-type';
// Not on the package's front page, but exported by it: the same loader its readers use.
import { BufferRegion } from 'apache-arrow/ipc/metadata/message';
import { VectorLoader } from 'apache-arrow/visitor/vectorloader';
import type { Interval } from '../types.js';
import { codecOfType } from './compression.js';
import { damaged, openShard } from './open-shard.js';
import type { ShardFiles } from './shard-files.js';
import { META } from './shard-schema.js';

/** A recording in a shard: everything but its features, and where those lie. */
export interface ShardEntry {
  readonly id: string;
  readonly path: string;
  readonly group: string | null;
  readonly label: string | null;
  /** Of a recording whose channels are rows of their own. */
  readonly channel: number | null;
  readonly sampleRate: number;
  /** Where in its file the recording begins. */
  readonly startSec: number;
  readonly durationSec: number;
  /** 16 hex digits over the frames' bytes. */
  readonly contentHash: string;
  /** Seconds from the start of the cut. */
  readonly labels: readonly Interval[];
  readonly nFrames: number;
  /** First frame among the block's frames. */
  readonly firstFrame: number;
  readonly block: FeatureBlock;
}

/** The floats of one record batch, contiguous in the file. */
export interface FeatureBlock {
  readonly path: string;
  readonly byteOffset: number;
  /** Numbers, not bytes. */
  readonly length: number;
  /** Where they are compressed: how, and into how many bytes. Then a part of them cannot be read alone. */
  readonly packed?: { readonly type: CompressionType; readonly bytes: number };
}

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

/**
 * Reads what a shard holds without reading its features: walks the file's messages and, of each record batch, loads
 * only the bytes before the feature values, which `shardSchema` puts last.
 *
 * @throws DatasetError `ERR_SHARD` when the file is not a whole shard
 */
export async function readShardIndex(path: string): Promise<ShardIndex> {
  const file = await openShard(path);
  try {
    await checkMagic(file, path);
    const first = await readMessage(file, HEAD_BYTES, path);
    if (first === null || !first.message.isSchema()) throw damaged(path, 'no schema');
    const schema: Schema = first.message.header();
    const featureField = schema.fields.at(-1);
    const width = featureField?.name === 'features' ? featureField.type.children[0]?.type.listSize : undefined;
    if (typeof width !== 'number') throw damaged(path, 'no column of features');
    const entries: ShardEntry[] = [];
    for (let at = first.bodyStart; ; ) {
      const next = await readMessage(file, at, path);
      if (next === null) break;
      if (!next.message.isRecordBatch()) throw damaged(path, 'a message that is no record batch');
      entries.push(...(await readEntries(file, path, schema, width, next)));
      at = next.bodyStart + next.message.bodyLength;
    }
    const featureHash = schema.metadata.get(META.featureHash) ?? '';
    const frameShape: unknown = JSON.parse(schema.metadata.get(META.frameShape) ?? 'null');
    return { width, frameShape: isShape(frameShape) ? frameShape : [width], featureHash, entries };
  } finally {
    await file.close();
  }
}

/**
 * Floats of one block: all of them, or `length` from `first` on. Bytes go straight into the array that is returned.
 *
 * @throws DatasetError `ERR_SHARD` for a file that is cut short
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
  const values = new Uint8Array(length * Float32Array.BYTES_PER_ELEMENT);
  const found = codec.decompress(packed);
  if (found.byteLength !== values.byteLength) throw damaged(path, `${found.byteLength} bytes for ${length} numbers`);
  values.set(found);
  return new Float32Array(values.buffer);
}

async function readEntries(
  file: FileHandle,
  path: string,
  schema: Schema,
  width: number,
  { message, bodyStart }: Located,
): Promise<ShardEntry[]> {
  const batch = message.isRecordBatch() ? message.header() : null;
  const values = batch?.buffers.at(-1);
  if (!batch || !values) throw damaged(path, 'a record batch without buffers');
  const { compression } = batch;
  const prefix = compression === null ? 0 : PREFIX_BYTES;
  const small = new Uint8Array(values.offset + (values.length > 0 ? prefix : 0));
  await readFully(file, small, bodyStart, path);
  const buffers = compression === null ? batch.buffers : batch.buffers.map(withoutPrefix);
  const loaded = new VectorLoader(small, batch.nodes, buffers, new Map()).visitMany<DataType>(schema.fields);
  const columns = new Map<string, Data>(loaded.map((data, i) => [schema.fields[i]!.name, data]));
  const column = (name: string): Vector => {
    const data = columns.get(name);
    if (!data) throw damaged(path, `no column ${name}`);
    return new Vector([data]);
  };
  const [id, name, group, label] = [column('id'), column('path'), column('group'), column('label')];
  const [channel, sampleRate, startSec] = [column('channel'), column('sample_rate'), column('start_sec')];
  const [durationSec, contentHash, labels] = [column('duration_sec'), column('content_hash'), column('labels')];
  const offsets: Int32Array = columns.get('features')!.valueOffsets;
  // Arrow pads buffers, so the length comes from the frames.
  const block: FeatureBlock = {
    path,
    byteOffset: bodyStart + values.offset + prefix,
    length: offsets[batch.length]! * width,
    ...(compression !== null &&
      isPacked(small) && { packed: { type: compression.type, bytes: values.length - prefix } }),
  };
  return Array.from({ length: batch.length }, (_, row) => ({
    id: id.get(row),
    path: name.get(row),
    group: group.get(row),
    label: label.get(row),
    channel: channel.get(row),
    sampleRate: sampleRate.get(row),
    startSec: startSec.get(row),
    durationSec: durationSec.get(row),
    contentHash: contentHash.get(row),
    labels: intervals(labels.get(row)),
    nFrames: offsets[row + 1]! - offsets[row]!,
    firstFrame: offsets[row]!,
    block,
  }));
}

/** Columns beside the features are never compressed: their prefixes say so. */
function withoutPrefix({ offset, length }: BufferRegion): BufferRegion {
  return length === 0 ? new BufferRegion(offset, 0) : new BufferRegion(offset + PREFIX_BYTES, length - PREFIX_BYTES);
}

/** Whether the last buffer, whose prefix ends what was read, is compressed. */
function isPacked(small: Uint8Array): boolean {
  if (small.byteLength < PREFIX_BYTES) return false;
  const { buffer, byteOffset, byteLength } = small;
  return new DataView(buffer, byteOffset + byteLength - PREFIX_BYTES).getBigInt64(0, true) !== AS_IT_WAS;
}

function intervals(rows: Iterable<{ start_sec: number; end_sec: number; label: string }>): Interval[] {
  return Array.from(rows, (row) => ({ startSec: row.start_sec, endSec: row.end_sec, label: row.label }));
}

interface Located {
  readonly message: Message;
  readonly bodyStart: number;
}

/** The encapsulated message at `at`: 0xffffffff, length of its description, description, body; `null` at the end mark. */
async function readMessage(file: FileHandle, at: number, path: string): Promise<Located | null> {
  const head = Buffer.alloc(FIRST_READ);
  const { bytesRead } = await file.read(head, 0, FIRST_READ, at);
  if (bytesRead < HEAD_BYTES || head.readUInt32LE(0) !== CONTINUATION) throw damaged(path, `no message at byte ${at}`);
  const length = head.readInt32LE(4);
  if (length === 0) return null;
  const bodyStart = at + HEAD_BYTES + length;
  let description = new Uint8Array(head.subarray(HEAD_BYTES, HEAD_BYTES + length));
  if (HEAD_BYTES + length > bytesRead) {
    description = new Uint8Array(length);
    await readFully(file, description, at + HEAD_BYTES, path);
  }
  return { message: Message.decode(description), bodyStart };
}

async function checkMagic(file: FileHandle, path: string): Promise<void> {
  const { size } = await file.stat();
  const ends = Buffer.alloc(2 * MAGIC.length);
  if (size < 2 * HEAD_BYTES) throw damaged(path, `${size} bytes`);
  await readFully(file, ends.subarray(0, MAGIC.length), 0, path);
  await readFully(file, ends.subarray(MAGIC.length), size - MAGIC.length, path);
  if (ends.toString('latin1') !== MAGIC + MAGIC) throw damaged(path, 'another file, or one cut short');
}

async function readFully(file: FileHandle, into: Uint8Array, position: number, path: string): Promise<void> {
  for (let at = 0; at < into.byteLength; ) {
    const { bytesRead } = await file.read(into, at, into.byteLength - at, position + at);
    if (bytesRead === 0) throw damaged(path, `an end at byte ${position + at}`);
    at += bytesRead;
  }
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n));
}
