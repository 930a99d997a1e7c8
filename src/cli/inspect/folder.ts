import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { FeatureDataset } from '../../dataset/index.js';
import { graphToOnnx } from '../../onnx/index.js';
import { formatBytes, formatFigure } from '../format.js';
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

/** A CSV table: columns `0 … n−1` and `response`. */
export async function inspectTable(path: string): Promise<Inspection> {
  const data = await FeatureDataset.from({ table: path });
  const responses: Record<string, number> = {};
  for (const { label } of data.items()) responses[String(label)] = (responses[String(label)] ?? 0) + 1;
  const { size: bytes } = await stat(path);
  const kinds = Object.keys(responses).length;
  return {
    kind: 'table',
    value: {
      rows: data.nItems,
      width: data.windowing.size,
      responses: kinds <= MANY_RESPONSES ? responses : null,
      bytes,
    },
    facts: {
      rows: `${data.nItems} of ${data.windowing.size} values`,
      responses: kinds <= MANY_RESPONSES ? labelText(responses) : `${kinds} different numbers`,
      size: formatBytes(bytes),
    },
  };
}

/** More different responses than this are numbers to predict, not classes. */
const MANY_RESPONSES = 20;

function labelText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([label, n]) => `${label} ${n}`)
    .join(', ');
}
