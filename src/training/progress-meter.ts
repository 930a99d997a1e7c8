/** Tells whoever watches how far training is, not more often than people can read. */
import { performance } from 'node:perf_hooks';
import type { LongWork } from '../types.js';
import type { EpochRecord } from './callbacks.js';

const INTERVAL_MS = 250;

export class ProgressMeter {
  readonly #name: string;
  /** Infinite where nothing says how many steps there will be. */
  readonly #total: number;
  readonly #tell: LongWork['onProgress'];
  readonly #startedAt = performance.now();
  /** Steps of an earlier process. */
  #before = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(name: string, total: number, tell: LongWork['onProgress']) {
    this.#name = name;
    this.#total = total;
    this.#tell = tell;
  }

  goOnFrom(steps: number): void {
    this.#before = steps;
  }

  step(epoch: number, done: number, loss: number): void {
    if (performance.now() - this.#toldAt < INTERVAL_MS) return;
    this.#report(`${this.#name}: epoch ${epoch}`, done, { loss });
  }

  epoch(record: EpochRecord, done: number): void {
    const { epoch, steps: _steps, seconds: _seconds, ...figures } = record;
    this.#report(`${this.#name}: epoch ${epoch} done`, done, { ...figures });
  }

  #report(stage: string, done: number, figures: Record<string, number>): void {
    if (this.#tell === undefined) return;
    this.#toldAt = performance.now();
    if (!Number.isFinite(this.#total)) {
      this.#tell({ stage, done, metrics: figures });
      return;
    }
    const total = Math.max(this.#total, done);
    const elapsedSec = (this.#toldAt - this.#startedAt) / 1000;
    const etaSec = (elapsedSec / Math.max(1, done - this.#before)) * (total - done);
    this.#tell({ stage, done, total, metrics: { ...figures, etaSec } });
  }
}
