import type { LongWork } from '../types.js';
import type { RunState } from './extract-run.js';
import type { ShardSize } from './shard-plan.js';

const SEC_PER_HOUR = 3600;
const BYTES_PER_MB = 1e6;

/** Turns what the workers have done into what people want to know. */
export class ExtractProgress {
  readonly #totals: ShardSize;
  readonly #tell: LongWork['onProgress'];
  readonly #start = performance.now();

  constructor(totals: ShardSize, tell: LongWork['onProgress']) {
    this.#totals = totals;
    this.#tell = tell;
  }

  get elapsedSec(): number {
    return (performance.now() - this.#start) / 1000;
  }

  /** Audio of this run alone. */
  static audioSec({ audioSec, reused }: RunState): number {
    return audioSec - reused.audioSec;
  }

  show(state: RunState): void {
    const { elapsedSec } = this;
    const audioSec = ExtractProgress.audioSec(state);
    const bytesPerSec = (state.bytes - state.reused.bytes) / elapsedSec;
    const left = this.#totals.bytes - state.bytes;
    this.#tell?.({
      stage: 'extract',
      done: state.recordings,
      total: this.#totals.recordings,
      metrics: {
        audioHours: audioSec / SEC_PER_HOUR,
        timesRealTime: audioSec / elapsedSec,
        mbPerSec: bytesPerSec / BYTES_PER_MB,
        ...(bytesPerSec > 0 && { etaSec: left / bytesPerSec }),
        failed: state.failed,
      },
    });
  }
}
