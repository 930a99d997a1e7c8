/** A bundle, loaded: recordings in, events out. */
import { type AudioReader, openAudio } from '../audio/index.js';
import { type Bundle, type ModelCard, readBundle } from '../bundle/index.js';
import { ModelError, mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { type Decision, ownModel, parseDecision, type Spec } from '../spec/index.js';
import type { AudioInput, DetectedEvent, LongWork } from '../types.js';
import { throwIfAborted } from './abort.js';
import { findEvents } from './events.js';
import { FeatureFeed } from './feature-feed.js';
import { columnOf, makePipeline, type Pipeline, requireOnset } from './pipeline.js';
import type { Sequence, Timing } from './sequence.js';
import { ModelSession, type SessionOptions } from './session.js';
import { StageChain } from './stages.js';
import { DetectorStream, type DetectorStreamOptions } from './stream.js';

export type DetectorOptions = SessionOptions;

const LOAD_KEYS: OptionKeys<DetectorOptions> = { providers: true, intraOpThreads: true, maxBatch: true };
const DETECT_KEYS: OptionKeys<LongWork> = { signal: true, onProgress: true };
const STREAM_KEYS: OptionKeys<DetectorStreamOptions> = { format: true, signal: true };

/** Scores of one recording, with everything a plot needs. */
export interface Scores extends Timing {
  /** One per window of the last stage; window i covers [startSec + i·stepSec, startSec + i·stepSec + spanSec). */
  readonly scores: Float32Array;
  /** Output of every stage that was run, in order (stages folded into the features' hop are not among them). */
  readonly sequences: readonly Sequence[];
  readonly durationSec: number;
  /** Milliseconds by step: `read`, `features`, each model's file, the other stages, `total`. */
  readonly timingsMs: Readonly<Record<string, number>>;
}

export interface Detection {
  readonly events: readonly DetectedEvent[];
  /** Score of the whole recording as `spec.aggregate` says; null where that is `none` or no window fits. */
  readonly score: number | null;
  readonly durationSec: number;
  /** Windows that were scored. */
  readonly nWindows: number;
  /** Why nothing could be scored; only where `nWindows` is 0. */
  readonly reason?: string;
  /** Hash of the spec. */
  readonly spec: string;
  readonly timingsMs: Readonly<Record<string, number>>;
}

/** What an event is called where the spec names no positive class. */
const UNNAMED = 'event';

export class Detector {
  readonly spec: Spec;
  readonly card: ModelCard;
  readonly #pipeline: Pipeline;

  private constructor(bundle: Bundle, pipeline: Pipeline) {
    this.spec = bundle.spec;
    this.card = bundle.card;
    this.#pipeline = pipeline;
  }

  /**
   * Loads a bundle: a folder, a single `.onnx` that carries its spec, or the bytes of one. A later model of a chain takes
   * the ones before it from its own folder.
   *
   * @throws ModelError `ERR_MODEL_FILE`, `ERR_SPEC_MISMATCH`, or `ERR_MODEL` where the models do not fit the spec's stages;
   *   DeviceError `ERR_DEVICE`; ParameterError `ERR_UNKNOWN_OPTION`, `ERR_OPTION`
   * @example await using detector = await Detector.load('models/beep-sequence')
   */
  static async load(bundle: string | Uint8Array, o: DetectorOptions = {}): Promise<Detector> {
    refuseUnknown(o, LOAD_KEYS, 'Detector.load');
    const parts = await readBundle(bundle);
    refuseAllChannels(parts.spec);
    const sessions = new Map<string, ModelSession>();
    try {
      for (const [name, bytes] of parts.models) sessions.set(name, await ModelSession.load(bytes, name, o));
      return new Detector(parts, makePipeline(parts.spec, sessions));
    } catch (error) {
      await Promise.all([...sessions.values()].map((session) => session.release()));
      throw error;
    }
  }

  /**
   * Finds events in a recording of any rate: it is resampled to the spec's.
   *
   * A recording too short for one window is no error: it has no events, a null score and a `reason`.
   *
   * @throws ParameterError `ERR_SPEC` where the spec has neither a decision nor an aggregate: only `scores` says anything
   * @throws AudioFormatError for what cannot be read, has no samples, or holds NaN; PoolError `ERR_TASK_ABORTED`;
   *   ParameterError `ERR_UNKNOWN_OPTION`
   */
  async detect(input: AudioInput, o: LongWork = {}): Promise<Detection> {
    refuseUnknown(o, DETECT_KEYS, 'detect');
    const { decision, aggregate } = this.spec;
    if (decision === null && aggregate === 'none') {
      const expected = 'given in its spec, or an aggregate: without both there are scores, but nothing is detected';
      throw new ParameterError('ERR_SPEC', mustBe(`decision of ${ownModel(this.spec)}`, expected, null), {
        path: 'decision',
      });
    }
    return this.decide(await this.scores(input, o));
  }

  /** The scores a detection rests on, before the decision. */
  async scores(input: AudioInput, o: LongWork = {}): Promise<Scores> {
    refuseUnknown(o, DETECT_KEYS, 'scores');
    const started = performance.now();
    const { sampleRate, channel, normalize } = this.spec.audio;
    throwIfAborted(o.signal, 'detection');
    const reader = await openAudio(input, { sampleRate, channel, normalize, signal: o.signal });
    try {
      return await this.#scores(reader, started, o);
    } finally {
      await reader.close();
    }
  }

  /**
   * Events and score from scores of this detector: the part of `detect` that a change of threshold repeats.
   *
   * @param decision default the spec's; null finds no events
   * @throws ParameterError `ERR_SPEC` for a decision that does not follow the schema; ModelError `ERR_MODEL` for
   *   `onset: 'active'` where the last stage cuts its windows from anything but single values
   */
  decide(scored: Scores, decision: Decision | null = this.spec.decision): Detection {
    const { scores, durationSec, timingsMs } = scored;
    const { aggregate, hash } = this.spec;
    const { lastWindows, scores: timing } = this.#pipeline;
    const by = decision === null ? null : parseDecision(decision);
    if (by !== null) requireOnset(by, lastWindows);
    const input = lastWindows && scored.sequences[lastWindows.input];
    const sequence = { ...timing, data: scores, n: scores.length, width: 1, first: 0 };
    const label = this.spec.positive ?? UNNAMED;
    const events =
      by === null ? [] : findEvents(sequence, input ? { sequence: input, ...lastWindows } : null, by, label);
    const clipped = events.map((event) => ({ ...event, endSec: Math.min(event.endSec, durationSec) }));
    const reason = scores.length === 0 ? { reason: tooShort(durationSec, timing) } : {};
    const score = aggregateOf(scores, aggregate);
    return { events: clipped, score, durationSec, nWindows: scores.length, ...reason, spec: hash, timingsMs };
  }

  /**
   * A Transform that takes mono PCM at the spec's rate (Float32Array, or bytes of 16-bit PCM) and gives events, the same
   * as `detect` on the whole.
   *
   * @throws ParameterError `ERR_NOT_CAUSAL` naming the option that needs the whole recording; `ERR_SPEC` without a decision;
   *   `ERR_UNKNOWN_OPTION`, `ERR_OPTION`
   */
  stream(o: DetectorStreamOptions = {}): DetectorStream {
    refuseUnknown(o, STREAM_KEYS, 'stream');
    return new DetectorStream(this.#pipeline, this.spec.positive ?? UNNAMED, o);
  }

  /** Runs every model on silence, so that the next recording does not wait for caches that other work has taken. */
  async warmup(): Promise<void> {
    for (const session of this.#pipeline.sessions.values()) await session.warmup();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#pipeline.sessions.values()].map((session) => session.release()));
  }

  /** Feeds a recording through features and stages block by block: only what the stages give grows with its length. */
  async #scores(audio: AudioReader, started: number, o: LongWork): Promise<Scores> {
    const opened = performance.now() - started;
    const { stages, sessions, frames, scoreColumn } = this.#pipeline;
    const chain = new StageChain(stages, sessions, frames, { keep: 'outputs' });
    const feed = new FeatureFeed(this.#pipeline, audio);
    const feedMs = await this.#run(feed, audio, chain, o);
    const sequences = Array.from({ length: chain.nStages }, (_, i) => chain.output(i));
    const last = chain.output(chain.nStages - 1);
    const { startSec, stepSec, spanSec } = last;
    const total = performance.now() - started;
    return {
      scores: columnOf(last, scoreColumn),
      startSec,
      stepSec,
      spanSec,
      sequences,
      durationSec: feed.nSamplesRead / audio.sampleRate,
      timingsMs: { read: opened + feed.readMs, features: feedMs - feed.readMs, ...chain.timingsMs, total },
    };
  }

  /** Returns the milliseconds that reading and features took. */
  async #run(feed: FeatureFeed, audio: AudioReader, chain: StageChain, o: LongWork): Promise<number> {
    let feedMs = 0;
    for (;;) {
      throwIfAborted(o.signal, 'detection');
      const started = performance.now();
      const frames = await feed.next();
      feedMs += performance.now() - started;
      if (frames === null) break;
      await chain.push(frames.data, frames.nFrames, o.signal);
      chain.forget(0);
      o.onProgress?.({ stage: 'detect', done: feed.nSamplesRead, ...totalOf(audio) });
      await nextTurn();
    }
    await chain.end(o.signal);
    return feedMs;
  }
}

function totalOf({ nSamples }: AudioReader): { total?: number } {
  return nSamples === null ? {} : { total: nSamples };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function aggregateOf(scores: Float32Array, how: Spec['aggregate']): number | null {
  if (how === 'none' || scores.length === 0) return null;
  if (how === 'max') return scores.reduce((highest, score) => Math.max(highest, score));
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function tooShort(durationSec: number, { spanSec }: Timing): string {
  return `a recording of ${durationSec} s is shorter than the first window (${spanSec} s)`;
}

/** A score is of one signal. */
function refuseAllChannels({ audio }: Spec): void {
  if (audio.channel !== 'all') return;
  const expected = 'a channel or "mean" for a detector, which hears one signal';
  throw new ModelError('ERR_SPEC_MISMATCH', mustBe('audio.channel', expected, audio.channel));
}
