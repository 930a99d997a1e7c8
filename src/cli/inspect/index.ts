/** Finds out what something is, and asks whoever knows about it. */
import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { mustBe, ParameterError } from '../../errors.js';
import { statOrNull } from '../../files/index.js';
import { readManifest } from '../../shards/index.js';
import { parseSpec } from '../../spec/index.js';
import { isTablePath } from '../../tables/index.js';
import { readYaml } from '../config-file.js';
import { findRecordings } from '../evaluate/find-recordings.js';
import { readReport } from '../train/run-folder.js';
import { inspectFeatures } from './features.js';
import { inspectRecipeRun, inspectTraining } from './folder.js';
import { inspectBundle, inspectModel } from './model.js';
import { writePictures, writePlots } from './plot-files.js';
import { inspectRecording } from './recording.js';
import type { Inspection } from './report.js';
import { inspectSpec } from './spec.js';
import { inspectTable } from './table.js';

export type { Inspection } from './report.js';

export interface InspectOptions {
  /**
   * Draws each model as an SVG: a file for one model, a folder for several, `true` for `<model>.svg` in the working
   * directory. Of features it draws charts and a recording, into a folder; `true` is `<features>-plots`.
   */
  readonly plot?: string | true;
}

/**
 * @throws CochleaError of whoever cannot read it; ParameterError `ERR_OPTION` where there is nothing, or nothing to draw;
 *   ModelError `ERR_MODEL_FILE` for a model that cannot be drawn
 */
export async function inspect(path: string, o: InspectOptions = {}): Promise<Inspection> {
  const inspection = await inspectPath(path);
  if (o.plot === undefined) return inspection;
  const { value, facts, models, pictures } = inspection;
  if (models === undefined && pictures === undefined) {
    const expected = 'for what holds a model, or a complete folder of features';
    throw new ParameterError('ERR_OPTION', mustBe('--plot', expected, `${path} (${inspection.kind})`));
  }
  const plots = models
    ? await writePlots(await models(), o.plot)
    : await writePictures(await pictures!(), path, o.plot);
  return { ...inspection, value: { ...value, plots }, facts: { ...facts, plot: plots.join(', ') } };
}

async function inspectPath(path: string): Promise<Inspection> {
  const info = await statOrNull(path);
  if (info === null) {
    throw new ParameterError('ERR_OPTION', mustBe('what to inspect', 'a file or folder that exists', path));
  }
  return info.isDirectory() ? inspectFolder(path) : inspectFile(path);
}

function inspectFile(path: string): Promise<Inspection> {
  if (isTablePath(path)) return inspectTable(path);
  switch (extname(path).toLowerCase()) {
    case '.onnx':
      return inspectModel(path);
    case '.json':
    case '.yaml':
    case '.yml':
      return readYaml(path, 'spec').then((value) => inspectSpec(parseSpec(value)));
    default:
      return inspectRecording(path);
  }
}

async function inspectFolder(folder: string): Promise<Inspection> {
  const manifest = await readManifest(folder);
  if (manifest !== null) return inspectFeatures(folder, manifest);
  const report = await readReport(folder);
  if (report !== null) return inspectTraining(folder, report);
  if (existsSync(join(folder, 'bundle', 'spec.json'))) return inspectRecipeRun(folder);
  if (existsSync(join(folder, 'spec.json'))) return inspectBundle(folder);
  return inspectCorpus(folder);
}

function noneFound(thrown: unknown): string[] {
  if (thrown instanceof ParameterError && thrown.code === 'ERR_CORPUS') return [];
  throw thrown;
}

async function inspectCorpus(folder: string): Promise<Inspection> {
  const paths = await findRecordings(folder).catch(noneFound);
  if (paths.length === 0) {
    const expected = 'a recording, feature folder, run, bundle, .onnx, spec, table or folder of recordings';
    throw new ParameterError('ERR_OPTION', mustBe('what to inspect', expected, folder));
  }
  const byFormat: Record<string, number> = {};
  for (const path of paths) byFormat[extname(path).slice(1)] = (byFormat[extname(path).slice(1)] ?? 0) + 1;
  const formats = Object.entries(byFormat).map(([format, n]) => `${n} ${format}`);
  return {
    kind: 'recordings',
    value: { recordings: paths.length, byFormat },
    facts: { recordings: `${paths.length} (${formats.join(', ')})` },
  };
}
