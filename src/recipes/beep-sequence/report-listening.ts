/** What the bundle heard in recordings nobody has seen: one stretch as a picture, all of them as timelines. */
import { readAudio } from '../../audio/index.js';
import { stft } from '../../features/index.js';
import { Detector, type Scores } from '../../inference/index.js';
import { formatClock, type Html, paragraph, spectrogram, type Track, table, timeline } from '../../report/index.js';
import type { Spec } from '../../spec/index.js';
import { SAMPLE_RATE } from './corpus/index.js';
import type { HeldOut, HeldOutRecording } from './held-out.js';
import { SEQUENCE_LABEL } from './pipeline-spec.js';
import { figureCell, figureText } from './report-figures.js';
import type { BeepSequenceReport } from './results.js';

const EXCERPT_SEC = 60;
/** Sound before the first event of an excerpt. */
const LEAD_SEC = 2;
/** The picture's own analysis: 64 ms windows, finer in time than the detector's 150 ms. */
const PICTURE = { nFft: 1024, hopLength: 512, power: 2, scale: 'db' } as const;
const RANGE_DB = 70;
/** Heights of the boxes, so that one lies inside the other. */
const ALERT_HZ = { lowHz: 2800, highHz: 5200 };
const TRUTH_HZ = { lowHz: 3500, highHz: 4500 };
const HALF_HEIGHT_HZ = 400;
const FOREGROUND_HZ = { lowHz: 150, highHz: 7200 };
const PROBABILITY = [0, 1] as const;

interface Excerpt {
  readonly heard: HeldOutRecording;
  readonly startSec: number;
  readonly endSec: number;
}

interface Heard {
  readonly recording: HeldOutRecording;
  readonly scores: Scores;
}

/** The two sections, from one pass of the bundle over the recordings. */
export async function listening(bundle: string, heldOut: HeldOut, report: BeepSequenceReport) {
  if (heldOut.recordings.length === 0) {
    const none = [paragraph('This corpus has no held-out recordings.')];
    return { picture: none, timelines: none };
  }
  await using detector = await Detector.load(bundle);
  const heard: Heard[] = [];
  for (const recording of heldOut.recordings) {
    heard.push({ recording, scores: await detector.scores(recording.recording.path) });
  }
  return {
    picture: await excerptPicture(heard, detector.spec),
    timelines: [...(await timelines(heard, detector.spec)), eventTable(heldOut, report)],
  };
}

/**
 * The first stretch with a true sequence and a hard negative in it that shows most: sequences and different kinds of hard
 * negatives, those that beep before all. It is chosen by the truth, never by what was found.
 */
export function chooseExcerpt(recordings: readonly HeldOutRecording[]): Excerpt | null {
  let best: Excerpt | null = null;
  let most = -1;
  for (const heard of recordings) {
    const { events, durationSec } = heard.recording;
    const latestSec = Math.max(0, durationSec - EXCERPT_SEC);
    for (const eventSec of [0, ...events.map((event) => event.startSec - LEAD_SEC)]) {
      const startSec = Math.min(Math.max(0, Math.floor(eventSec)), latestSec);
      const endSec = Math.min(startSec + EXCERPT_SEC, durationSec);
      const inside = events.filter((event) => event.startSec >= startSec && event.endSec <= endSec);
      const sequences = inside.filter(({ kind }) => kind === SEQUENCE_LABEL).length;
      const hard = inside.filter(({ kind }) => kind !== SEQUENCE_LABEL);
      const kinds = new Set(hard.map(({ kind }) => kind)).size;
      const beeping = new Set(hard.filter(({ pitchHz }) => pitchHz !== null).map(({ kind }) => kind)).size;
      // Both at all weighs more than any number of one.
      const shown = sequences + kinds + beeping + (sequences > 0 && kinds > 0 ? 3 * events.length : 0);
      if (shown <= most) continue;
      most = shown;
      best = { heard, startSec, endSec };
    }
  }
  return best;
}

async function excerptPicture(heard: readonly Heard[], spec: Spec): Promise<Html[]> {
  const excerpt = chooseExcerpt(heard.map(({ recording }) => recording));
  if (excerpt === null) return [];
  const { startSec, endSec } = excerpt;
  const { recording, events } = excerpt.heard;
  const { scores } = heard.find((one) => one.recording === excerpt.heard)!;
  const sampleRate = SAMPLE_RATE;
  const pcm = await readAudio(recording.path, { sampleRate, channel: 0, startSec, durationSec: endSec - startSec });
  const { data, nFrames } = stft(pcm, PICTURE);
  const seen = ({ startSec: from, endSec: to }: { startSec: number; endSec: number }) => from < endSec && to > startSec;
  const sounded = recording.events.filter(seen);
  const boxes = [
    ...events.filter(seen).map((alert) => ({ ...alert, ...ALERT_HZ, group: 'alert', label: figureText(alert.score) })),
    ...sounded
      .filter(({ kind }) => kind === SEQUENCE_LABEL)
      .map((sequence) => ({ ...sequence, ...TRUTH_HZ, group: 'true sequence', label: '' })),
    ...sounded
      .filter(({ kind }) => kind !== SEQUENCE_LABEL)
      .map((hard) => ({ ...hard, ...heightOf(hard.pitchHz), group: 'hard negative', label: hard.kind })),
  ];
  return [
    await spectrogram({
      title: `${recording.name}, ${formatClock(startSec)} to ${formatClock(endSec)}: the sound, and what was made of it`,
      db: data,
      nFrames,
      nBins: 1 + PICTURE.nFft / 2,
      startSec,
      endSec,
      lowHz: 0,
      highHz: sampleRate / 2,
      rangeDb: RANGE_DB,
      boxes,
      tracks: tracksOf(scores, spec, excerpt),
      note: 'Time runs to the right, pitch upwards, and brighter is louder.',
    }),
    paragraph(
      'A call shows as four short bars at 4 kHz, one second apart. Each alert carries its score. An alert around a true ' +
        'sequence is right. A hard negative is something made to resemble the call, named by what is wrong with it; an ' +
        'alert around one of those would be a false alarm.',
    ),
    paragraph(
      'The two curves share the time axis of the picture. The upper one is the tone model: the probability that the ' +
        'tone is there, every 100 ms. The lower one is the sequence model: the score of the 4 s around each moment, so ' +
        'it peaks in the middle of a call. The dashed lines are the values from which on each counts as a yes.',
    ),
  ];
}

