/** Live sound in, events out. */
import { Transform, type TransformCallback } from 'node:stream';
import { mustBe, ParameterError, PoolError } from '../errors.js';
import type { FeatureStream } from '../features/index.js';
import { type Decision, frameGrid, type Spec, STREAMABLE, wholeClipOption } from '../spec/index.js';
import type { DetectedEvent, FeatureMatrix } from '../types.js';
import { EventFinder, extentOf } from './events.js';
import { blockSamples, samplesNeeded } from './feature-feed.js';
import type { Pipeline } from './pipeline.js';
import { StageChain } from './stages.js';

export interface DetectorStreamOptions {
  /** What bytes are: 16-bit signed or 32-bit float PCM, little-endian, mono. Default `'s16'`. */
  readonly format?: 's16' | 'f32';
  readonly signal?: AbortSignal;
}

const MS_PER_SEC = 1000;
const BYTES_PER_SAMPLE = { s16: 2, f32: 4 } as const;

/** The decision of a spec that can stream. */
function streamable(spec: Spec): Decision {
  const { normalize } = spec.audio;
  const option = wholeClipOption(spec.features);
  if (normalize !== 'none') throw notCausal('audio.normalize', '"none"', normalize);
  if (option !== null) {
    throw notCausal(`features.${option}`, STREAMABLE[option], Reflect.get(spec.features, option));
  }
  if (spec.decision === null) {
    throw new ParameterError('ERR_SPEC', mustBe('spec.decision', 'given, as a stream gives events', null));
  }
  return spec.decision;
}

function notCausal(option: string, expected: string, got: unknown): ParameterError {
  const message = mustBe(option, `${expected} in a stream, which never sees the whole recording`, got);
  return new ParameterError('ERR_NOT_CAUSAL', message, { option });
}

/**
 * Takes mono PCM at the spec's rate, as Float32Array or as bytes in pieces of any size, and gives `DetectedEvent`s in
 * order: the same as `detect` on the whole, up to the last bits of a score (models see other batch sizes).
 * Memory is bounded by the longest window.
 */
export class DetectorStream extends Transform {
  /** An event comes at most this long after its end: `mergeGapMs` plus what the windows after it still reach back. */
  readonly latencyMs: number;
  readonly #pipeline: Pipeline;
  readonly #chain: StageChain;
  readonly #features: FeatureStream;
  readonly #decision: Decision;
  readonly #finder: EventFinder;
  readonly #bytes: Bytes;
  readonly #blockSamples: number;
  readonly #signal: AbortSignal | undefined;
  /** First score that has not been looked at. */
  #nextScore = 0;

  /** @internal made by `Detector.stream()` */
  constructor(pipeline: Pipeline, label: string, o: DetectorStreamOptions) {
    super({ writableObjectMode: true, readableObjectMode: true });
    const { spec, stages, sessions, frames, plan, scores } = pipeline;
    this.#decision = streamable(spec);
    this.#pipeline = pipeline;
    this.#chain = new StageChain(stages, sessions, frames, { keep: 'needed' });
    this.#features = plan.stream();
    this.#finder = new EventFinder(this.#decision, label);
    this.#bytes = new Bytes(o.format ?? 's16');
    this.#blockSamples = blockSamples(pipeline);
    this.#signal = o.signal;
    const { winLength, sampleRate } = plan.config;
    const lookAheadSec = (frameGrid(plan.config).length - winLength) / 2 / sampleRate;
    this.latencyMs = (scores.spanSec + scores.stepSec + lookAheadSec) * MS_PER_SEC + this.#decision.mergeGapMs;
    this.#watch(o.signal);
  }

  override [Symbol.asyncIterator](): NodeJS.AsyncIterator<DetectedEvent> {
    return super[Symbol.asyncIterator]();
  }

  override _transform(chunk: unknown, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#take(chunk).then(() => done(), done);
  }

