/** A training job, from its data to its folder. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeatureDataset } from '../../dataset/index.js';
import { mustBe, ParameterError } from '../../errors.js';
import { chooseThreshold, type Metrics } from '../../evaluation/index.js';
import { replaceFile } from '../../files/index.js';
import { countParameters, graphToJson } from '../../graph/index.js';
import { modelToGraph } from '../../model/index.js';
import { libraryVersion } from '../../packages.js';
import { defineSpec, modelNames, type Spec } from '../../spec/index.js';
import { type Callback, type TrainingRun, type TrainOptions, train } from '../../training/index.js';
import type { LongWork } from '../../types.js';
import { type JobData, openData } from './data.js';
import { defined } from './defined.js';
import type { TrainJob } from './job.js';
import { buildModel } from './model.js';
import { GRAPH_FILE, METRICS_FILE, RUN_FILE, type RunMetrics, type RunReport, SPEC_FILE } from './run-folder.js';

const DEFAULT_THRESHOLD = 0.5;
const CHOSEN_BY = { number: 'job', f1: 'f1, validation', default: 'default' } as const;
/** Name of a model that the spec does not name. */
const MODEL_FILE = 'model.onnx';
/** The class that a table's response 1 stands for, where nobody named it. */
const UNNAMED_POSITIVE = 'response';

/**
 * Trains and writes `history.json`, `weights.bin`, `graph.json`, `metrics.json`, `run.json` and, where the data have one,
 * `spec.json`. A finished run of the same job found there is not redone.
 */
export async function runJob(job: TrainJob, out: string, work: LongWork): Promise<RunReport> {
  const data = await openData(job);
  const model = await buildModel(job, data.train);
  const run = await train(model, data.train, { ...trainOptions(job, data), out, ...work });
  const metrics = await judge(run, job, data);
  const spec = data.spec === null ? null : specToServe(data.spec, metrics, job);
  const graph = modelToGraph(model);
  const report: RunReport = {
    cochlea: 1,
    kind: 'train',
    version: libraryVersion(),
    out,
    job,
    windows: { train: data.train.size, validation: data.validation?.size ?? 0, test: data.test?.size ?? 0 },
    parameters: countParameters(graph),
    engine: run.engine,
    resumed: run.resumed,
    stoppedBy: run.stoppedBy,
    bestEpoch: run.bestEpoch,
    history: run.history,
    metrics,
    spec: spec?.hash ?? null,
  };
  await mkdir(out, { recursive: true });
  await replaceFile(join(out, GRAPH_FILE), graphToJson(graph));
  if (spec !== null) await replaceFile(join(out, SPEC_FILE), json(spec));
  await replaceFile(join(out, METRICS_FILE), json(metrics));
  await replaceFile(join(out, RUN_FILE), json(report));
  return report;
}

function trainOptions(job: TrainJob, { validation }: JobData): TrainOptions {
  const { epochs, steps, batchSize, balance, epochWindows, classWeight, maxSeconds, threads } = job;
  const { optimizer, engine, device, gpuMemory, seed, target } = job;
  return {
    target: target === 'input' ? 'input' : 'label',
    loss: lossOf(job),
    optimizer: typeof optimizer === 'string' ? optimizer : { ...defined(optimizer), name: optimizer.name },
    ...defined({ epochs, steps, batchSize, balance, epochWindows, classWeight, maxSeconds, threads }),
    ...(device !== undefined && { device }),
    ...(gpuMemory !== undefined && { gpuMemory: defined(gpuMemory) }),
    ...(validation !== null && { validation }),
    callbacks: callbacks(job),
    engine,
    seed,
  };
}

function callbacks({ earlyStopping, reduceLROnPlateau }: TrainJob): Callback[] {
  return [
    ...(earlyStopping === undefined ? [] : [{ kind: 'earlyStopping', ...defined(earlyStopping) } as const]),
    ...(reduceLROnPlateau === undefined ? [] : [{ kind: 'reduceLROnPlateau', ...defined(reduceLROnPlateau) } as const]),
  ];
}

function lossOf({ loss, target }: TrainJob): NonNullable<TrainJob['loss']> {
  return loss ?? (target === 'input' ? 'meanSquaredError' : 'binaryCrossentropy');
}

/** Figures of the positive class on the parts that training did not see; a threshold comes from validation. */
async function judge(run: TrainingRun, job: TrainJob, { validation, test, spec }: JobData): Promise<RunMetrics> {
  const positive = positiveOf(job, spec);
  const hasClasses = job.target !== 'input' && lossOf(job).endsWith('rossentropy') && positive !== null;
  const threshold = await thresholdOf(run, job, validation, positive ?? UNNAMED_POSITIVE);
  const labels = spec !== null && spec.labels.length > 0 ? { labels: spec.labels } : {};
  const figures = async (part: FeatureDataset | null): Promise<Metrics | null> => {
    if (part === null || !hasClasses) return null;
    return run.evaluate(part, { positive, threshold, ...(severalOutputs(run) && labels) });
  };
  return {
    validation: await figures(validation),
    test: await figures(test),
    threshold,
    thresholdChosenBy: CHOSEN_BY[typeof job.threshold === 'number' ? 'number' : (job.threshold ?? 'default')],
  };
}

/** Null where several classes are learnt and nobody named one of them. */
function positiveOf({ positive, target, loss }: TrainJob, spec: Spec | null): string | null {
  const named = positive ?? spec?.positive ?? (typeof target === 'object' ? target.label : null);
  return named ?? (loss === undefined || loss === 'binaryCrossentropy' ? UNNAMED_POSITIVE : null);
}

async function thresholdOf(
  run: TrainingRun,
  { threshold }: TrainJob,
  validation: FeatureDataset | null,
  positive: string,
): Promise<number> {
  if (threshold !== 'f1') return threshold ?? DEFAULT_THRESHOLD;
  if (validation === null || severalOutputs(run)) {
    const expected = 'a number, as f1 needs a validation part and a model with one output';
    throw new ParameterError('ERR_CONFIG', mustBe('threshold', expected, threshold));
  }
  const truth = Uint8Array.from(validation.targets().filter((target) => !Number.isNaN(target)));
  return chooseThreshold(await run.predict(validation), truth, { rule: 'f1', positive }).threshold;
}

function severalOutputs({ model }: TrainingRun): boolean {
  return model.outputs[0]?.shape.at(-1) !== 1;
}

/**
 * The spec that the model serves with: its file named and, where the job says a threshold, that one. In a chain of several
 * models both are the chain's own business.
 */
function specToServe(spec: Spec, { threshold, thresholdChosenBy }: RunMetrics, job: TrainJob): Spec {
  const names = modelNames(spec);
  if (names.length > 1) return spec;
  const only = spec.stages.findLastIndex((stage) => 'windowing' in stage);
  const stages = spec.stages.map((stage, i) =>
    names.length === 0 && i === only ? { ...stage, model: MODEL_FILE } : stage,
  );
  const chosen = { threshold, chosenBy: thresholdChosenBy };
  const decision = job.threshold === undefined ? spec.decision : { ...spec.decision, ...chosen };
  return defineSpec({ ...spec.toJSON(), stages, decision });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
