/** Rows of one record batch, out of Arrow's columns. */
import { type Data, type DataType, type Schema, Vector } from 'apache-arrow';
import type { Interval } from '../types.js';
import type { FeatureBlock } from './feature-block.js';
import { damaged } from './open-shard.js';
import type { ShardRow } from './shard-sink.js';

/** A recording in a shard: everything but its features, and where those lie. */
export interface ShardEntry extends ShardRow {
  readonly nFrames: number;
  /** First frame among the block's frames. */
  readonly firstFrame: number;
  readonly block: FeatureBlock;
}

/** A batch's columns by name. */
export class ShardColumns {
  readonly #path: string;
  readonly #nRows: number;
  readonly #columns: ReadonlyMap<string, Data>;

  constructor(path: string, nRows: number, schema: Schema, columns: readonly Data<DataType>[]) {
    this.#path = path;
    this.#nRows = nRows;
    this.#columns = new Map<string, Data>(columns.map((data, i) => [schema.fields[i]!.name, data]));
  }

  /** Where each row's frames begin among the block's, and at last where all end. */
  frameOffsets(): Int32Array {
    return this.#offsets(this.#data('features'), 'features', this.#nRows);
  }

  entries(block: FeatureBlock): ShardEntry[] {
    const [id, path, contentHash] = [this.#words('id'), this.#words('path'), this.#words('content_hash')];
    const [group, label] = [this.#wordsOrNull('group'), this.#wordsOrNull('label')];
    const [channel, sampleRate] = [this.#cells('channel'), this.#cells('sample_rate')];
    const [startSec, durationSec] = [this.#cells('start_sec'), this.#cells('duration_sec')];
    const labels = this.#labels();
    const offsets = this.frameOffsets();
    return Array.from({ length: this.#nRows }, (_, row) => ({
      id: id(row),
      path: path(row),
      group: group(row),
      label: label(row),
      channel: channel(row),
      sampleRate: sampleRate(row),
      startSec: startSec(row),
      durationSec: durationSec(row),
      contentHash: contentHash(row),
      labels: labels(row),
      nFrames: offsets[row + 1]! - offsets[row]!,
      firstFrame: offsets[row]!,
      block,
    }));
  }

  #data(name: string): Data {
    const data = this.#columns.get(name);
    if (data === undefined) throw damaged(this.#path, `no column ${name}`);
    return data;
  }

  #cells(name: string) {
    const cells = new Vector([this.#data(name)]);
    return (row: number) => cells.get(row);
  }

  #words(name: string): (row: number) => string {
    return wordsOf(this.#data(name), this.#offsets(this.#data(name), name, this.#nRows));
  }

  #wordsOrNull(name: string): (row: number) => string | null {
    const data = this.#data(name);
    const words = this.#words(name);
    return (row) => (data.getValid(row) ? words(row) : null);
  }

  /** From the struct's own arrays: Arrow would make an object with accessors of every interval. */
  #labels(): (row: number) => Interval[] {
    const offsets = this.#offsets(this.#data('labels'), 'labels', this.#nRows);
    const nLabels = offsets.at(-1)!;
    const [start, end, label] = this.#data('labels').children[0]!.children;
    const [starts, ends]: Float64Array[] = [start!.values, end!.values];
    if (nLabels > Math.min(starts!.length, ends!.length)) throw damaged(this.#path, 'fewer labels than its rows have');
    const words = wordsOf(label!, this.#offsets(label!, 'labels', nLabels));
    return (row) => {
      const found: Interval[] = [];
      for (let i = offsets[row]!; i < offsets[row + 1]!; i += 1) {
        found.push({ startSec: starts![i]!, endSec: ends![i]!, label: words(i) });
      }
      return found;
    };
  }

  /** Of a column of lists or texts, checked: they are there and in order. */
  #offsets(data: Data, name: string, n: number): Int32Array {
    const all: Int32Array = data.valueOffsets;
    const offsets = all.subarray(0, n + 1);
    const isOrdered = offsets.every((offset, i) => offset >= (i === 0 ? 0 : offsets[i - 1]!));
    if (offsets.length !== n + 1 || !isOrdered) throw damaged(this.#path, `a column ${name} without order`);
    return offsets;
  }
}

/** Arrow's own decoder would take away the mark (U+FEFF) that a name may begin with. */
function wordsOf({ values }: Data, offsets: Int32Array): (row: number) => string {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return (row) => bytes.toString('utf8', offsets[row], offsets[row + 1]);
}
