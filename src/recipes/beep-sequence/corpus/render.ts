/** One planned file to sound: background, events at their SNR, labels, and what was in it. */
import type { Interval } from '../../../types.js';
import { drawVoice, renderBeeps, SAMPLE_RATE } from './appliance.js';
import { addScaled, type ClipLibrary, foregroundClip, makeBackground } from './background.js';
import {
  drawEvent,
  durationOf,
  type EventContent,
  type EventKind,
  isBeepEvent,
  type Placed,
  placeEvents,
} from './events.js';
import { dbToAmplitude } from './exact-math.js';
import { runsOf } from './patterns.js';
import { drawsFor, type FilePlan } from './plan.js';
import type { Random } from './random.js';

export interface RenderedFile {
  /** 16 kHz mono in [-1, 1]. */
  readonly samples: Float64Array;
  readonly labels: readonly Interval[];
  readonly events: readonly RenderedEvent[];
  /** Clip ids in the background and the foreground, sorted. */
  readonly clips: readonly string[];
}

export interface RenderedEvent {
  readonly kind: EventKind;
  readonly startSec: number;
  readonly endSec: number;
  /** Mean power while it sounds over the background's mean power in the same stretch, broadband (0…8 kHz). */
  readonly snrDb: number;
  readonly pitchHz: number | null;
}

/** Peak of a finished file, drawn per file: recordings come at different levels. */
const PEAK = { low: 0.3, high: 0.95 };

/** Renders a plan; the same seed, plan and library give the same samples. */
export async function renderFile(seed: number, plan: FilePlan, library: ClipLibrary): Promise<RenderedFile> {
  const random = drawsFor(seed, plan.name);
  const { samples, clips } = await layBackground(plan, library, random);
  const background = samples.slice();
  const labels: Interval[] = [];
  const events: RenderedEvent[] = [];
  const used = new Set(clips);
  for (const event of drawPlaced(plan, random)) {
    const sound = await soundOf(event, library, random);
    if (sound.samples.length === 0) continue;
    for (const clip of sound.clips) used.add(clip);
    const at = Math.round(event.startSec * SAMPLE_RATE);
    const endSec = event.startSec + sound.durationSec;
    const behind = meanPower(background, at, Math.round(endSec * SAMPLE_RATE));
    addScaled(samples, sound.samples, Math.sqrt(behind / sound.power) * dbToAmplitude(event.snrDb), at);
    labels.push(...labelsOf(event, endSec));
    const { kind, startSec, snrDb } = event;
    events.push({ kind, startSec, endSec, snrDb, pitchHz: isBeepEvent(event) ? event.pitchHz : null });
  }
  scaleToPeak(samples, random.uniform(PEAK.low, PEAK.high));
  return { samples, labels, events, clips: [...used].sort() };
}

async function layBackground(plan: FilePlan, library: ClipLibrary, random: Random) {
  const samples = new Float64Array(Math.round(plan.durationSec * SAMPLE_RATE));
  const clips: string[] = [];
  for (const [i, profile] of plan.profiles.entries()) {
    const startSec = i * plan.stretchSec;
    const lengthSec = Math.min(plan.stretchSec, plan.durationSec - startSec);
    const stretch = await makeBackground(profile, lengthSec, library, random);
    samples.set(stretch.samples, Math.round(startSec * SAMPLE_RATE));
    clips.push(...stretch.clips);
  }
  return { samples, clips };
}

function drawPlaced(plan: FilePlan, random: Random) {
  const drawn = plan.events.map(({ kind, snrDb }) => ({ ...drawEvent(kind, random), snrDb }));
  return placeEvents(drawn, plan.durationSec, random);
}

interface Sound {
  readonly samples: Float64Array;
  readonly durationSec: number;
  /** Mean power while it sounds. */
  readonly power: number;
  readonly clips: readonly string[];
}

async function soundOf(event: Placed<EventContent>, library: ClipLibrary, random: Random): Promise<Sound> {
  if (!isBeepEvent(event)) {
    const clip = await foregroundClip(event.category, event.durationSec, library, random);
    const power = meanPower(clip.samples, 0, clip.samples.length);
    return { ...clip, power, durationSec: clip.samples.length / SAMPLE_RATE };
  }
  const { beeps } = event.pattern;
  const durationSec = durationOf(event);
  const samples = renderBeeps(beeps, drawVoice(random, event.pitchHz), durationSec);
  let power = 0;
  let soundingSec = 0;
  for (const beep of beeps) {
    const from = Math.round(beep.startSec * SAMPLE_RATE);
    const to = Math.round((beep.startSec + beep.durationSec) * SAMPLE_RATE);
    power += meanPower(samples, from, to) * beep.durationSec;
    soundingSec += beep.durationSec;
  }
  return { samples, durationSec, power: power / soundingSec, clips: [] };
}

function labelsOf(event: Placed<EventContent>, endSec: number): Interval[] {
  const whole = event.kind === 'sequence' ? 'sequence' : `hard:${event.kind}`;
  const labels: Interval[] = [{ startSec: event.startSec, endSec, label: whole }];
  if (!isBeepEvent(event) || !event.onTarget) return labels;
  for (const run of runsOf(event.pattern.beeps)) {
    labels.push({ startSec: event.startSec + run.startSec, endSec: event.startSec + run.endSec, label: 'tone' });
  }
  return labels;
}

function meanPower(samples: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += samples[i]! * samples[i]!;
  return sum / Math.max(1, to - from);
}

function scaleToPeak(samples: Float64Array, target: number): void {
  let peak = 0;
  for (const x of samples) peak = Math.max(peak, Math.abs(x));
  if (peak === 0) return;
  const gain = target / peak;
  for (let i = 0; i < samples.length; i++) samples[i]! *= gain;
}
