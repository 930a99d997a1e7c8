import { HashedFile } from './hashed-file.js';
import type { ShardRow, SinkOptions } from './shard-sink.js';

/** What a format with numbers alone cannot say of its rows: `shard-00000.jsonl`, a line a row, Arrow's columns as keys. */
export class RowIndex {
  readonly file: HashedFile;
  #frames = 0;

  constructor({ folder, name }: SinkOptions) {
    this.file = new HashedFile(folder, `${name}.jsonl`);
  }

  add(row: ShardRow, frames: number): void {
    const line = {
      id: row.id,
      path: row.path,
      group: row.group,
      label: row.label,
      channel: row.channel,
      sample_rate: row.sampleRate,
      start_sec: row.startSec,
      duration_sec: row.durationSec,
      content_hash: row.contentHash,
      labels: row.labels.map(({ startSec, endSec, label }) => ({ start_sec: startSec, end_sec: endSec, label })),
      first_frame: this.#frames,
      frames,
    };
    this.file.write([Buffer.from(`${JSON.stringify(line)}\n`)]);
    this.#frames += frames;
  }
}
