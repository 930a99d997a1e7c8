/** Found events against true ones, by their onsets. */
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import type { Interval } from '../types.js';
import { f1Score, ratio } from './ranking.js';

export interface MatchOptions {
  /** A found onset may lie this far before or after the true one, in milliseconds. */
  readonly collarMs: number;
  /** Length of what was listened to, in seconds; needed for false alarms per hour. */
  readonly durationSec?: number;
}

const KEYS: OptionKeys<MatchOptions> = { collarMs: true, durationSec: true };

export interface EventPair {
  /** Index into `found`. */
  readonly found: number;
  /** Index into `truth`. */
  readonly truth: number;
  /** Found minus true onset, in seconds: positive is late. */
  readonly onsetErrorSec: number;
}

export interface EventMetrics {
  readonly nFound: number;
  readonly nTruth: number;
  readonly nMatched: number;
  /** Null where nothing was found. */
  readonly precision: number | null;
  /** Null where there was nothing to find. */
  readonly recall: number | null;
  readonly f1: number | null;
  /** Null where no duration was given. */
  readonly falseAlarmsPerHour: number | null;
  readonly durationSec: number | null;
  readonly collarMs: number;
  /** In order of the true onset. */
  readonly matches: readonly EventPair[];
  /** Indices into `truth` that nothing matched. */
  readonly missed: readonly number[];
  /** Indices into `found` that matched nothing. */
  readonly falseAlarms: readonly number[];
}

const SEC_PER_HOUR = 3600;
const MS_PER_SEC = 1000;
/** Times in seconds are sums of float64 steps: an onset exactly on the collar must not miss it by a rounding. */
const TIME_SLACK_SEC = 1e-9;

/**
 * Pairs found with true events of the same label, one to one, so that as many as possible are paired and, of all such
 * pairings, the onsets differ least in sum.
 *
 * @throws ParameterError `ERR_OPTION` for a negative collar or duration, or an onset that is not finite; `ERR_UNKNOWN_OPTION`
 */
export function matchEvents(found: readonly Interval[], truth: readonly Interval[], o: MatchOptions): EventMetrics {
  refuseUnknown(o, KEYS, 'matchEvents');
  const { collarMs, durationSec } = o;
  if (!(collarMs >= 0)) throw new ParameterError('ERR_OPTION', mustBe('collarMs', '0 or more', collarMs));
  if (durationSec !== undefined && !(durationSec > 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('durationSec', 'above 0', durationSec));
  }
  checkOnsets(found, 'found');
  checkOnsets(truth, 'truth');
  const collarSec = collarMs / MS_PER_SEC + TIME_SLACK_SEC;
  const matches = labelsOf(truth).flatMap((label) =>
    clusters(onsets(found, label), onsets(truth, label), collarSec).flatMap(([f, t]) => pairUp(f, t, collarSec)),
  );
  matches.sort((a, b) => truth[a.truth]!.startSec - truth[b.truth]!.startSec);
  return summary(found.length, truth.length, matches, collarMs, durationSec ?? null);
}

/**
 * The figures of several recordings as one: counts and durations add up (a mean of per-recording ratios would let an
 * empty recording weigh as much as a full one). Indices are shifted as if the lists had been joined.
 */
export function poolEventMetrics(parts: readonly EventMetrics[]): EventMetrics {
  const matches: EventPair[] = [];
  let nFound = 0;
  let nTruth = 0;
  let durationSec: number | null = 0;
  for (const part of parts) {
    for (const pair of part.matches) {
      matches.push({ ...pair, found: pair.found + nFound, truth: pair.truth + nTruth });
    }
    nFound += part.nFound;
    nTruth += part.nTruth;
    durationSec = durationSec === null || part.durationSec === null ? null : durationSec + part.durationSec;
  }
  const collarMs = parts[0]?.collarMs ?? 0;
  const other = parts.find((part) => part.collarMs !== collarMs);
  if (other) throw new ParameterError('ERR_OPTION', mustBe('collarMs', `${collarMs} in every part`, other.collarMs));
  return summary(nFound, nTruth, matches, collarMs, durationSec);
}

