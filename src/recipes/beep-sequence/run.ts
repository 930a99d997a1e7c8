/** Seed 0, whole: corpus → spectra → tone model → tone values → sequence model → bundle → alerts on unseen recordings. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeatureDataset } from '../../dataset/index.js';
import { Detector, ModelSession } from '../../inference/index.js';
import { exportOnnx, saveBundle, type TrainingRun } from '../../training/index.js';
import { makeDefaultCorpus } from './default-corpus.js';
import { detectHeldOut } from './held-out.js';
import { type BeepSequenceConfig, type BeepSequenceOptions, beepSequenceConfig } from './options.js';
import { parityRuns } from './parity.js';
import { permutationTest } from './permutations.js';
import { pipelineSpec, SEQUENCE_MODEL, spectraSpec, TONE_MODEL } from './pipeline-spec.js';
import { type BeepCorpus, openCorpus, partOf, requireParts } from './recordings.js';
import { writeBeepReport } from './report.js';
import { type BeepSequenceReport, makeReport } from './results.js';
import {
  errorsByKind,
  scoreSequences,
  sequenceData,
  sequenceMetrics,
  sequenceThreshold,
  trainSequence,
} from './sequence.js';
import { Stopwatch } from './stopwatch.js';
import { extractSpectra, labelSpectra, toneFigures, toneThreshold, trainTone, watched } from './tone.js';
import { toneTracks } from './tone-values.js';

/** Folder of the run where the deployable bundle lies. */
export const BUNDLE = 'bundle';

/**
 * Runs the recipe and writes `bundle/`, `metrics.json` and `report.html` to `out`.
 *
 * @throws CochleaError of the part that failed; what was finished is kept, and the same call resumes
 */
export async function runBeepSequence(o: BeepSequenceOptions = {}): Promise<BeepSequenceReport> {
  const config = beepSequenceConfig(o);
  const watch = new Stopwatch();
  await mkdir(config.out, { recursive: true });

  const corpus = await watch.time('corpus', () => corpusOf(config));
  const spectra = await watch.time('spectra', () => extractSpectra(corpus, config));

  const parts = labelSpectra(spectra, corpus);
  const tone = await watch.time('train tone', () => trainTone(parts, config));
  const toneSpec = spectraSpec(tone.normalize);
  const toneOnnx = exportOnnx(tone.run.model, { spec: toneSpec });
  const tracks = await watch.time('tone values', () =>
    toneTracks(spectra, corpus, toneSpec, toneOnnx, watched(config)),
  );
  const tracksOf = (part: string) => tracks.filter(({ recording }) => recording.part === part);

  const valueThreshold = toneThreshold(tracksOf('validation'));
  const data = await sequenceData(tracks);
  const sequence = await watch.time('train sequence', () => trainSequence(data, config));
  const threshold = sequenceThreshold(await scoreSequences(sequence, data.validation));
  const test = await scoreSequences(sequence, data.test);

  // The seed trained its tone model on everything; these rows at least come from recordings it has not seen.
  const unseen = [...tracksOf('validation'), ...tracksOf('test')];
  const parity = await watch.time('parity', () => parityRuns(unseen, config));

  const spec = pipelineSpec({
    normalize: tone.normalize,
    toneThreshold: valueThreshold,
    threshold: threshold.threshold,
    chosenBy: `${threshold.rule}, validation`,
  });
  const sequenceOnnx = exportOnnx(sequence.model, { spec });
  const onnxMaxAbsDiff = await watch.time('onnx parity', async () => ({
    tone: await largestDifference(tone.run, parts.test.withSpec(toneSpec), TONE_MODEL, toneOnnx),
    sequence: await largestDifference(sequence, data.test, SEQUENCE_MODEL, sequenceOnnx),
  }));

  const figures = {
    tone: toneFigures(tracksOf('test'), valueThreshold),
    sequence: sequenceMetrics(test, threshold.threshold),
    errorsByKind: errorsByKind(data.test, test, threshold.threshold),
  };
  const bundle = join(config.out, BUNDLE);
  await saveBundle(bundle, {
    spec,
    models: { [TONE_MODEL]: tone.run, [SEQUENCE_MODEL]: sequence },
    card: { metrics: figures.sequence, licences: corpus.packages.map(({ name, licence }) => `${name}: ${licence}`) },
  });
  await using detector = await Detector.load(bundle);
  const heldOut = await watch.time('held-out', () => detectHeldOut(detector, partOf(corpus, 'held-out'), config));

  const permutations = config.permuteLabels
    ? await watch.time('permutations', () => permutationTest(spectra, corpus, config))
    : null;

  const found = {
    config,
    corpus,
    tone,
    sequence,
    data,
    test,
    threshold,
    parity,
    onnxMaxAbsDiff,
    heldOut,
    figures,
    bundle,
    permutations,
    secondsByStage: watch.seconds,
  };
  const report = makeReport(found);
  await writeFile(join(config.out, 'metrics.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeBeepReport(join(config.out, 'report.html'), found, report);
  return report;
}

async function corpusOf(config: BeepSequenceConfig): Promise<BeepCorpus> {
  if (config.data !== null) return requireParts(await openCorpus(config.data));
  const { seed, size, workers } = config;
  const { out, checksums } = await makeDefaultCorpus({
    seed,
    ...(size !== undefined && { size }),
    ...(workers !== undefined && { workers }),
    ...watched(config),
  });
  return { ...(await openCorpus(out)), checksums };
}

/** Between the trained model and the exported one, over every window of a data set. */
async function largestDifference(
  run: TrainingRun,
  data: FeatureDataset,
  name: string,
  onnx: Uint8Array,
): Promise<number> {
  const expected = await run.predict(data);
  const session = await ModelSession.load(onnx, name);
  let largest = 0;
  let at = 0;
  try {
    for await (const { x, xShape } of data.batches({ batchSize: 512, shuffle: false })) {
      const n = xShape[0] ?? 0;
      const scores = new Float32Array(n * session.outputSize);
      await session.run(x, n, scores);
      for (const score of scores) largest = Math.max(largest, Math.abs(score - expected[at++]!));
    }
  } finally {
    await session.release();
  }
  return largest;
}
