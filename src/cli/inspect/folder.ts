import { basename, join, resolve } from 'node:path';
import { graphToOnnx } from '../../onnx/index.js';
import { formatFigure } from '../format.js';
import { METRICS_FILE, type RunReport, readOrNull, readRun } from '../train/run-folder.js';
import { inspectBundle } from './model.js';
import type { Inspection } from './report.js';

/** A folder of `train`. */
export function inspectTraining(folder: string, report: RunReport): Inspection {
  const { kind, ...rest } = report;
  const { engine, history, bestEpoch, stoppedBy, parameters, windows, metrics, spec, version } = rest;
  const { test, validation } = metrics;
  const judged = test ?? validation;
  return {
    kind: 'run',
    models: () => trainedModel(folder),
    value: { run: kind, ...rest },
    facts: {
      run: `training, cochlea ${version}`,
      engine: engine.name,
      model: 'path' in report.job.model ? report.job.model.path : report.job.model.name,
      parameters,
      windows: `${windows.train} train, ${windows.validation} validation, ${windows.test} test`,
      epochs: `${history.length}, best ${bestEpoch}, stopped by ${stoppedBy}`,
      [test === null ? 'validation' : 'test']:
        judged === null ? null : `accuracy ${formatFigure(judged.accuracy)}, AUC ${formatFigure(judged.rocAuc)}`,
      spec: spec ?? 'none',
    },
  };
}

async function trainedModel(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const run = await readRun(folder);
  return new Map(run === null ? [] : [[`${basename(resolve(folder))}.onnx`, graphToOnnx(run.graph)]]);
}

/** A folder of `run <recipe>`: its metrics, and the bundle in it. */
export async function inspectRecipeRun(folder: string): Promise<Inspection> {
  const bundle = await inspectBundle(join(folder, 'bundle'));
  const text = await readOrNull(join(folder, METRICS_FILE));
  const metrics: unknown = text === null ? null : JSON.parse(text);
  const recipe = typeof metrics === 'object' && metrics !== null && 'recipe' in metrics ? String(metrics.recipe) : null;
  return {
    kind: 'run',
    ...(bundle.models !== undefined && { models: bundle.models }),
    value: { run: 'recipe', recipe, metrics, bundle: bundle.value },
    facts: {
      run: recipe === null ? 'unfinished' : `recipe ${recipe}`,
      bundle: join(folder, 'bundle'),
      ...bundle.facts,
    },
  };
}