  override _flush(done: TransformCallback): void {
    this.#end().then(() => done(), done);
  }

  #watch(signal: AbortSignal | undefined): void {
    const abort = () =>
      this.destroy(new PoolError('ERR_TASK_ABORTED', 'stream must not be aborted, got an abort signal'));
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.once('close', () => signal?.removeEventListener('abort', abort));
  }

  async #take(chunk: unknown): Promise<void> {
    const samples = chunk instanceof Float32Array ? chunk : this.#bytes.samplesOf(chunk);
    for (let first = 0; first < samples.length; first += this.#blockSamples) {
      await this.#advance(this.#features.push(samples.subarray(first, first + this.#blockSamples)));
    }
  }

  async #end(): Promise<void> {
    this.#bytes.end();
    const { nSamples } = this.#features;
    if (nSamples < samplesNeeded(this.#pipeline)) return;
    await this.#advance(this.#features.flush());
    await this.#chain.end(this.#signal);
    this.#look();
    this.#emit(this.#finder.finish());
  }

  async #advance(frames: FeatureMatrix): Promise<void> {
    await this.#chain.push(frames.data, frames.nFrames, this.#signal);
    this.#look();
    this.#chain.forget(this.#nextScore);
  }

  /** Hands new scores to the event finder. */
  #look(): void {
    const { scoreColumn, lastWindows } = this.#pipeline;
    const scores = this.#chain.output(this.#chain.nStages - 1);
    const input = lastWindows && { sequence: this.#chain.output(lastWindows.input), ...lastWindows };
    for (; this.#nextScore < scores.first + scores.n; this.#nextScore++) {
      const window = this.#nextScore;
      const score = scores.data[(window - scores.first) * scores.width + scoreColumn]!;
      if (this.#finder.fires(score)) {
        this.#emit(this.#finder.add(score, extentOf(window, scores, input, this.#decision)));
      }
      const nextStartSec = scores.startSec + (window + 1) * scores.stepSec;
      this.#emit(this.#finder.advance(Math.min(nextStartSec, this.#receivedSec())));
    }
  }

  #receivedSec(): number {
    return this.#features.nSamples / this.#pipeline.spec.audio.sampleRate;
  }

  /** An event may be open at the end of the sound; it ends there. Others have ended before what was received. */
  #emit(event: DetectedEvent | null): void {
    if (event !== null) this.push({ ...event, endSec: Math.min(event.endSec, this.#receivedSec()) });
  }
}

/** Bytes in pieces of any size → samples; what is left of a sample waits for the next piece. */
class Bytes {
  readonly #format: 's16' | 'f32';
  #rest = new Uint8Array(0);

  constructor(format: 's16' | 'f32') {
    if (!Object.hasOwn(BYTES_PER_SAMPLE, format)) {
      throw new ParameterError('ERR_OPTION', mustBe('format', "'s16' or 'f32'", format));
    }
    this.#format = format;
  }

  samplesOf(chunk: unknown): Float32Array | Int16Array {
    if (!(chunk instanceof Uint8Array)) {
      throw new ParameterError('ERR_OPTION', mustBe('chunk', 'a Float32Array or bytes of PCM', typeof chunk));
    }
    const size = BYTES_PER_SAMPLE[this.#format];
    const bytes = new Uint8Array(this.#rest.length + chunk.length);
    bytes.set(this.#rest);
    bytes.set(chunk, this.#rest.length);
    const n = Math.floor(bytes.length / size);
    this.#rest = bytes.slice(n * size);
    return this.#format === 's16' ? new Int16Array(bytes.buffer, 0, n) : new Float32Array(bytes.buffer, 0, n);
  }

  end(): void {
    if (this.#rest.length === 0) return;
    const size = BYTES_PER_SAMPLE[this.#format];
    const message = mustBe('stream', `whole samples of ${size} bytes`, `${this.#rest.length} bytes at its end`);
    throw new ParameterError('ERR_SHAPE', message);
  }
}
