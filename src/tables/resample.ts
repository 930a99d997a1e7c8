import { LabelMix } from './label-mix.js';
import type { Resampling, WindowRule } from './table-source.js';

/** Gets frames in the order of time; `values` is valid during the call. */
export type EmitFrame = (values: Float32Array, label: number, ms: number) => void;

/** Rows of one stretch, in the order of time → frames at equal distances. */
export interface Resampler {
  push(ms: number, values: Float32Array, label: number): void;
  /** After the last row. */
  finish(): void;
}

export function resampler(
  { everyMs, method }: Resampling,
  width: number,
  rule: WindowRule,
  emit: EmitFrame,
): Resampler {
  return method === 'mean'
    ? new MeanResampler(everyMs, width, rule, emit)
    : new PointResampler(everyMs, method, width, rule, emit);
}

/** Frame k is the mean of the rows from `k · everyMs` up to, but not including, the next; without rows, the one before. */
class MeanResampler implements Resampler {
  readonly #everyMs: number;
  readonly #emit: EmitFrame;
  readonly #labels: LabelMix;
  readonly #sums: Float64Array;
  readonly #frame: Float32Array;
  #count = 0;
  #label = Number.NaN;
  /** Number of the frame at hand. */
  #number = 0;

  constructor(everyMs: number, width: number, rule: WindowRule, emit: EmitFrame) {
    this.#everyMs = everyMs;
    this.#emit = emit;
    this.#labels = new LabelMix(rule);
    this.#sums = new Float64Array(width);
    this.#frame = new Float32Array(width);
  }

  push(ms: number, values: Float32Array, label: number): void {
    const number = Math.floor(ms / this.#everyMs);
    if (this.#count > 0) while (this.#number < number) this.#end();
    this.#number = number;
    for (let i = 0; i < values.length; i++) this.#sums[i]! += values[i]!;
    this.#count += 1;
    this.#labels.add(label);
  }

  finish(): void {
    if (this.#count > 0) this.#end();
    this.#count = 0;
  }

  #end(): void {
    if (this.#count > 0) {
      for (let i = 0; i < this.#frame.length; i++) this.#frame[i] = this.#sums[i]! / this.#count;
    }
    this.#label = this.#labels.take(this.#label);
    this.#emit(this.#frame, this.#label, this.#number * this.#everyMs);
    this.#sums.fill(0);
    this.#count = 0;
    this.#number += 1;
  }
}

/** Frame k is taken at `k · everyMs`, from the rows before and after; its label from the rows since the frame before. */
class PointResampler implements Resampler {
  readonly #everyMs: number;
  readonly #method: Exclude<Resampling['method'], 'mean'>;
  readonly #emit: EmitFrame;
  readonly #labels: LabelMix;
  readonly #before: Float32Array;
  readonly #frame: Float32Array;
  #beforeMs = Number.NaN;
  #label = Number.NaN;
  /** Number of the next frame. */
  #number = 0;

  constructor(
    everyMs: number,
    method: Exclude<Resampling['method'], 'mean'>,
    width: number,
    rule: WindowRule,
    emit: EmitFrame,
  ) {
    this.#everyMs = everyMs;
    this.#method = method;
    this.#emit = emit;
    this.#labels = new LabelMix(rule);
    this.#before = new Float32Array(width);
    this.#frame = new Float32Array(width);
  }

  push(ms: number, values: Float32Array, label: number): void {
    if (Number.isNaN(this.#beforeMs)) this.#number = Math.ceil(ms / this.#everyMs);
    // A frame at the time of a row waits: another row of the same time may follow.
    while (this.#number * this.#everyMs < ms) this.#frameBetween(ms, values);
    this.#before.set(values);
    this.#beforeMs = ms;
    this.#labels.add(label);
  }

  finish(): void {
    if (this.#number * this.#everyMs === this.#beforeMs) this.#end(this.#before);
    this.#beforeMs = Number.NaN;
  }

  #frameBetween(ms: number, after: Float32Array): void {
    const at = this.#number * this.#everyMs;
    const share = (at - this.#beforeMs) / (ms - this.#beforeMs);
    if (this.#method === 'last') this.#end(this.#before);
    else if (this.#method === 'nearest') this.#end(share <= 0.5 ? this.#before : after);
    else {
      for (let i = 0; i < after.length; i++) {
        this.#frame[i] = this.#before[i]! + share * (after[i]! - this.#before[i]!);
      }
      this.#end(this.#frame);
    }
  }

  #end(values: Float32Array): void {
    this.#label = this.#labels.take(this.#label);
    this.#emit(values, this.#label, this.#number * this.#everyMs);
    this.#number += 1;
  }
}