function heightOf(pitchHz: number | null) {
  if (pitchHz === null) return FOREGROUND_HZ;
  return { lowHz: pitchHz - HALF_HEIGHT_HZ, highHz: pitchHz + HALF_HEIGHT_HZ };
}

function tracksOf(scores: Scores, spec: Spec, excerpt: Excerpt): Track[] {
  const tone = scores.sequences[0];
  const threshold = toneThreshold(spec);
  const tracks = tone ? [{ ...track('tone', tone.data, tone), ...(threshold !== undefined && { threshold }) }] : [];
  return [...tracks, sequenceTrack(scores, spec)].map((whole) => cut(whole, excerpt));
}

/** The value from which on the tone counts as heard. */
function toneThreshold({ stages, decision }: Spec): number | undefined {
  return stages.find((stage) => 'binarize' in stage)?.binarize ?? decision?.activeThreshold;
}

function sequenceTrack(scores: Scores, spec: Spec): Track {
  return {
    ...track('sequence', scores.scores, scores),
    ...(spec.decision && { threshold: spec.decision.threshold }),
  };
}

/** Each value at the middle of the sound it was computed from. */
function track(name: string, values: Float32Array, o: { startSec: number; stepSec: number; spanSec: number }): Track {
  return { name, values, startSec: o.startSec + o.spanSec / 2, stepSec: o.stepSec, domain: PROBABILITY };
}

function cut(whole: Track, { startSec, endSec }: Excerpt): Track {
  const { stepSec, values } = whole;
  const first = Math.max(0, Math.floor((startSec - whole.startSec) / stepSec));
  const end = Math.max(first, Math.ceil((endSec - whole.startSec) / stepSec) + 1);
  return { ...whole, values: values.subarray(first, end), startSec: whole.startSec + first * stepSec };
}

async function timelines(heard: readonly Heard[], spec: Spec): Promise<Html[]> {
  const drawn: Html[] = [];
  for (const { recording: found, scores } of heard) {
    const { name, durationSec, events } = found.recording;
    const intervals = (keep: (kind: string) => boolean) =>
      events.filter(({ kind }) => keep(kind)).map(({ kind, startSec, endSec }) => ({ startSec, endSec, label: kind }));
    drawn.push(
      await timeline({
        title: `${name}, ${formatClock(durationSec)}`,
        durationSec,
        rows: [
          { name: 'true sequence', intervals: intervals((kind) => kind === SEQUENCE_LABEL) },
          { name: 'alert', intervals: found.events },
          { name: 'hard negative', intervals: intervals((kind) => kind !== SEQUENCE_LABEL) },
        ],
        score: sequenceTrack(scores, spec),
      }),
    );
  }
  return [
    paragraph(
      'Whole recordings, as a microphone would hear them: no model has seen them or anything they were made from. An ' +
        'alert should stand under every true sequence and nowhere else. The curve is the score of the sequence model.',
    ),
    ...drawn,
  ];
}

function eventTable({ recordings }: HeldOut, { events }: BeepSequenceReport): Html {
  const row = (name: string, m: HeldOutRecording['metrics']) => [
    name,
    formatClock(m.durationSec ?? 0),
    m.nTruth,
    m.nFound,
    m.nMatched,
    m.missed.length,
    m.falseAlarms.length,
    figureCell(m.precision),
    figureCell(m.recall),
    figureCell(m.falseAlarmsPerHour),
  ];
  return table({
    caption:
      `An alert matches a sequence when it starts within ${events.collarMs} ms of it; each matches one at most. ` +
      `Precision is the part of alerts that were right, recall the part of sequences that were found.`,
    columns: [
      'recording',
      'length',
      'sequences',
      'alerts',
      'matched',
      'missed',
      'false alarms',
      'precision',
      'recall',
      'false alarms/h',
    ],
    rows: [
      ...recordings.map(({ recording, metrics }) => row(recording.name, metrics)),
      ...(recordings.length > 1 ? [row('all', events)] : []),
    ],
  });
}
