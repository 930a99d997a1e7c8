/** The tone detector: spectra of 150 ms → is the appliance's 4 kHz tone there? */
import { join } from 'node:path';
import { FeatureDataset, type ItemInfo } from '../../dataset/index.js';
import { chooseThreshold, evaluate, type Metrics } from '../../evaluation/index.js';
import { extract } from '../../extract/index.js';
import { toneCnn } from '../../model/index.js';
import { frameWidth, type Normalize } from '../../spec/index.js';
import { type TrainingRun, train } from '../../training/index.js';
import type { Part } from './corpus/index.js';
import type { BeepSequenceConfig } from './options.js';
import { spectraSpec, THREADS, TONE_LABEL } from './pipeline-spec.js';
import { type BeepCorpus, type CorpusRecording, partOf } from './recordings.js';
import type { Scored } from './sequence.js';
import { asTheyAre, type Relabel } from './shuffle-targets.js';
import { nearToneEdge, toneCoverage, toneTruth } from './targets.js';
import type { ToneTrack } from './tone-values.js';

/** The parts whose spectra are kept; held-out recordings go through the detector as they are. */
export const TRAINED_PARTS = ['train', 'validation', 'test'] as const satisfies readonly Part[];
type TrainedPart = (typeof TRAINED_PARTS)[number];

/** Spectra of whole recordings with a target per frame, by part. */
export type Spectra = Readonly<Record<TrainedPart, FeatureDataset>>;

/**
 * Three blocks whose pools halve: the last keeps 8 bins (53 Hz) apart. After eight epochs each, in seven parts of five
 * corpora and away from tones' edges, they missed 3.2 in a thousand spectra with a tone and heard .27 in a thousand without
 * one; two blocks of 32 and 64 with pools of four 4.6 and .56. What those missed stood among other partials, of metal or
 * bells.
 */
const SHAPE = { filters: [32, 64, 64], pool: 2 } as const;
/** On 340 000 spectra, dropout after the first block cost beeps in noise and gained nothing. */
const DROPOUT = { dropout: 0, denseDropout: 0.2 } as const;
const BATCH = 128;
/** Steps that go once through the training part of the full corpus. */
const PASS_STEPS = 5248;
/** Halved after every three eighths of a pass, however many there will be: that is for early stopping to say. */
const LEARNING_RATE = {
  schedule: 'exponentialDecay',
  initial: 0.002,
  decaySteps: (PASS_STEPS * 3) / 8,
  decayRate: 0.5,
} as const;
/** Early stopping judges after every quarter of a pass. */
const EPOCH_STEPS = PASS_STEPS / 4;
const STOPPING = { kind: 'earlyStopping', patience: 4, minDelta: 1e-4 } as const;
/** Spectra whose middle is this near a tone's start or end are a matter of milliseconds; reported apart. */
const EDGE_COLLAR_SEC = 0.025;

/** Computes the spectra of all recordings that models learn from or are tested on. */
export async function extractSpectra(corpus: BeepCorpus, config: BeepSequenceConfig): Promise<FeatureDataset> {
  const out = join(config.out, 'features');
  const recordings = TRAINED_PARTS.flatMap((part) => partOf(corpus, part));
  await extract(
    recordings.map(({ path }) => path),
    { spec: spectraSpec(), out, strict: true, workers: config.workers, resume: config.resume, ...watched(config) },
  );
  return FeatureDataset.open(out);
}

/** Gives every spectrum its target and deals the recordings out to their parts. */
export function labelSpectra(dataset: FeatureDataset, corpus: BeepCorpus, relabel: Relabel = asTheyAre): Spectra {
  const byPath = new Map(corpus.recordings.map((recording) => [recording.path, recording]));
  const partOfItem = ({ path = '' }: ItemInfo) => byPath.get(path)?.part;
  const labelled = dataset.map((item) => {
    return { ...item, targets: toneCoverage(item.nFrames, byPath.get(item.path ?? '')?.labels ?? []) };
  });
  const asked = relabel(labelled, (item) => partOfItem(item) === 'train');
  const of = (part: TrainedPart) => asked.filter((item) => partOfItem(item) === part);
  return { train: of('train'), validation: of('validation'), test: of('test') };
}

