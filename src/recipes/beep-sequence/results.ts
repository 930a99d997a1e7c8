/** What a run has to say: the content of `metrics.json`. */
import type { FeatureDataset } from '../../dataset/index.js';
import type { EventMetrics, Metrics, Threshold } from '../../evaluation/index.js';
import type { TrainingRun } from '../../training/index.js';
import type { HeldOut } from './held-out.js';
import type { BeepSequenceConfig } from './options.js';
import { type ParityRow, type Spread, spreadOf } from './parity.js';
import type { PermutationTest } from './permutations.js';
import type { BeepCorpus } from './recordings.js';
import type { Scored } from './sequence.js';
import type { ToneFigures, ToneModel } from './tone.js';

/** Everything a finished run holds in memory. */
export interface RunParts {
  readonly config: BeepSequenceConfig;
  readonly corpus: BeepCorpus;
  readonly tone: ToneModel;
  readonly sequence: TrainingRun;
  readonly data: { readonly test: FeatureDataset };
  readonly test: Scored;
  readonly threshold: Threshold;
  readonly parity: readonly ParityRow[];
  readonly onnxMaxAbsDiff: { readonly tone: number; readonly sequence: number };
  readonly heldOut: HeldOut;
  readonly figures: {
    readonly tone: ToneFigures;
    readonly sequence: Metrics;
    readonly errorsByKind: Readonly<Record<string, { windows: number; wrong: number }>>;
  };
  readonly bundle: string;
  readonly permutations: PermutationTest | null;
  readonly secondsByStage: Readonly<Record<string, number>>;
}

interface TrainingSummary {
  readonly engine: string;
  readonly why: string;
  readonly epochs: number;
  readonly steps: number;
  readonly bestEpoch: number;
  readonly stoppedBy: string;
  /** Found finished in the run's folder; `seconds` are those it took then. */
  readonly resumed: boolean;
  readonly seconds: number;
}

export interface BeepSequenceReport {
  readonly recipe: 'beep-sequence';
  readonly seed: number;
  readonly corpus: {
    readonly size: string;
    readonly backgrounds: string;
    /** `npm`: the recordings that npm's packages carry, the fallback where apt is absent. */
    readonly source: BeepCorpus['source'];
    readonly recordings: number;
    readonly audioSec: number;
    readonly packages: BeepCorpus['packages'];
    /** `different` names files whose bytes other library versions made; null for a corpus from elsewhere. */
    readonly checksums: BeepCorpus['checksums'];
  };
  /** The sequence model on the test part: `event` labels, positive class `sequence`. */
  readonly test: Metrics & {
    readonly thresholdChosenBy: string;
    /** Complete sequences and hard negatives the test part holds. */
    readonly sequences: number;
    readonly hardNegatives: number;
    readonly errorsByKind: Readonly<Record<string, { windows: number; wrong: number }>>;
  };
  readonly tone: ToneFigures;
  /** The seed document's protocol on `seed` labels. */
  readonly parity: {
    readonly rows: readonly ParityRow[];
    readonly accuracy: Spread | null;
    readonly rocAuc: Spread | null;
    readonly logLoss: Spread | null;
    readonly precision: Spread | null;
    readonly recall: Spread | null;
  };
  readonly events: EventMetrics & {
    readonly timesRealTime: number;
    /** Mean of found minus true onset, seconds. */
    readonly meanOnsetErrorSec: number | null;
  };
  readonly onnxMaxAbsDiff: number;
  readonly onnxMaxAbsDiffByModel: { readonly tone: number; readonly sequence: number };
  readonly training: { readonly tone: TrainingSummary; readonly sequence: TrainingSummary };
  /** Both models on shuffled labels; null where that was not asked for. */
  readonly permutations: PermutationTest | null;
  readonly bundle: string;
  readonly secondsByStage: Readonly<Record<string, number>>;
}

export function makeReport(parts: RunParts): BeepSequenceReport {
  const { config, corpus, figures, parity, heldOut, onnxMaxAbsDiff } = parts;
  const testRecordings = corpus.recordings.filter(({ part }) => part === 'test');
  const eventsOf = (keep: (kind: string) => boolean) =>
    testRecordings.reduce((sum, { events }) => sum + events.filter(({ kind }) => keep(kind)).length, 0);
  const onsetErrors = heldOut.recordings.flatMap(({ metrics }) => metrics.matches.map((match) => match.onsetErrorSec));
  const meanOnsetErrorSec =
    onsetErrors.length === 0 ? null : onsetErrors.reduce((sum, error) => sum + error, 0) / onsetErrors.length;
  return {
    recipe: 'beep-sequence',
    seed: config.seed,
    corpus: {
      size: corpus.size,
      backgrounds: corpus.backgrounds,
      source: corpus.source,
      recordings: corpus.recordings.length,
      audioSec: corpus.recordings.reduce((sum, { durationSec }) => sum + durationSec, 0),
      packages: corpus.packages,
      checksums: corpus.checksums,
    },
    test: {
      ...figures.sequence,
      thresholdChosenBy: `${parts.threshold.rule}, validation`,
      sequences: eventsOf((kind) => kind === 'sequence'),
      hardNegatives: eventsOf((kind) => kind !== 'sequence'),
      errorsByKind: figures.errorsByKind,
    },
    tone: figures.tone,
    parity: {
      rows: parity,
      accuracy: spreadOf(parity, ({ accuracy }) => accuracy),
      rocAuc: spreadOf(parity, ({ rocAuc }) => rocAuc),
      logLoss: spreadOf(parity, ({ logLoss }) => logLoss),
      precision: spreadOf(parity, ({ precision }) => precision),
      recall: spreadOf(parity, ({ recall }) => recall),
    },
    events: { ...heldOut.metrics, timesRealTime: heldOut.timesRealTime, meanOnsetErrorSec },
    onnxMaxAbsDiff: Math.max(onnxMaxAbsDiff.tone, onnxMaxAbsDiff.sequence),
    onnxMaxAbsDiffByModel: onnxMaxAbsDiff,
    training: { tone: summary(parts.tone.run), sequence: summary(parts.sequence) },
    permutations: parts.permutations,
    bundle: parts.bundle,
    secondsByStage: parts.secondsByStage,
  };
}

function summary({ engine, history, bestEpoch, stoppedBy, resumed }: TrainingRun): TrainingSummary {
  return {
    engine: engine.name,
    why: engine.why,
    epochs: history.length,
    steps: history.reduce((sum, { steps }) => sum + steps, 0),
    bestEpoch,
    stoppedBy,
    resumed,
    seconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}
