/** What happens in a file: kinds of events, and where they lie in time. */
import { ParameterError } from '../../../errors.js';
import { drawTargetPitch } from './appliance.js';
import {
  completeSequence,
  continuousTone,
  missingBeep,
  missingPair,
  otherTempo,
  type Pattern,
  singleBeeps,
  threeGroups,
} from './patterns.js';
import type { Random } from './random.js';
import type { Category } from './sources.js';

/** Kinds of hard negatives. The last three are recordings put in the foreground; the others are beeps. */
export const HARD_KINDS = [
  'missing-beep',
  'missing-pair',
  'three-groups',
  'other-pitch-low',
  'other-pitch-high',
  'slow',
  'fast',
  'continuous',
  'single-beeps',
  'ui-sound',
  'speech',
  'music',
] as const;
export type HardKind = (typeof HARD_KINDS)[number];
export type EventKind = 'sequence' | HardKind;

/** Rhythm is what a sequence model must learn, so two of the near misses come twice as often. */
export const HARD_DECK: readonly HardKind[] = ['missing-pair', 'three-groups', ...HARD_KINDS];

/** Seconds between two events, at least: four times the silence between two groups. */
export const MIN_GAP_SEC = 2;

export interface BeepEvent {
  readonly kind: Exclude<EventKind, 'ui-sound' | 'speech' | 'music'>;
  readonly pattern: Pattern;
  readonly pitchHz: number;
  /** Whether the pitch is the target: then its runs are labelled `tone`. */
  readonly onTarget: boolean;
}

export interface ForegroundEvent {
  readonly kind: 'ui-sound' | 'speech' | 'music';
  readonly category: Category;
  readonly durationSec: number;
}

export type EventContent = BeepEvent | ForegroundEvent;
export type Placed<T extends EventContent> = T & { readonly startSec: number };

export function isBeepEvent(event: EventContent): event is BeepEvent {
  return 'pattern' in event;
}

export function durationOf(event: EventContent): number {
  return isBeepEvent(event) ? event.pattern.durationSec : event.durationSec;
}

function onTarget(kind: BeepEvent['kind'], pattern: Pattern, random: Random): BeepEvent {
  return { kind, pattern, pitchHz: drawTargetPitch(random), onTarget: true };
}

/** Draws what an event of a kind consists of. Pitches off target stay 180 Hz away from it, 27 bins of a 150 ms window. */
export function drawEvent(kind: EventKind, random: Random): EventContent {
  switch (kind) {
    case 'sequence':
      return onTarget(kind, completeSequence(random), random);
    case 'missing-beep':
      return onTarget(kind, missingBeep(random), random);
    case 'missing-pair':
      return onTarget(kind, missingPair(random), random);
    case 'three-groups':
      return onTarget(kind, threeGroups(random), random);
    case 'slow':
    case 'fast':
      return onTarget(kind, otherTempo(random, kind), random);
    case 'continuous':
      return onTarget(kind, continuousTone(random), random);
    case 'single-beeps':
      return onTarget(kind, singleBeeps(random), random);
    case 'other-pitch-low':
      return { kind, pattern: completeSequence(random), pitchHz: random.uniform(3200, 3800), onTarget: false };
    case 'other-pitch-high':
      return { kind, pattern: completeSequence(random), pitchHz: random.uniform(4200, 5000), onTarget: false };
    case 'ui-sound':
      return { kind, category: 'tones', durationSec: random.uniform(2, 5) };
    case 'speech':
      return { kind, category: 'speech', durationSec: random.uniform(3, 5) };
    case 'music':
      return { kind, category: 'music', durationSec: random.uniform(3, 5) };
  }
}

/**
 * Places events in a random order with random gaps of at least `MIN_GAP_SEC`, also before the first and after the last.
 * @throws ParameterError `ERR_OPTION` where they do not fit
 */
export function placeEvents<T extends EventContent>(
  events: readonly T[],
  fileSec: number,
  random: Random,
): Placed<T>[] {
  const order = random.shuffled(events);
  const busySec = order.reduce((sum, event) => sum + durationOf(event) + MIN_GAP_SEC, MIN_GAP_SEC);
  if (busySec > fileSec) {
    throw new ParameterError('ERR_OPTION', `events must be at most ${fileSec} s with their gaps, got ${busySec} s`);
  }
  const shares = Array.from({ length: order.length + 1 }, () => random.uniform(0, 1));
  const perShare = (fileSec - busySec) / shares.reduce((sum, share) => sum + share, 0);
  let at = 0;
  return order.map((event, i) => {
    const startSec = at + MIN_GAP_SEC + shares[i]! * perShare;
    at = startSec + durationOf(event);
    return { ...event, startSec };
  });
}
