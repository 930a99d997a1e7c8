/** The recipe's declarations: what a tone value and a sequence window are. */
import { defineSpec, type Normalize, type Spec, type SpecInput } from '../../spec/index.js';
import { SAMPLE_RATE } from './corpus/index.js';

/** "150 ms windows" and "stride 80 samples (5 ms)" of the seed's tone detector, at 16 kHz. */
export const TONE_SPAN_SAMPLES = 2400;
const HOP_SAMPLES = 80;
/** "every 20th prediction": one tone value per 100 ms. */
export const DECIMATE = 20;
export const TONE_STEP_SEC = (HOP_SAMPLES * DECIMATE) / SAMPLE_RATE;
/**
 * The 20 predictions of which every 20th is kept could begin at any of the first 20: training sees four of these phases,
 * so that every recording gives four tracks of tone values, each 25 ms after the one before.
 */
export const PHASES = 4;
export const SPECTRA_STEP_SEC = TONE_STEP_SEC / PHASES;
export const TONE_SPAN_SEC = TONE_SPAN_SAMPLES / SAMPLE_RATE;
/** Tone values per sequence window: "large enough to contain the entire target beep sequence". */
export const WINDOW_VALUES = 40;
/** The band the tone detector sees: the 4 kHz tone and an octave's third around it, where look-alikes lie. */
const BAND_HZ = { low: 3000, high: 5000 } as const;

/** Of the native engine, whatever the machine has: another number gives other last bits. */
export const THREADS = 2;

export const TONE_MODEL = 'tone.onnx';
export const SEQUENCE_MODEL = 'sequence.onnx';
export const TONE_LABEL = 'tone';
export const SEQUENCE_LABEL = 'sequence';

const FRONT_END = {
  audio: { sampleRate: SAMPLE_RATE, channel: 0 },
  features: {
    kind: 'stft',
    nFft: TONE_SPAN_SAMPLES,
    winLength: TONE_SPAN_SAMPLES,
    hopLength: HOP_SAMPLES,
    window: 'blackman',
    windowSymmetry: 'symmetric',
    center: false,
    power: 2,
    scale: 'db',
    fMin: BAND_HZ.low,
    fMax: BAND_HZ.high,
  },
} as const satisfies Pick<SpecInput, 'audio' | 'features'>;

const EACH_FRAME = { size: 1, stride: 1, tail: 'drop' } as const;

/** Spectra alone, `PHASES` per tone value: what `extract` computes for training. */
export function spectraSpec(normalize: Normalize = { kind: 'none' }): Spec {
  return defineSpec({
    ...FRONT_END,
    task: 'detect',
    stages: [{ windowing: EACH_FRAME, normalize, model: TONE_MODEL }, { decimate: DECIMATE / PHASES }],
    labels: ['background', TONE_LABEL],
    positive: TONE_LABEL,
  });
}

export interface PipelineChoices {
  readonly normalize: Normalize;
  /** A tone value from here on is heard as the tone: where an event starts and ends. */
  readonly toneThreshold: number;
  /** A window with a score from here on holds a sequence. */
  readonly threshold: number;
  readonly chosenBy: string;
}

/** What the tone model's file says when it is used without the chain: where the tone is, every 5 ms. */
function toneByItself(threshold: number) {
  return {
    labels: ['background', TONE_LABEL],
    positive: TONE_LABEL,
    decision: { threshold, chosenBy: 'f1, validation' },
  };
}

/**
 * Sound to alerts: spectra → tone values → every 20th → windows of 40 → sequence score → events. Where the seed hands on
 * zeros and ones, tone values stay probabilities: a beep half drowned in noise is neither.
 */
export function pipelineSpec({ normalize, toneThreshold, threshold, chosenBy }: PipelineChoices): Spec {
  return defineSpec({
    ...FRONT_END,
    task: 'sequence',
    stages: [
      { windowing: EACH_FRAME, normalize, model: TONE_MODEL, ...toneByItself(toneThreshold) },
      { decimate: DECIMATE },
      { windowing: { size: WINDOW_VALUES, stride: 1, tail: 'drop' }, model: SEQUENCE_MODEL },
    ],
    labels: ['other', SEQUENCE_LABEL],
    positive: SEQUENCE_LABEL,
    // Windows of one sequence overlap by all but 100 ms; two sequences are further apart than the gap inside one.
    decision: {
      threshold,
      chosenBy,
      onset: 'active',
      activeThreshold: toneThreshold,
      mergeGapMs: 500,
      minDurationMs: 0,
    },
  });
}
