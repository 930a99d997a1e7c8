import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { featuresType, frameType, LABELS, shardSchema } from './shard-schema.js';
import type { ShardRow, ShardSink } from './shard-sink.js';
export const SHARD_FORMATS = ['arrow'] as const;
export type ShardFormat = (typeof SHARD_FORMATS)[number];
export const SHARD_COMPRESSIONS = ['none'] as const;
export type ShardCompression = (typeof SHARD_COMPRESSIONS)[number];
class W extends RecordBatchFileWriter {
  protected override _writeSchema(schema: Schema): this {
    return super._writeSchema(schema)._writeMessage(Message.from(schema));
  }
}
export function createSink(o: {
  format: ShardFormat;
  compression: ShardCompression;
  folder: string;
  name: string;
  width: number;
  frameShape: readonly number[];
  metadata: ReadonlyMap<string, string>;
}): ShardSink {
  const rows: { row: ShardRow; data: Float32Array }[] = [];
  let last: Float32Array = new Float32Array(0);
  return {
    reserve: (n) => (last = new Float32Array(n)),
    commit: (row) => void rows.push({ row, data: last }),
    addFile: (row, path) => {
      const b = readFileSync(path);
      rows.push({ row, data: new Float32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength)) });
    },
    finish: () => {
      const schema = shardSchema(o.width, o.metadata);
      const w = new W();
      w.reset(undefined, schema);
      const t = (v: (string | null)[]) => vectorFromArray(v, new Utf8()).data[0]!;
      const off = new Int32Array(rows.length + 1);
      rows.forEach((r, i) => {
        off[i + 1] = off[i]! + r.data.length / o.width;
      });
      const all = new Float32Array(off[rows.length]! * o.width);
      rows.forEach((r, i) => all.set(r.data, off[i]! * o.width));
      const labels = rows.map(({ row }) =>
        row.labels.map((l) => ({ start_sec: l.startSec, end_sec: l.endSec, label: l.label })),
      );
      const ch = [
        t(rows.map((r) => r.row.id)),
        t(rows.map((r) => r.row.path)),
        t(rows.map((r) => r.row.group)),
        t(rows.map((r) => r.row.label)),
        makeData({ type: new Int32(), data: Int32Array.from(rows, (r) => r.row.sampleRate) }),
        makeData({ type: new Float64(), data: Float64Array.from(rows, (r) => r.row.durationSec) }),
        vectorFromArray(labels, LABELS).data[0]!,
        makeData({
          type: featuresType(o.width),
          length: rows.length,
          nullCount: 0,
          valueOffsets: off,
          child: makeData({
            type: frameType(o.width),
            length: off[rows.length]!,
            nullCount: 0,
            child: makeData({ type: new Float32(), data: all }),
          }),
        }),
      ];
      w.write(
        new RecordBatch(
          schema,
          makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children: ch }),
        ),
      );
      w.close();
      const bytes = w.toUint8Array(true);
      const file = `${o.name}.arrow`;
      writeFileSync(join(o.folder, file), bytes);
      return [{ file, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }];
    },
    abandon: () => {},
  };
}
