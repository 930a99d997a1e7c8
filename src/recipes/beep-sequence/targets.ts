/** Labels in time → one target per frame or window. NaN leaves a window out of training and scoring. */
import type { Interval } from '../../types.js';
import {
  SEQUENCE_LABEL,
  SPECTRA_STEP_SEC,
  TONE_LABEL,
  TONE_SPAN_SAMPLES,
  TONE_SPAN_SEC,
  TONE_STEP_SEC,
  WINDOW_VALUES,
} from './pipeline-spec.js';

/** "response = (sum of the 40 values ≥ 19)" (seed 0). */
export const SEED_MIN_ONES = 19;
/** A window that cuts less than this off a sequence is its near-twin and decides nothing. */
export const UNSCORED_CUT_SEC = 0.2;

/** Middle of the 150 ms that spectrum `i` was computed from. */
export function spectrumSec(i: number): number {
  return i * SPECTRA_STEP_SEC + TONE_SPAN_SEC / 2;
}

/** Integral of the squared Blackman window up to each sample, as a part of the whole: what of a spectrum's energy lies before. */
const ENERGY_BEFORE = blackmanEnergy(TONE_SPAN_SAMPLES);

function blackmanEnergy(length: number): Float64Array {
  const before = new Float64Array(length + 1);
  for (let n = 0; n < length; n++) {
    const phase = (2 * Math.PI * n) / (length - 1);
    const w = 0.42 - 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase);
    before[n + 1] = before[n]! + w * w;
  }
  return before.map((sum) => sum / before[length]!);
}

/**
 * How much of the energy a spectrum would have in an endless tone lies within tones: 1 inside, 0 outside, and between
 * around a tone's start and end, where the truth is no yes or no.
 */
export function toneCoverage(nSpectra: number, labels: readonly Interval[]): Float32Array {
  const coverage = new Float32Array(nSpectra);
  for (const { startSec, endSec, label } of labels) {
    if (label !== TONE_LABEL) continue;
    const first = Math.max(0, Math.ceil((startSec - TONE_SPAN_SEC) / SPECTRA_STEP_SEC));
    const end = Math.min(nSpectra, Math.ceil(endSec / SPECTRA_STEP_SEC));
    for (let i = first; i < end; i++) {
      const part = energyBefore(endSec - i * SPECTRA_STEP_SEC) - energyBefore(startSec - i * SPECTRA_STEP_SEC);
      coverage[i] = Math.min(1, coverage[i]! + part);
    }
  }
  return coverage;
}

function energyBefore(sec: number): number {
  const sample = Math.round((sec / TONE_SPAN_SEC) * TONE_SPAN_SAMPLES);
  return ENERGY_BEFORE[Math.min(Math.max(sample, 0), TONE_SPAN_SAMPLES)]!;
}

/** 1 where at least half of a spectrum's energy lies within tones, else 0: the truth that accuracy is counted against. */
export function toneTruth(nSpectra: number, labels: readonly Interval[]): Uint8Array {
  return Uint8Array.from(toneCoverage(nSpectra, labels), (part) => (part >= 0.5 ? 1 : 0));
}

/** Whether spectrum `i` lies within `collarSec` of a tone's start or end, where the truth is a matter of milliseconds. */
export function nearToneEdge(i: number, labels: readonly Interval[], collarSec: number): boolean {
  const sec = spectrumSec(i);
  const near = (edge: number) => Math.abs(sec - edge) <= collarSec;
  return labels.some(({ startSec, endSec, label }) => label === TONE_LABEL && (near(startSec) || near(endSec)));
}

/**
 * The time that window `window` at stride 1 stands for: a tone value for the 100 ms around the middle of its spectrum,
 * a window for those of its 40 values.
 * @param trackSec start of the track's first spectrum
 */
function windowExtent(window: number, trackSec: number): { readonly fromSec: number; readonly toSec: number } {
  const fromSec = trackSec + window * TONE_STEP_SEC + (TONE_SPAN_SEC - TONE_STEP_SEC) / 2;
  return { fromSec, toSec: fromSec + WINDOW_VALUES * TONE_STEP_SEC };
}

/**
 * `event` labels of windows at stride 1: 1 where a complete sequence lies inside, NaN where one is cut by under 200 ms,
 * else 0.
 * @param trackSec start of the track's first spectrum
 */
export function sequenceTargets(nValues: number, labels: readonly Interval[], trackSec: number): Float32Array {
  const targets = new Float32Array(Math.max(0, nValues - WINDOW_VALUES + 1));
  for (const { startSec, endSec, label } of labels) {
    if (label !== SEQUENCE_LABEL) continue;
    for (let window = 0; window < targets.length; window++) {
      const { fromSec, toSec } = windowExtent(window, trackSec);
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
export function windowKind(window: number, labels: readonly Interval[], trackSec: number): string {
  const { fromSec, toSec } = windowExtent(window, trackSec);
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