function summary(
  nFound: number,
  nTruth: number,
  matches: readonly EventPair[],
  collarMs: number,
  durationSec: number | null,
): EventMetrics {
  const nMatched = matches.length;
  const nFalse = nFound - nMatched;
  const usedFound = new Set(matches.map((pair) => pair.found));
  const usedTruth = new Set(matches.map((pair) => pair.truth));
  return {
    nFound,
    nTruth,
    nMatched,
    precision: ratio(nMatched, nFound),
    recall: ratio(nMatched, nTruth),
    f1: f1Score(nMatched, nFalse, nTruth - nMatched),
    falseAlarmsPerHour: durationSec === null ? null : ratio(nFalse * SEC_PER_HOUR, durationSec),
    durationSec,
    collarMs,
    matches,
    missed: range(nTruth).filter((i) => !usedTruth.has(i)),
    falseAlarms: range(nFound).filter((i) => !usedFound.has(i)),
  };
}

interface Onset {
  readonly index: number;
  readonly sec: number;
}

function onsets(events: readonly Interval[], label: string): Onset[] {
  return events
    .map((event, index) => ({ index, sec: event.startSec, label: event.label }))
    .filter((event) => event.label === label)
    .sort((a, b) => a.sec - b.sec);
}

function labelsOf(events: readonly Interval[]): string[] {
  return [...new Set(events.map((event) => event.label))];
}

function checkOnsets(events: readonly Interval[], name: string): void {
  const wrong = events.findIndex((event) => !Number.isFinite(event.startSec));
  if (wrong < 0) return;
  const got = events[wrong]!.startSec;
  throw new ParameterError('ERR_OPTION', mustBe(`${name}[${wrong}].startSec`, 'a finite number', got));
}

/** Cuts both sorted lists where a gap wider than the collar makes pairs across it impossible. */
function clusters(found: Onset[], truth: Onset[], collarSec: number): [Onset[], Onset[]][] {
  const all = [...found.map((o) => ({ o, side: 0 })), ...truth.map((o) => ({ o, side: 1 }))];
  all.sort((a, b) => a.o.sec - b.o.sec);
  const cut: [Onset[], Onset[]][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { o, side } of all) {
    if (o.sec - last > collarSec) cut.push([[], []]);
    cut.at(-1)![side]!.push(o);
    last = o.sec;
  }
  return cut.filter(([f, t]) => f.length > 0 && t.length > 0);
}

/**
 * Best pairing of two sorted lists by dynamic programming. Some best pairing never crosses (uncrossing two pairs keeps
 * both within the collar and does not add to the error), so prefixes are enough.
 */
function pairUp(found: Onset[], truth: Onset[], collarSec: number): EventPair[] {
  const width = truth.length + 1;
  const count = new Uint32Array((found.length + 1) * width);
  const error = new Float64Array(count.length);
  const better = (a: number, pairs: number, sec: number) =>
    pairs > count[a]! || (pairs === count[a]! && sec < error[a]!);
  for (let i = 1; i <= found.length; i++) {
    for (let j = 1; j <= truth.length; j++) {
      const at = i * width + j;
      count[at] = count[at - width]!;
      error[at] = error[at - width]!;
      if (better(at, count[at - 1]!, error[at - 1]!)) {
        count[at] = count[at - 1]!;
        error[at] = error[at - 1]!;
      }
      const apart = Math.abs(found[i - 1]!.sec - truth[j - 1]!.sec);
      const before = at - width - 1;
      if (apart <= collarSec && better(at, count[before]! + 1, error[before]! + apart)) {
        count[at] = count[before]! + 1;
        error[at] = error[before]! + apart;
      }
    }
  }
  return walkBack(found, truth, count, error);
}

function walkBack(found: Onset[], truth: Onset[], count: Uint32Array, error: Float64Array): EventPair[] {
  const width = truth.length + 1;
  const pairs: EventPair[] = [];
  let i = found.length;
  let j = truth.length;
  while (i > 0 && j > 0) {
    const at = i * width + j;
    const same = (other: number) => count[other] === count[at] && error[other] === error[at];
    if (same(at - width)) i--;
    else if (same(at - 1)) j--;
    else {
      const [f, t] = [found[--i]!, truth[--j]!];
      pairs.push({ found: f.index, truth: t.index, onsetErrorSec: f.sec - t.sec });
    }
  }
  return pairs.reverse();
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
