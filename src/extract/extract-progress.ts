import type { RecordingError } from '../corpus/index.js';
import type { Progress } from '../types.js';
import type { RecordingNote } from './extract-task.js';

const SEC_PER_HOUR = 3600;

/** Counts what has been done and tells whoever watches. */
export class ExtractProgress {
  audioSec = 0;
  failed = 0;
  lastError: RecordingError | undefined;
  readonly #total: number;
  readonly #tell: ((progress: Progress) => void) | undefined;
  readonly #start = performance.now();
  #done = 0;

  /** @param total recordings, those of finished shards included */
  constructor(total: number, tell: ((progress: Progress) => void) | undefined) {
    this.#total = total;
    this.#tell = tell;
  }

  /** Recordings of a shard that an earlier run has made: done, but no work of this one. */
  skip(recordings: number, failed: number): void {
    this.#done += recordings;
    this.failed += failed;
    this.#say();
  }

  note({ audioSec, error }: RecordingNote): void {
    this.#done += 1;
    this.audioSec += audioSec;
    if (error) {
      this.failed += 1;
      this.lastError = error;
    }
    this.#say();
  }

  /** All shards are there. The last notes may have been overtaken by the results, so what those say counts. */
  end(audioSec: number, failed: number): void {
    this.#done = this.#total;
    this.audioSec = audioSec;
    this.failed = failed;
    this.#say();
  }

  get elapsedSec(): number {
    return (performance.now() - this.#start) / 1000;
  }

  #say(): void {
    this.#tell?.({
      stage: 'extract',
      done: this.#done,
      total: this.#total,
      metrics: {
        audioHours: this.audioSec / SEC_PER_HOUR,
        timesRealTime: this.audioSec / this.elapsedSec,
        failed: this.failed,
      },
    });
  }
}
