/** The appliance: what its beeps sound like, and how they reach the microphone. */
import { dbToAmplitude, exp, sinTurns } from './exact-math.js';
import type { Random } from './random.js';

export const SAMPLE_RATE = 16_000;
/** The seed's target tone. */
export const TARGET_HZ = 4000;
/** Largest detune of the target, as a fraction: 3980…4020 Hz. */
export const DETUNE = 0.005;

/** One beep: nominal start and length, attack and decay included. */
export interface Beep {
  readonly startSec: number;
  readonly durationSec: number;
}

/** Voice and place of one appliance in one event. */
export interface Voice {
  readonly pitchHz: number;
  readonly attackSec: number;
  readonly decaySec: number;
  readonly echoes: readonly Echo[];
  /** Corner of the one-pole low-pass that stands for distance and walls. */
  readonly lowPassHz: number;
}

export interface Echo {
  readonly delaySec: number;
  /** Amplitude relative to the direct sound. */
  readonly gain: number;
}

/** Echoes stay short and 12 dB down, so that a missing beep stays a gap. */
const ECHO = { most: 4, minSec: 0.004, maxSec: 0.04, loudestDb: -12, faintestDb: -24 } as const;

export function drawVoice(random: Random, pitchHz: number): Voice {
  const echoes = Array.from({ length: random.int(0, ECHO.most) }, () => ({
    delaySec: random.uniform(ECHO.minSec, ECHO.maxSec),
    gain: dbToAmplitude(random.uniform(ECHO.faintestDb, ECHO.loudestDb)),
  }));
  return {
    pitchHz,
    attackSec: random.uniform(0.002, 0.008),
    decaySec: random.uniform(0.004, 0.015),
    echoes,
    lowPassHz: random.uniform(2500, 7500),
  };
}

export function drawTargetPitch(random: Random): number {
  return TARGET_HZ * (1 + random.uniform(-DETUNE, DETUNE));
}

/**
 * Renders beeps as they arrive: direct sound, echoes, then the low-pass. Amplitude of the direct sound is 1 before it.
 * @returns samples from the event's own start, `durationSec` plus the longest echo long
 */
export function renderBeeps(beeps: readonly Beep[], voice: Voice, durationSec: number): Float64Array {
  const tailSec = voice.echoes.reduce((most, echo) => Math.max(most, echo.delaySec), 0);
  const direct = new Float64Array(Math.ceil((durationSec + tailSec) * SAMPLE_RATE) + 1);
  for (const beep of beeps) addBeep(direct, beep, voice);
  return lowPass(addEchoes(direct, voice.echoes), voice.lowPassHz);
}

function addBeep(out: Float64Array, beep: Beep, voice: Voice): void {
  const first = Math.round(beep.startSec * SAMPLE_RATE);
  const length = Math.round(beep.durationSec * SAMPLE_RATE);
  for (let i = 0; i < length; i++) {
    const sec = i / SAMPLE_RATE;
    const edge = Math.min(1, sec / voice.attackSec, (beep.durationSec - sec) / voice.decaySec);
    // A raised cosine of the linear edge: no click, and no energy far from the pitch.
    const envelope = 0.5 - 0.5 * sinTurns(0.25 + 0.5 * Math.max(0, edge));
    // One oscillator runs on and is gated, as in a timer-driven buzzer: beeps never cancel across the gap between them.
    out[first + i]! += envelope * sinTurns(((first + i) / SAMPLE_RATE) * voice.pitchHz);
  }
}

function addEchoes(direct: Float64Array, echoes: readonly Echo[]): Float64Array {
  const out = direct.slice();
  for (const echo of echoes) {
    const delay = Math.round(echo.delaySec * SAMPLE_RATE);
    for (let i = delay; i < out.length; i++) out[i]! += echo.gain * direct[i - delay]!;
  }
  return out;
}

function lowPass(samples: Float64Array, cornerHz: number): Float64Array {
  const keep = exp((-2 * Math.PI * cornerHz) / SAMPLE_RATE);
  let state = 0;
  return samples.map((x) => {
    state = x + keep * (state - x);
    return state;
  });
}
