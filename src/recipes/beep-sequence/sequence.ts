/** The sequence detector: 40 tone values → does a complete sequence lie inside? */
import { join } from 'node:path';
import { FeatureDataset } from '../../dataset/index.js';
import { chooseThreshold, evaluate, type Metrics, type Threshold } from '../../evaluation/index.js';
import { sequenceLstm } from '../../model/index.js';
import { type TrainingRun, type TrainOptions, train } from '../../training/index.js';
import { PARTS, type Part } from './corpus/index.js';
import type { BeepSequenceConfig } from './options.js';
import { PHASES, SEQUENCE_LABEL, SPECTRA_STEP_SEC, THREADS, WINDOW_VALUES } from './pipeline-spec.js';
import { asTheyAre, type Relabel } from './shuffle-targets.js';
import { strataByKind } from './strata.js';
import { sequenceTargets, windowKind } from './targets.js';
import { watched } from './tone.js';
import { type ToneTrack, toneValues, withValuesLost } from './tone-values.js';

const WINDOWING = { size: WINDOW_VALUES, stride: 1, tail: 'drop', padValue: 0 } as const;
/** Neighbouring windows on both sides of a cut share values unless this many are dropped: 40 values, half on each side. */
const PURGE_WINDOWS = WINDOW_VALUES / 2;
/** Phases of the tone values each part is seen at: all for training, the detector's own for the test. */
const PART_PHASES: Readonly<Record<Part, readonly number[]>> = {
  train: Array.from({ length: PHASES }, (_, phase) => phase),
  validation: [0, PHASES / 2],
  test: [0],
  'held-out': [],
};
const BATCH = 64;
/** Halved every 2000 steps, as long as early stopping lets it. */
const LEARNING_RATE = { schedule: 'exponentialDecay', initial: 0.005, decaySteps: 2000, decayRate: 0.5 } as const;
/**
 * Without them a single large gradient now and then throws the LSTMs off for good: a norm it may not exceed, and squares
 * that are remembered for 100 steps, where Keras's 1000 let Adam take it for three times a usual one.
 */
const STABLE = { globalClipNorm: 1, beta2: 0.99 } as const;
/** What one start learns of rare windows is partly chance. */
const STARTS = 4;
/** An epoch draws no more windows than there are. */
const MOST_EPOCH_STEPS = 300;
const STOPPING = { kind: 'earlyStopping', patience: 8, minDelta: 1e-5 } as const;

export interface SequenceData {
  readonly train: FeatureDataset;
  readonly validation: FeatureDataset;
  readonly test: FeatureDataset;
}

/**
 * Windows at stride 1 with `event` labels, cut in time where the corpus' parts meet: training first, then validation, then
 * test, whatever the order of `tracks`. Windows never cross recordings. Training tracks have values lost.
 */
export async function sequenceData(tracks: readonly ToneTrack[], relabel: Relabel = asTheyAre): Promise<SequenceData> {
  const inTime = PARTS.flatMap((part) => tracks.filter(({ recording }) => recording.part === part));
  const items = inTime.flatMap((track) => {
    const { recording } = track;
    const { name, path, part, labels } = recording;
    return PART_PHASES[part].map((phase) => {
      const heard = toneValues(track, phase);
      const features = part === 'train' ? withValuesLost(heard, `${name}@${phase}`) : heard;
      const startSec = phase * SPECTRA_STEP_SEC;
      const targets = sequenceTargets(features.length, labels, startSec);
      return { id: `${name}@${phase}`, path, group: part, labels, startSec, features, targets };
    });
  });
  const labelled = await FeatureDataset.from(items, { windowing: WINDOWING });
  const all = relabel(labelled, (item) => item.group === 'train');
  const windowsIn = (part: Part) => all.filter((item) => item.group === part).size;
  const cuts = [windowsIn('train'), windowsIn('train') + windowsIn('validation')] as const;
  const parts = all.split({ by: 'time', cutoff: cuts, purge: PURGE_WINDOWS });
  await FeatureDataset.refuseLeaks(parts);
  return parts;
}

