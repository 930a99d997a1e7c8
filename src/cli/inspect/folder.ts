import { basename, join, resolve } from 'node:path';
import { FeatureDataset } from '../../dataset/index.js';
import { graphToOnnx } from '../../onnx/index.js';
import type { Manifest } from '../../shards/index.js';
import { formatBytes, formatCount, formatDuration, formatFigure } from '../format.js';
import { METRICS_FILE, type RunReport, readOrNull, readRun } from '../train/run-folder.js';
import { inspectBundle } from './model.js';
import type { Inspection } from './report.js';
import { specFacts } from './spec.js';

/** A folder of `extract`. */
export async function inspectFeatures(folder: string, manifest: Manifest): Promise<Inspection> {
  const { version, featureHash, complete, shards } = manifest;
  const bytes = shards.reduce((sum, shard) => sum + (shard.bytes ?? 0), 0);
  const errors = ((await readOrNull(join(folder, 'errors.jsonl'))) ?? '').split('\n').filter(Boolean).length;
  const common = { version, specHash: manifest.specHash, featureHash, complete, shards: shards.length, bytes, errors };
  const state = complete ? 'complete' : 'cut off: extract again to go on';
  if (!complete) {
    return {
      kind: 'features',
      value: { ...common, spec: manifest.spec },
      facts: { state, shards: shards.length, errors },
    };
  }
  const data = await FeatureDataset.open(folder);
  const counts = countsOf(data);
  const { width, frameShape, windowing } = data;
  return {
    kind: 'features',
    value: { ...common, ...counts, windows: data.size, width, frameShape, windowing, spec: manifest.spec },
    facts: {
      state: `${state}, ${formatCount(shards.length, 'shard')}, ${formatBytes(bytes)}`,
      recordings: `${counts.recordings} (${formatDuration(counts.durationSec)})${errors > 0 ? `, ${errors} unreadable` : ''}`,
      frames: `${counts.frames} of [${frameShape.join(', ')}]`,
      windows: `${data.size} of ${windowing.size} frames`,
      classes: labelText(counts.itemLabels),
      intervals: labelText(counts.intervals),
      ...(data.spec === null ? {} : specFacts(data.spec)),
    },
  };
}

function countsOf(data: FeatureDataset) {
  const itemLabels: Record<string, number> = {};
  const intervals: Record<string, number> = {};
  let [recordings, frames, durationSec] = [0, 0, 0];
  for (const item of data.items()) {
    recordings += 1;
    frames += item.nFrames;
    durationSec += item.durationSec ?? 0;
    if (item.label !== undefined) itemLabels[item.label] = (itemLabels[item.label] ?? 0) + 1;
    for (const { label } of item.labels ?? []) intervals[label] = (intervals[label] ?? 0) + 1;
  }
  return { recordings, frames, durationSec, itemLabels, intervals };
}

function labelText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([label, n]) => `${label} ${n}`)
    .join(', ');
}

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
