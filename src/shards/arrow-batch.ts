/** Rows of a shard as an Arrow record batch. */
import { Float32, Float64, Int32, makeData, RecordBatch, type Schema, Struct, Utf8 } from 'apache-arrow';
import { featuresType, frameType, LABEL_FIELDS, LABELS } from './shard-schema.js';
import type { ShardRow } from './shard-sink.js';

export interface ColumnsOf {
  readonly rows: readonly ShardRow[];
  /** Frames of each row. */
  readonly frames: readonly number[];
  /** Frames of all rows, one row behind the other. */
  readonly values: Float32Array;
  readonly width: number;
}

/** Not copied: the batch looks at `values`. */
export function recordBatch({ rows, frames, values, width }: ColumnsOf, schema: Schema): RecordBatch {
  const children = [
    texts(rows.map(({ id }) => id)),
    texts(rows.map(({ path }) => path)),
    texts(rows.map(({ group }) => group)),
    texts(rows.map(({ label }) => label)),
    numbers(rows.map(({ channel }) => channel)),
    numbers(rows.map(({ sampleRate }) => sampleRate)),
    doubles(rows.map(({ startSec }) => startSec)),
    doubles(rows.map(({ durationSec }) => durationSec)),
    texts(rows.map(({ contentHash }) => contentHash)),
    labelData(rows),
    featureData(frames, values, width),
  ];
  const struct = { type: new Struct(schema.fields), length: rows.length, nullCount: 0, children };
  return new RecordBatch(schema, makeData(struct));
}

const UTF8 = new TextEncoder();
const NO_BYTES = new Uint8Array(0);

/** One array for all: Arrow's own builders take several times as long for the few rows of a batch. */
function texts(values: readonly (string | null)[]) {
  const bytes = values.map((value) => (value === null ? NO_BYTES : UTF8.encode(value)));
  const valueOffsets = offsetsOf(bytes.map(({ length }) => length));
  const data = new Uint8Array(valueOffsets[values.length]!);
  for (const [i, text] of bytes.entries()) data.set(text, valueOffsets[i]);
  return makeData({ type: new Utf8(), length: values.length, valueOffsets, data, ...nullsOf(values) });
}

function numbers(values: readonly (number | null)[]) {
  return makeData({ type: new Int32(), data: Int32Array.from(values, (value) => value ?? 0), ...nullsOf(values) });
}

/** A bit for each value that is there. */
function nullsOf(values: readonly unknown[]) {
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8));
  let nullCount = 0;
  values.forEach((value, i) => {
    if (value === null) nullCount += 1;
    else nullBitmap[i >> 3]! |= 1 << (i & 7);
  });
  return { nullCount, nullBitmap };
}

function doubles(values: readonly number[]) {
  return makeData({ type: new Float64(), data: Float64Array.from(values) });
}

function labelData(rows: readonly ShardRow[]) {
  const all = rows.flatMap(({ labels }) => labels);
  const children = [
    doubles(all.map(({ startSec }) => startSec)),
    doubles(all.map(({ endSec }) => endSec)),
    texts(all.map(({ label }) => label)),
  ];
  const struct = makeData({ type: new Struct(LABEL_FIELDS), length: all.length, nullCount: 0, children });
  const valueOffsets = offsetsOf(rows.map(({ labels }) => labels.length));
  return makeData({ type: LABELS, length: rows.length, nullCount: 0, valueOffsets, child: struct });
}

/** Lists of rows over one block of floats, made of offsets alone. */
function featureData(frames: readonly number[], values: Float32Array, width: number) {
  const valueOffsets = offsetsOf(frames);
  const child = makeData({
    type: frameType(width),
    length: valueOffsets[frames.length]!,
    nullCount: 0,
    child: makeData({ type: new Float32(), data: values }),
  });
  return makeData({ type: featuresType(width), length: frames.length, nullCount: 0, valueOffsets, child });
}

function offsetsOf(lengths: readonly number[]): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  lengths.forEach((length, i) => {
    offsets[i + 1] = offsets[i]! + length;
  });
  return offsets;
}