/**
 * The default: the seed's network on `event` labels, windows drawn by what they show, until validation says enough; of
 * several initial weights those that validation likes best.
 */
export async function trainSequence(data: SequenceData, config: BeepSequenceConfig): Promise<TrainingRun> {
  let best: TrainingRun | null = null;
  for (let start = 0; start < STARTS; start++) {
    const run = await trainOn(data, { ...config, seed: config.seed + start }, `sequence: ${start + 1}/${STARTS}`, {
      epochs: config.sequenceEpochs,
      epochWindows: epochSteps(data) * BATCH,
      validation: data.validation,
      callbacks: [STOPPING],
      ...(config.resume && { out: join(config.out, 'sequence', `start-${start + 1}`) }),
    });
    const better = best === null || validationLoss(run) < validationLoss(best);
    const other = better ? best : run;
    other?.model.dispose();
    if (better) best = run;
  }
  return best!;
}

function validationLoss({ history, bestEpoch }: TrainingRun): number {
  return history[bestEpoch - 1]?.valLoss ?? Number.POSITIVE_INFINITY;
}

/** The same for a number of steps, without validation or checkpoint. */
export async function trainSequenceSteps(
  data: SequenceData,
  config: BeepSequenceConfig,
  steps: number,
): Promise<TrainingRun> {
  return trainOn(data, config, 'sequence', { steps });
}

function trainOn(
  { train: training }: SequenceData,
  config: BeepSequenceConfig,
  name: string,
  extent: Partial<TrainOptions>,
): Promise<TrainingRun> {
  const { seed, engine } = config;
  return train(sequenceLstm({ length: WINDOW_VALUES, seed }), training, {
    loss: 'binaryCrossentropy',
    optimizer: { name: 'adam', learningRate: LEARNING_RATE, ...STABLE },
    batchSize: BATCH,
    threads: THREADS,
    balance: strataByKind(training),
    engine,
    seed,
    ...extent,
    ...watched(config, name),
  });
}

function epochSteps(data: SequenceData): number {
  return Math.min(MOST_EPOCH_STEPS, Math.ceil(data.train.size / BATCH));
}

/** Scores of the windows that have a target, with it. */
export interface Scored {
  readonly scores: Float32Array;
  readonly truth: Uint8Array;
}

export async function scoreSequences(run: TrainingRun, data: FeatureDataset): Promise<Scored> {
  const truth = Uint8Array.from(data.targets().filter((target) => !Number.isNaN(target)));
  return { scores: await run.predict(data), truth };
}

/** On validation, never on the test part. */
export function sequenceThreshold({ scores, truth }: Scored): Threshold {
  return chooseThreshold(scores, truth, { rule: 'f1', positive: SEQUENCE_LABEL });
}

export function sequenceMetrics({ scores, truth }: Scored, threshold: number): Metrics {
  return evaluate(scores, truth, { positive: SEQUENCE_LABEL, threshold });
}

/** Windows of each kind and how many of them were judged wrongly: shows what is hard. */
export function errorsByKind(data: FeatureDataset, { scores, truth }: Scored, threshold: number) {
  const kinds: Record<string, { windows: number; wrong: number }> = {};
  const targets = data.targets();
  let scored = 0;
  for (let number = 0; number < targets.length; number++) {
    if (Number.isNaN(targets[number])) continue;
    const { item, window } = data.locate(number);
    const kind = truth[scored] === 1 ? SEQUENCE_LABEL : windowKind(window, item.labels ?? [], item.startSec ?? 0);
    const entry = kinds[kind] ?? { windows: 0, wrong: 0 };
    kinds[kind] = entry;
    entry.windows += 1;
    if (Number(scores[scored]! >= threshold) !== truth[scored]) entry.wrong += 1;
    scored += 1;
  }
  return kinds;
}
