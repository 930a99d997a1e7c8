import { concatFloats } from '../floats.js';
import type { NativeFrameSummary } from '../native/index.js';
import type { ShardRow, ShardSink } from '../shards/index.js';
import { FrameSpill } from './frame-spill.js';
import type { FrameScratch, FrameTarget } from './recording-features.js';

/** Frames of a long recording that are kept in memory: 16 MiB. What is more goes to a file until the row is complete. */
const KEPT_NUMBERS = 1 << 22;
/** Frames looked at together. */
const ADOPTED_FRAMES = 4096;

/** One row of a shard in the making: where its frames are, until it is known whether all of them can be had. */
export class RowInHand implements FrameTarget {
  readonly #sink: ShardSink;
  readonly #width: number;
  readonly #summary: NativeFrameSummary;
  readonly #temporary: () => string;
  #all: Float32Array | null = null;
  #blocks: Float32Array[] = [];
  #numbers = 0;
  #spill: FrameSpill | null = null;

  /** @param temporary names a file in the shard's folder that nobody else uses */
  constructor(sink: ShardSink, summary: NativeFrameSummary, width: number, temporary: () => string) {
    this.#sink = sink;
    this.#width = width;
    this.#summary = summary;
    this.#temporary = temporary;
  }

  whole(numbers: number): Float32Array {
    const room = this.#sink.reserve(numbers).subarray(0, numbers);
    this.#all = room;
    return room;
  }

  block(frames: Float32Array): void {
    this.#summary.add(frames);
    this.#numbers += frames.length;
    if (this.#spill === null && this.#numbers > KEPT_NUMBERS) {
      this.#spill = FrameSpill.create(this.#temporary());
      for (const kept of this.#blocks) this.#spill.write(kept);
      this.#blocks = [];
    }
    if (this.#spill === null) this.#blocks.push(frames);
    else this.#spill.write(frames);
  }

  /** Frames that were computed before, in a file that is the row's from now on. */
  adopt(path: string, numbers: number): void {
    this.#spill = FrameSpill.adopt(path, numbers);
    for (const frames of this.#spill.read(ADOPTED_FRAMES * this.#width)) this.#summary.add(frames);
  }

  scratch(): FrameScratch {
    return FrameSpill.create(this.#temporary());
  }

  /** Ends the row: it is in the shard. */
  commit(row: Omit<ShardRow, 'contentHash'>): void {
    const refusal = this.#sink.refusal(row);
    if (refusal !== null) throw refusal;
    if (this.#all !== null) this.#summary.add(this.#all);
    const complete = { ...row, contentHash: this.#summary.commit() };
    if (this.#spill !== null) {
      this.#sink.addFile(complete, this.#spill.path, this.#spill.numbers);
      this.#spill.remove();
      return;
    }
    if (this.#all === null) this.#sink.reserve(this.#numbers).set(concatFloats(this.#blocks));
    this.#sink.commit(complete, this.#all?.length ?? this.#numbers);
  }

  /** Gives the row up. */
  drop(): void {
    this.#summary.drop();
    this.#spill?.remove();
  }
}