export interface ToneModel {
  readonly run: TrainingRun;
  readonly normalize: Normalize;
}

/** @param steps ends training after so many, without validation or checkpoint. Default: when early stopping says so */
export async function trainTone(spectra: Spectra, config: BeepSequenceConfig, steps?: number): Promise<ToneModel> {
  const normalize = await spectra.train.stats({ per: 'all' });
  const spec = spectraSpec(normalize);
  const model = toneCnn({
    bins: frameWidth(spec.features),
    ...SHAPE,
    ...DROPOUT,
    scoreBias: logOdds(spectra.train.targets()),
    seed: config.seed,
  });
  const untilStopped = {
    epochs: config.toneEpochs,
    epochWindows: EPOCH_STEPS * BATCH,
    validation: spectra.validation.withSpec(spec),
    callbacks: [STOPPING],
    ...(config.resume && { out: join(config.out, 'tone') }),
  };
  const run = await train(model, spectra.train.withSpec(spec), {
    loss: 'binaryCrossentropy',
    optimizer: { name: 'adam', learningRate: LEARNING_RATE },
    batchSize: BATCH,
    threads: THREADS,
    engine: config.engine,
    seed: config.seed,
    ...(steps === undefined ? untilStopped : { steps }),
    ...watched(config, 'tone'),
  });
  return { run, normalize };
}

/** Of the mean target: a model that begins there need not first learn how rare the tone is. */
function logOdds(targets: Float32Array): number {
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  return Math.log(mean / (1 - mean));
}

export interface ToneFigures {
  readonly all: Metrics;
  /** Without frames within 25 ms of a tone's start or end. */
  readonly awayFromEdges: Metrics;
  /** Accuracy of the recordings of each SNR, in dB, ascending. */
  readonly bySnr: readonly { readonly snrDb: number; readonly metrics: Metrics }[];
}

/** Tone scores of recordings one after the other, with the truth. */
export function scoredTones(tracks: readonly ToneTrack[]): Scored {
  const scores = tracks.flatMap((track) => [...track.scores]);
  const truth = tracks.flatMap(({ recording, scores }) => [...toneTruth(scores.length, recording.labels)]);
  return { scores: Float32Array.from(scores), truth: Uint8Array.from(truth) };
}

/** The probability from which on a tone counts as heard, chosen on the validation part. */
export function toneThreshold(tracks: readonly ToneTrack[]): number {
  const { scores, truth } = scoredTones(tracks);
  return chooseThreshold(scores, truth, { rule: 'f1', positive: TONE_LABEL }).threshold;
}

/** Figures of tone scores, recording by recording in the order given. */
export function toneFigures(scored: readonly ToneTrack[], threshold: number): ToneFigures {
  const figures = (keep: (recording: CorpusRecording, frame: number) => boolean): Metrics => {
    const scores: number[] = [];
    const truth: number[] = [];
    for (const { recording, scores: values } of scored) {
      const targets = toneTruth(values.length, recording.labels);
      for (let i = 0; i < values.length; i++) {
        if (!keep(recording, i)) continue;
        scores.push(values[i]!);
        truth.push(targets[i]!);
      }
    }
    return evaluate(Float32Array.from(scores), Uint8Array.from(truth), { positive: TONE_LABEL, threshold });
  };
  const snrs = [...new Set(scored.map(({ recording }) => recording.snrDb))].filter((snr) => snr !== null);
  return {
    all: figures(() => true),
    awayFromEdges: figures((recording, frame) => !nearToneEdge(frame, recording.labels, EDGE_COLLAR_SEC)),
    bySnr: snrs
      .sort((a, b) => a - b)
      .map((snrDb) => ({ snrDb, metrics: figures((recording) => recording.snrDb === snrDb) })),
  };
}

/** Signal and progress of a run, with the stage's name in front. */
export function watched({ signal, onProgress }: BeepSequenceConfig, name?: string) {
  const tell =
    onProgress && name
      ? (p: Parameters<typeof onProgress>[0]) => onProgress({ ...p, stage: `${name}: ${p.stage}` })
      : onProgress;
  return { ...(signal && { signal }), ...(tell && { onProgress: tell }) };
}
