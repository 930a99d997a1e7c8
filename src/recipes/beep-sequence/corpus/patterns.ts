/** Beep patterns: the complete sequence, and what resembles it but is not it. */
import type { Beep } from './appliance.js';
import type { Random } from './random.js';

/** "eight slots of 125 ms, beep×4 space×4 = 1 s, four times in succession" (seed 0). */
export const SLOT_SEC = 0.125;
export const BEEPS_PER_GROUP = 4;
export const SLOTS_PER_GROUP = 8;
export const GROUPS = 4;

export interface Pattern {
  readonly beeps: readonly Beep[];
  /** Start of the first beep to end of the last. */
  readonly durationSec: number;
}

interface Rhythm {
  readonly groups: number;
  /** 1 is the appliance's own tempo; 1.4 takes 1.4 times as long. */
  readonly stretch: number;
  /** Part of a slot that sounds: 95…115 ms of 125. */
  readonly duty: number;
  /** `group * 4 + slot` of beeps that stay silent. */
  readonly silent: readonly number[];
}

/** Sounding part of a slot. Above 95 ms the gap between two beeps stays under 30 ms, which a 150 ms window bridges. */
const DUTY = { low: 0.095 / SLOT_SEC, high: 0.115 / SLOT_SEC };
/** A real appliance's clock: ±0.3 %. */
const CLOCK = 0.003;

function drawRhythm(random: Random, overrides: Partial<Rhythm> = {}): Rhythm {
  const stretch = (overrides.stretch ?? 1) * (1 + random.uniform(-CLOCK, CLOCK));
  const duty = random.uniform(DUTY.low, DUTY.high);
  return { groups: GROUPS, silent: [], ...overrides, stretch, duty };
}

function layOut(rhythm: Rhythm): Pattern {
  const slotSec = SLOT_SEC * rhythm.stretch;
  const beeps: Beep[] = [];
  for (let group = 0; group < rhythm.groups; group++) {
    for (let slot = 0; slot < BEEPS_PER_GROUP; slot++) {
      if (rhythm.silent.includes(group * BEEPS_PER_GROUP + slot)) continue;
      beeps.push({ startSec: (group * SLOTS_PER_GROUP + slot) * slotSec, durationSec: slotSec * rhythm.duty });
    }
  }
  return fromBeeps(beeps);
}

/** Moves a pattern to start at 0 with its first sounding beep. */
function fromBeeps(beeps: readonly Beep[]): Pattern {
  const startSec = beeps[0]!.startSec;
  const moved = beeps.map((beep) => ({ ...beep, startSec: beep.startSec - startSec }));
  const last = moved[moved.length - 1]!;
  return { beeps: moved, durationSec: last.startSec + last.durationSec };
}

export function completeSequence(random: Random): Pattern {
  return layOut(drawRhythm(random));
}

export function threeGroups(random: Random): Pattern {
  return layOut(drawRhythm(random, { groups: 3 }));
}

/** 1.4 times as slow or 0.7 times as long, each ±3 %: groups of about 0.7 s or 0.35 s instead of 0.5 s. */
export function otherTempo(random: Random, tempo: 'slow' | 'fast'): Pattern {
  return layOut(drawRhythm(random, { stretch: (tempo === 'slow' ? 1.4 : 0.7) * random.uniform(0.97, 1.03) }));
}

/**
 * A complete sequence with one beep of one group silent. It is never a group's first or last: at 100 ms a value that run
 * would only be one value shorter, which is what another phase of the 100 ms grid does too. An inner one leaves a gap of
 * 135 ms or more, which the middle of at least one 150 ms window at a 100 ms hop falls into; that window still hears
 * up to 25 ms of tone at its faint edge, 16 dB down.
 */
export function missingBeep(random: Random): Pattern {
  return withSilence(random, random.pick([[1], [2]]));
}

/** A complete sequence with two neighbouring beeps of one group silent: a gap of 260 ms, or a run half as long. */
export function missingPair(random: Random): Pattern {
  return withSilence(
    random,
    random.pick([
      [0, 1],
      [1, 2],
      [2, 3],
    ]),
  );
}

function withSilence(random: Random, slots: readonly number[]): Pattern {
  const group = random.int(0, GROUPS - 1);
  return layOut(drawRhythm(random, { silent: slots.map((slot) => group * BEEPS_PER_GROUP + slot) }));
}

/** One unbroken tone of 2…6 s. */
export function continuousTone(random: Random): Pattern {
  return fromBeeps([{ startSec: 0, durationSec: random.uniform(2, 6) }]);
}

/** One to four lone beeps of 90…600 ms, 1.2…2 s apart: no group, no rhythm of the appliance. */
export function singleBeeps(random: Random): Pattern {
  const beeps: Beep[] = [];
  let startSec = 0;
  for (let count = random.int(1, 4); count > 0; count--) {
    const durationSec = random.uniform(0.09, 0.6);
    beeps.push({ startSec, durationSec });
    startSec += durationSec + random.uniform(1.2, 2);
  }
  return fromBeeps(beeps);
}

/** Silences shorter than this are inside one run: a 150 ms window cannot see them. */
export const RUN_GAP_SEC = 0.06;

/** Beeps joined into runs: one interval per unbroken stretch of tone, as a 150 ms window hears it. */
export function runsOf(beeps: readonly Beep[]): { startSec: number; endSec: number }[] {
  const runs: { startSec: number; endSec: number }[] = [];
  for (const beep of beeps) {
    const endSec = beep.startSec + beep.durationSec;
    const last = runs[runs.length - 1];
    if (last !== undefined && beep.startSec - last.endSec < RUN_GAP_SEC) last.endSec = endSec;
    else runs.push({ startSec: beep.startSec, endSec });
  }
  return runs;
}
