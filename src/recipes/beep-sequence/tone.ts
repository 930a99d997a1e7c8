/** The tone detector: spectra of 150 ms → is the appliance's 4 kHz tone there? */
import { join } from 'node:path';
import { extract, FeatureDataset } from '../../dataset/index.js';
import { chooseThreshold, evaluate, type Metrics } from '../../evaluation/index.js';
import { toneCnn } from '../../model/index.js';
import { frameWidth, type Normalize } from '../../spec/index.js';
import { type CosineDecay, type TrainingRun, train } from '../../training/index.js';
import type { Part } from './corpus/index.js';
import type { BeepSequenceConfig } from './options.js';
import { spectraSpec, TONE_LABEL } from './pipeline-spec.js';
import { type BeepCorpus, type CorpusRecording, partOf } from './recordings.js';
import type { Scored } from './sequence.js';
import { nearToneEdge, toneCoverage, toneTruth } from './targets.js';
import type { ToneTrack } from './tone-values.js';

/** The parts whose spectra are kept; held-out recordings go through the detector as they are. */
export const TRAINED_PARTS = ['train', 'validation', 'test'] as const satisfies readonly Part[];
type TrainedPart = (typeof TRAINED_PARTS)[number];

/** Spectra of whole recordings with a target per frame, by part. */
export type Spectra = Readonly<Record<TrainedPart, FeatureDataset>>;

/** Blocks of 16 and 32 filters: two pools keep 16 bins (107 Hz) apart, less than the nearest other pitch is away. */
const FILTERS = [8, 16];
const BATCH = 128;
const LEARNING_RATE = 0.002;
const PATIENCE = 2;
/** The rate falls to a tenth over the epochs there may be. */
const FINAL_RATE = 0.1;
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
export function labelSpectra(dataset: FeatureDataset, corpus: BeepCorpus): Spectra {
  const byPath = new Map(corpus.recordings.map((recording) => [recording.path, recording]));
  const of = (part: TrainedPart) =>
    dataset
      .filter((item) => byPath.get(item.path ?? '')?.part === part)
      .map((item) => ({ ...item, targets: toneCoverage(item.nFrames, byPath.get(item.path ?? '')?.labels ?? []) }));
  return { train: of('train'), validation: of('validation'), test: of('test') };
}

export interface ToneModel {
  readonly run: TrainingRun;
  readonly normalize: Normalize;
}

export async function trainTone(spectra: Spectra, config: BeepSequenceConfig): Promise<ToneModel> {
  const normalize = await spectra.train.stats({ per: 'all' });
  const spec = spectraSpec(normalize);
  const model = toneCnn({ bins: frameWidth(spec.features), filters: FILTERS, seed: config.seed });
  const run = await train(model, spectra.train.withSpec(spec), {
    loss: 'binaryCrossentropy',
    optimizer: { name: 'adam', learningRate: decayed(spectra, config) },
    epochs: config.toneEpochs,
    batchSize: BATCH,
    validation: spectra.validation.withSpec(spec),
    callbacks: [{ kind: 'earlyStopping', patience: PATIENCE }],
    engine: config.engine,
    seed: config.seed,
    ...(config.resume && { out: join(config.out, 'tone') }),
    ...watched(config, 'tone'),
  });
  return { run, normalize };
}

function decayed(spectra: Spectra, { toneEpochs }: BeepSequenceConfig): CosineDecay {
  const decaySteps = Math.ceil(spectra.train.size / BATCH) * toneEpochs;
  return { schedule: 'cosineDecay', initial: LEARNING_RATE, decaySteps, alpha: FINAL_RATE };
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
