/** Window scores → events. Pure; the same object serves whole recordings and streams. */
import type { Decision } from '../spec/index.js';
import type { DetectedEvent } from '../types.js';
import { centreSec, type Sequence, type Timing } from './sequence.js';

const MS_PER_SEC = 1000;
/** Times are sums of float64 steps: a gap of exactly `mergeGapMs` must not be missed by a rounding. */
const TIME_SLACK_SEC = 1e-9;

/** The stretch of time that a firing window stands for. */
export interface Extent {
  readonly startSec: number;
  readonly endSec: number;
}

/** What the scores were computed from: the sequence that the last windows were cut from, and how. */
export interface ScoredInput {
  readonly sequence: Sequence;
  readonly size: number;
  readonly stride: number;
}

/**
 * Merges firing windows (score ≥ threshold) into events as their scores come in, in order.
 *
 * Each firing window has an extent; extents at most `mergeGapMs` apart are one event, whose score is the highest of its
 * windows. Events shorter than `minDurationMs` are dropped. The extent follows `decision.onset`:
 * - `window`: all that the window covers.
 * - `active`: from the first to the last input value ≥ `activeThreshold` in the window, where a value stands for the
 *   centre of the samples it was computed from, and the last one lasts one step. A window that fires without an active
 *   value keeps the whole of its extent.
 *
 * Extents start and end in order of their windows, so an event is complete once the next window starts more than
 * `mergeGapMs` after its end.
 */
export class EventFinder {
  readonly #decision: Decision;
  readonly #label: string;
  readonly #mergeGapSec: number;
  #open: DetectedEvent | null = null;

  constructor(decision: Decision, label: string) {
    this.#decision = decision;
    this.#label = label;
    this.#mergeGapSec = decision.mergeGapMs / MS_PER_SEC + TIME_SLACK_SEC;
  }

  fires(score: number): boolean {
    return score >= this.#decision.threshold;
  }

  /** Takes one firing window; returns the event before it, if that is complete now and long enough. */
  add(score: number, extent: Extent): DetectedEvent | null {
    const open = this.#open;
    if (open !== null && extent.startSec - open.endSec <= this.#mergeGapSec) {
      this.#open = {
        ...open,
        endSec: Math.max(open.endSec, extent.endSec),
        score: Math.max(open.score, score),
      };
      return null;
    }
    this.#open = { startSec: extent.startSec, endSec: extent.endSec, label: this.#label, score };
    return this.#keep(open);
  }

  /** Says that no later extent starts before `sec`; returns the event that is thereby complete. */
  advance(sec: number): DetectedEvent | null {
    const open = this.#open;
    if (open === null || sec - open.endSec <= this.#mergeGapSec) return null;
    return this.finish();
  }

  /** The input has ended. */
  finish(): DetectedEvent | null {
    const open = this.#open;
    this.#open = null;
    return this.#keep(open);
  }

  #keep(event: DetectedEvent | null): DetectedEvent | null {
    if (event === null) return null;
    const durationMs = (event.endSec - event.startSec + TIME_SLACK_SEC) * MS_PER_SEC;
    if (durationMs < this.#decision.minDurationMs) return null;
    return { ...event, startSec: toMicroseconds(event.startSec), endSec: toMicroseconds(event.endSec) };
  }
}

/** Times are multiples of a step; what lies below a microsecond is float64's rounding. */
function toMicroseconds(sec: number): number {
  return Math.round(sec * 1e6) / 1e6;
}

/** Where a firing window's event starts and ends; see `EventFinder`. */
export function extentOf(
  window: number,
  scores: Timing,
  input: ScoredInput | null,
  decision: Pick<Decision, 'onset' | 'activeThreshold'>,
): Extent {
  const startSec = scores.startSec + window * scores.stepSec;
  const whole = { startSec: Math.max(0, startSec), endSec: startSec + scores.spanSec };
  if (decision.onset === 'window' || input === null) return whole;

  const { sequence, size, stride } = input;
  const from = window * stride;
  const to = Math.min(from + size, sequence.first + sequence.n);
  const active = (i: number) => (sequence.data[i - sequence.first] ?? 0) >= decision.activeThreshold;
  let first = from;
  while (first < to && !active(first)) first++;
  if (first === to) return whole;
  let last = to - 1;
  while (!active(last)) last--;
  return {
    startSec: Math.max(0, centreSec(sequence, first)),
    endSec: centreSec(sequence, last) + sequence.stepSec,
  };
}

/**
 * The events of a whole recording.
 *
 * @param scores width 1; value i is the score of window i
 * @param input what the windows were cut from; only `onset: 'active'` reads it
 * @param label of every event
 */
export function findEvents(
  scores: Sequence,
  input: ScoredInput | null,
  decision: Decision,
  label: string,
): DetectedEvent[] {
  const finder = new EventFinder(decision, label);
  const events: (DetectedEvent | null)[] = [];
  for (let i = 0; i < scores.n; i++) {
    const score = scores.data[i]!;
    if (finder.fires(score)) events.push(finder.add(score, extentOf(scores.first + i, scores, input, decision)));
  }
  events.push(finder.finish());
  return events.filter((event) => event !== null);
}
