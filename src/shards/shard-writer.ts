import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import {
  Float32,
  Float64,
  Int32,
  Message,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  type Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { publish, UNFINISHED, writing } from '../files/index.js';
import { concatFloats } from '../floats.js';
import type { Interval } from '../types.js';
import { featuresType, frameType, LABELS, shardSchema } from './shard-schema.js';

/** Recordings share a record batch until it holds this much: few batches for short clips, no copy for long ones. */
const BATCH_BYTES = 1 << 20;

export interface ShardItem {
  readonly id: string;
  readonly path: string;
  readonly group: string | null;
  readonly label: string | null;
  readonly sampleRate: number;
  readonly durationSec: number;
  readonly labels: readonly Interval[];
  /** `[nFrames, width]` */
  readonly features: Float32Array;
}

export interface WrittenShard {
  readonly sha256: string;
  readonly bytes: number;
}

/** Arrow's file writer leaves out the schema message that the format has before the batches; readers of streams need it. */
class SchemaFirstWriter extends RecordBatchFileWriter {
  protected override _writeSchema(schema: Schema): this {
    return super._writeSchema(schema)._writeMessage(Message.from(schema));
  }
}

/**
 * Writes one shard as an Arrow IPC file, batch by batch, so memory holds about one long recording.
 * The bytes depend on the items alone. The file has its name only once it is whole and on disk.
 */
export class ShardWriter {
  readonly #path: string;
  readonly #width: number;
  readonly #schema: Schema;
  readonly #arrow = new SchemaFirstWriter();
  readonly #file: FileHandle;
  readonly #written: Promise<WrittenShard>;
  #failure: unknown;
  #waiting: ShardItem[] = [];
  #waitingBytes = 0;

  private constructor(path: string, width: number, schema: Schema, file: FileHandle) {
    this.#path = path;
    this.#width = width;
    this.#schema = schema;
    this.#file = file;
    this.#arrow.reset(undefined, schema);
    this.#written = writing(path, () => drain(this.#arrow, file));
    // Told by the next `add`, or by `finish`.
    this.#written.catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** @param metadata goes into the schema, see `META` */
  static async create(path: string, width: number, metadata: ReadonlyMap<string, string>): Promise<ShardWriter> {
    const file = await writing(path, () => open(path + UNFINISHED, 'w'));
    return new ShardWriter(path, width, shardSchema(width, metadata), file);
  }

  /** @throws ParameterError `ERR_WRITE` when what came before could not be written */
  add(item: ShardItem): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#waiting.push(item);
    this.#waitingBytes += item.features.byteLength;
    if (this.#waitingBytes >= BATCH_BYTES) this.#flush();
  }

  /** Ends the file and gives it its name. */
  async finish(): Promise<WrittenShard> {
    if (this.#waiting.length > 0) this.#flush();
    this.#arrow.close();
    return writing(this.#path, async () => {
      const written = await this.#written;
      await this.#file.sync();
      await this.#file.close();
      await publish(this.#path + UNFINISHED, this.#path);
      return written;
    });
  }

  /** Gives the work up; the unfinished file stays for resume to clear away. */
  async abandon(): Promise<void> {
    this.#arrow.abort();
    await Promise.allSettled([this.#written]);
    await this.#file.close();
  }

  #flush(): void {
    this.#arrow.write(recordBatch(this.#waiting, this.#width, this.#schema));
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

async function drain(chunks: AsyncIterable<Uint8Array>, file: FileHandle): Promise<WrittenShard> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.byteLength;
    for (let at = 0; at < chunk.byteLength; ) at += (await file.write(chunk, at)).bytesWritten;
  }
  return { sha256: hash.digest('hex'), bytes };
}

function recordBatch(items: readonly ShardItem[], width: number, schema: Schema): RecordBatch {
  const texts = (values: (string | null)[]) => vectorFromArray(values, new Utf8()).data[0]!;
  const labels = items.map((item) =>
    item.labels.map(({ startSec, endSec, label }) => ({ start_sec: startSec, end_sec: endSec, label })),
  );
  const children = [
    texts(items.map((item) => item.id)),
    texts(items.map((item) => item.path)),
    texts(items.map((item) => item.group)),
    texts(items.map((item) => item.label)),
    makeData({ type: new Int32(), data: Int32Array.from(items, (item) => item.sampleRate) }),
    makeData({ type: new Float64(), data: Float64Array.from(items, (item) => item.durationSec) }),
    vectorFromArray(labels, LABELS).data[0]!,
    featureData(items, width),
  ];
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: items.length, nullCount: 0, children }),
  );
}

/** Lists of rows over one block of floats, made of offsets alone. */
function featureData(items: readonly ShardItem[], width: number) {
  const frames = items.map((item) => item.features.length / width);
  const offsets = new Int32Array(items.length + 1);
  frames.forEach((count, i) => {
    offsets[i + 1] = offsets[i]! + count;
  });
  const rows = makeData({
    type: frameType(width),
    length: offsets[items.length]!,
    nullCount: 0,
    child: makeData({ type: new Float32(), data: joined(items) }),
  });
  return makeData({
    type: featuresType(width),
    length: items.length,
    nullCount: 0,
    valueOffsets: offsets,
    child: rows,
  });
}

function joined(items: readonly ShardItem[]): Float32Array {
  return items.length === 1 ? items[0]!.features : concatFloats(items.map(({ features }) => features));
}
