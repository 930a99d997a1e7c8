/**
 * A check that nothing leaks: both models once more, from labels to the AUC on the test part, with the training labels
 * shuffled. There is nothing to learn then, so what a model still knows of the test part came to it another way.
 * Permutation tests for classifier performance: Ojala and Garriga 2010, their test 1.
 */
import type { FeatureDataset } from '../../dataset/index.js';
import { evaluate } from '../../evaluation/index.js';
import { exportOnnx } from '../../training/index.js';
import type { BeepSequenceConfig } from './options.js';
import { SEQUENCE_LABEL, spectraSpec, TONE_LABEL } from './pipeline-spec.js';
import type { BeepCorpus } from './recordings.js';
import { type Scored, scoreSequences, sequenceData, trainSequenceSteps } from './sequence.js';
import { asTheyAre, type Relabel, shuffledTargets } from './shuffle-targets.js';
import { labelSpectra, scoredTones, trainTone } from './tone.js';
import { toneTracks } from './tone-values.js';

/** Steps each model is trained for: few, but on true labels they bring both AUCs above .9 (`unpermuted`). */
const STEPS = { tone: 16, sequence: 30 } as const;

export interface PermutationFigures {
  /** AUC on the test part, one for each permutation. */
  readonly rocAucs: readonly number[];
  /** .5 where nothing leaks. */
  readonly mean: number;
  /** Of the mean. */
  readonly standardError: number;
  /** AUC of the same model after as many steps on true labels: what a leak would look like. */
  readonly unpermuted: number;
  /** (1 + how many permutations reach that) / (1 + permutations). */
  readonly pValue: number;
}

export interface PermutationTest {
  readonly permutations: number;
  readonly steps: { readonly tone: number; readonly sequence: number };
  readonly tone: PermutationFigures;
  readonly sequence: PermutationFigures;
}

/**
 * The mean over many permutations is what says something. One model that learnt nothing scores all positives, which are
 * near-twins, much the same: they rank together, anywhere from first to last, and its AUC is anything from 0 to 1.
 *
 * @param spectra of all recordings but the held-out ones
 */
export async function permutationTest(
  spectra: FeatureDataset,
  corpus: BeepCorpus,
  config: BeepSequenceConfig,
): Promise<PermutationTest> {
  const { permutations, seed, onProgress } = config;
  const unpermuted = await testAucs(spectra, corpus, asTheyAre, config);
  const permuted: Aucs[] = [];
  for (let i = 0; i < permutations; i++) {
    const other = { ...config, seed: seed + i };
    permuted.push(await testAucs(spectra, corpus, shuffledTargets(other.seed), other));
    onProgress?.({ stage: 'permutations', done: permuted.length, total: permutations });
  }
  const figuresOf = (model: keyof Aucs) => {
    return permutationFigures(
      permuted.map((aucs) => aucs[model]),
      unpermuted[model],
    );
  };
  return { permutations, steps: STEPS, tone: figuresOf('tone'), sequence: figuresOf('sequence') };
}

interface Aucs {
  readonly tone: number;
  readonly sequence: number;
}

/** The recipe from labels to the test part, in a few steps. */
async function testAucs(
  spectra: FeatureDataset,
  corpus: BeepCorpus,
  relabel: Relabel,
  { onProgress: _, ...config }: BeepSequenceConfig,
): Promise<Aucs> {
  const { run, normalize } = await trainTone(labelSpectra(spectra, corpus, relabel), config, STEPS.tone);
  const spec = spectraSpec(normalize);
  const tracks = await toneTracks(spectra, corpus, spec, exportOnnx(run.model, { spec }), config);
  const data = await sequenceData(tracks, relabel);
  const sequence = await trainSequenceSteps(data, config, STEPS.sequence);
  const test = await scoreSequences(sequence, data.test);
  for (const { model } of [run, sequence]) model.dispose();
  return {
    tone: rocAuc(scoredTones(tracks.filter(({ recording }) => recording.part === 'test')), TONE_LABEL),
    sequence: rocAuc(test, SEQUENCE_LABEL),
  };
}

/** Not a number where the test part has one class only. */
function rocAuc({ scores, truth }: Scored, positive: string): number {
  return evaluate(scores, truth, { positive }).rocAuc ?? Number.NaN;
}

export function permutationFigures(rocAucs: readonly number[], unpermuted: number): PermutationFigures {
  const n = rocAucs.length;
  const mean = rocAucs.reduce((sum, auc) => sum + auc, 0) / n;
  const variance = rocAucs.reduce((sum, auc) => sum + (auc - mean) ** 2, 0) / (n - 1);
  const reached = rocAucs.filter((auc) => auc >= unpermuted).length;
  return { rocAucs, mean, standardError: Math.sqrt(variance / n), unpermuted, pValue: (1 + reached) / (1 + n) };
}
