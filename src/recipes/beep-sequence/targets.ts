/** Labels in time → one target per frame or window. NaN leaves a window out of training and scoring. */
import type { Interval } from '../../types.js';
import { SEQUENCE_LABEL, TONE_LABEL, TONE_SPAN_SEC, TONE_STEP_SEC, WINDOW_VALUES } from './pipeline-spec.js';

/** "response = (sum of the 40 values ≥ 19)" (seed 0). */
export const SEED_MIN_ONES = 19;
/** A window that cuts less than this off a sequence is its near-twin and decides nothing. */
export const UNSCORED_CUT_SEC = 0.2;

/** Middle of the 150 ms that tone value `i` was computed from. */
export function toneValueSec(i: number): number {
  return i * TONE_STEP_SEC + TONE_SPAN_SEC / 2;
}

/** 1 where the middle of a frame lies in a tone, else 0. */
export function toneTargets(nFrames: number, labels: readonly Interval[]): Float32Array {
  const targets = new Float32Array(nFrames);
  for (const { startSec, endSec, label } of labels) {
    if (label !== TONE_LABEL) continue;
    const first = Math.max(0, Math.ceil((startSec - TONE_SPAN_SEC / 2) / TONE_STEP_SEC));
    const end = Math.min(nFrames, Math.ceil((endSec - TONE_SPAN_SEC / 2) / TONE_STEP_SEC));
    if (end > first) targets.fill(1, first, end);
  }
  return targets;
}

/** Whether frame `i` lies within `collarSec` of a tone's start or end, where the truth is a matter of milliseconds. */
export function nearToneEdge(i: number, labels: readonly Interval[], collarSec: number): boolean {
  const sec = toneValueSec(i);
  const near = (edge: number) => Math.abs(sec - edge) <= collarSec;
  return labels.some(({ startSec, endSec, label }) => label === TONE_LABEL && (near(startSec) || near(endSec)));
}

/**
 * `event` labels of windows at stride 1: 1 where a complete sequence lies inside, NaN where one is cut by under 200 ms,
 * else 0. A tone value stands for the 100 ms around the middle of its frame, and a window for those of its 40 values.
 */
export function sequenceTargets(nValues: number, labels: readonly Interval[]): Float32Array {
  const targets = new Float32Array(Math.max(0, nValues - WINDOW_VALUES + 1));
  for (const { startSec, endSec, label } of labels) {
    if (label !== SEQUENCE_LABEL) continue;
    for (let window = 0; window < targets.length; window++) {
      const fromSec = toneValueSec(window) - TONE_STEP_SEC / 2;
      const toSec = fromSec + WINDOW_VALUES * TONE_STEP_SEC;
      const cutSec = Math.max(fromSec - startSec, endSec - toSec);
      if (cutSec <= 0) targets[window] = 1;
      else if (cutSec < UNSCORED_CUT_SEC && targets[window] !== 1) targets[window] = Number.NaN;
    }
  }
  return targets;
}

/** `seed` labels: 1 where at least 19 of the 40 values are ones. */
export function popcountTargets(windows: Float32Array, size: number): Float32Array {
  return Float32Array.from({ length: windows.length / size }, (_, i) => {
    const ones = windows.subarray(i * size, (i + 1) * size).reduce((sum, value) => sum + value, 0);
    return ones >= SEED_MIN_ONES ? 1 : 0;
  });
}

/** What kind of thing a window shows: the label it overlaps most, for counting errors and negatives by kind. */
export function windowKind(window: number, labels: readonly Interval[]): string {
  const fromSec = toneValueSec(window) - TONE_STEP_SEC / 2;
  const toSec = fromSec + WINDOW_VALUES * TONE_STEP_SEC;
  let kind = 'background';
  let most = 0;
  for (const { startSec, endSec, label } of labels) {
    const overlap = Math.min(endSec, toSec) - Math.max(startSec, fromSec);
    if (label === TONE_LABEL || overlap <= most) continue;
    most = overlap;
    kind = label;
  }
  return kind;
}
