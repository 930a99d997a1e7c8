/** A bundle on recordings whose truth is known: events against label files, or one score against the folder's name. */
import { readLabels } from '../../audio/index.js';
import { AudioFormatError, CochleaError, type ErrorCode, mustBe, ParameterError } from '../../errors.js';
import { type EventMetrics, evaluate, type Metrics, matchEvents, poolEventMetrics } from '../../evaluation/index.js';
import type { Detector } from '../../inference/index.js';
import type { Decision } from '../../spec/index.js';
import type { Interval, LongWork } from '../../types.js';
import { parentFolder, sidecarOf } from './find-recordings.js';

export interface JudgeOptions extends LongWork {
  readonly positive: string;
  /** Undefined: the spec's. */
  readonly threshold: number | undefined;
}

export interface JudgeEventOptions extends JudgeOptions {
  readonly collarMs: number;
}

/** A recording that could not be judged, as in `errors.jsonl`. */
export interface Unreadable {
  readonly path: string;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface EventJudgement {
  readonly kind: 'events';
  readonly positive: string;
  readonly threshold: number;
  /** Over all recordings. */
  readonly metrics: EventMetrics;
  readonly recordings: readonly {
    readonly path: string;
    readonly metrics: EventMetrics;
    readonly found: readonly Interval[];
    readonly truth: readonly Interval[];
  }[];
  readonly errors: readonly Unreadable[];
}

export interface RecordingJudgement {
  readonly kind: 'recordings';
  readonly metrics: Metrics;
  readonly recordings: readonly { readonly path: string; readonly label: string; readonly score: number }[];
  readonly errors: readonly Unreadable[];
}

/** Events of the positive class against the Audacity label files beside the recordings. */
export async function judgeEvents(
  detector: Detector,
  paths: readonly string[],
  o: JudgeEventOptions,
): Promise<EventJudgement> {
  const decision = decisionOf(detector, o.threshold);
  const { done, errors } = await each(paths, o, async (path) => {
    const labels = await readLabels(sidecarOf(path));
    const truth = labels.filter(({ label }) => label === o.positive);
    const scored = await detector.scores(path, signalOf(o));
    const found = detector.decide(scored, decision).events.map((event) => ({ ...event, label: o.positive }));
    const metrics = matchEvents(found, truth, { collarMs: o.collarMs, durationSec: scored.durationSec });
    return { path, metrics, found, truth };
  });
  const metrics = poolEventMetrics(done.map((one) => one.metrics));
  return { kind: 'events', positive: o.positive, threshold: decision.threshold, metrics, recordings: done, errors };
}

/** One score a recording against the name of its folder. */
export async function judgeFolders(
  detector: Detector,
  paths: readonly string[],
  o: JudgeOptions,
): Promise<RecordingJudgement> {
  const { aggregate, decision } = detector.spec;
  if (aggregate === 'none') {
    const expected = '"mean" or "max" to judge whole recordings (label files beside them are judged by event)';
    throw new ParameterError('ERR_OPTION', mustBe("the bundle's spec.aggregate", expected, aggregate));
  }
  const { done, errors } = await each(paths, o, async (path) => {
    const { score, reason } = await detector.detect(path, signalOf(o));
    if (score === null) throw new ParameterError('ERR_TOO_SHORT', reason ?? mustBe(path, 'long enough', 'no score'));
    return { path, label: parentFolder(path), score };
  });
  const threshold = o.threshold ?? decision?.threshold;
  const scores = Float32Array.from(done, ({ score }) => score);
  const truth = done.map(({ label }) => label);
  const metrics = evaluate(scores, truth, { positive: o.positive, ...(threshold !== undefined && { threshold }) });
  return { kind: 'recordings', metrics, recordings: done, errors };
}

function decisionOf(detector: Detector, threshold: number | undefined): Decision {
  const { decision } = detector.spec;
  if (decision !== null)
    return threshold === undefined ? decision : { ...decision, threshold, chosenBy: '--threshold' };
  if (threshold === undefined) {
    const expected = "given, as the bundle's spec has no decision";
    throw new ParameterError('ERR_OPTION', mustBe('--threshold', expected, 'nothing'));
  }
  const plain = { minDurationMs: 0, mergeGapMs: 0, onset: 'window', activeThreshold: 0.5 } as const;
  return { ...plain, threshold, chosenBy: '--threshold' };
}

/** Runs over recordings; those that cannot be read are named with their reason, the rest goes on. */
async function each<T>(
  paths: readonly string[],
  o: LongWork,
  judge: (path: string) => Promise<T>,
): Promise<{ done: T[]; errors: Unreadable[] }> {
  const done: T[] = [];
  const errors: Unreadable[] = [];
  for (const [i, path] of paths.entries()) {
    try {
      done.push(await judge(path));
    } catch (thrown) {
      if (!(thrown instanceof CochleaError && isAboutData(thrown))) throw thrown;
      errors.push({ path, code: thrown.code, message: thrown.message });
    }
    o.onProgress?.({ stage: 'evaluate', done: i + 1, total: paths.length });
  }
  if (done.length === 0 && errors[0] !== undefined) {
    throw new ParameterError(
      'ERR_CORPUS',
      mustBe('data', 'at least one recording that can be judged', errors[0].message),
    );
  }
  return { done, errors };
}

const DATA_CODES: readonly ErrorCode[] = ['ERR_LABELS', 'ERR_TOO_SHORT'];

function isAboutData(thrown: CochleaError): boolean {
  return thrown instanceof AudioFormatError || DATA_CODES.includes(thrown.code);
}

function signalOf({ signal }: LongWork): LongWork {
  return signal === undefined ? {} : { signal };
}
