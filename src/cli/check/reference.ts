/** What a model is compared with: a tfjs model, a training run, or another file. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readBundle } from '../../bundle/index.js';
import { ModelError, mustBe, ParameterError } from '../../errors.js';
import { statOrNull } from '../../files/index.js';
import type { Predict } from '../../inference/index.js';
import { loadModel, setGraphWeights } from '../../model/index.js';
import { predictor } from '../../training/index.js';
import { quietTf } from '../quiet-tf.js';
import { buildModel } from '../train/model.js';
import { readRun, type StoredRun } from '../train/run-folder.js';

/** By the name of the model that is checked. */
export type Reference = (name: string) => Uint8Array | Predict;

const MODEL_JSON = 'model.json';

/**
 * @param path an `.onnx`; a bundle, each of whose models stands for the one of its name; a `model.json` of tfjs or its
 *   folder; or a folder of `cochlea train`
 * @param names of the models that are checked
 * @throws ParameterError `ERR_OPTION` for anything else; ModelError as their readers
 */
export async function openReference(path: string, names: readonly string[]): Promise<Reference> {
  const info = await statOrNull(path);
  if (info?.isFile() && path.endsWith('.onnx')) return only(names, path, await readFile(path));
  if (info?.isFile() && basename(path) === MODEL_JSON) return only(names, path, await tfjsModel(path));
  if (info?.isDirectory()) {
    if (await statOrNull(join(path, MODEL_JSON))) return only(names, path, await tfjsModel(join(path, MODEL_JSON)));
    const run = await readRun(path);
    if (run !== null) return only(names, path, await trainedModel(run));
    if (await statOrNull(join(path, 'spec.json'))) return bundleModels(path);
  }
  const expected = 'an .onnx, a bundle, a model.json of tfjs or its folder, or a folder of `cochlea train`';
  throw new ParameterError('ERR_OPTION', mustBe('--against', expected, path));
}

function only(names: readonly string[], path: string, reference: Uint8Array | Predict): Reference {
  if (names.length === 1) return () => reference;
  const expected = `a bundle with ${names.join(', ')}`;
  throw new ParameterError('ERR_OPTION', mustBe('--against', expected, `${path}, one model`));
}

async function bundleModels(path: string): Promise<Reference> {
  const { models } = await readBundle(path);
  return (name) => {
    const bytes = models.get(name) ?? (models.size === 1 ? [...models.values()][0] : undefined);
    if (bytes !== undefined) return bytes;
    throw new ParameterError('ERR_OPTION', mustBe('--against', `a bundle with ${name}`, [...models.keys()].join(', ')));
  };
}

async function tfjsModel(path: string): Promise<Predict> {
  quietTf();
  return predictor(await loadModel(path));
}

/** The tfjs model that was trained, made again, with the weights that the run left. */
async function trainedModel({ report, graph }: StoredRun): Promise<Predict> {
  quietTf();
  const [, size, width = 1] = graph.inputs[0]?.shape ?? [];
  if (typeof size !== 'number' || typeof width !== 'number') {
    throw new ModelError('ERR_MODEL', mustBe('input of the run', 'windows of known size', graph.inputs[0]?.shape));
  }
  const model = await buildModel(report.job, { windowing: { size }, width });
  setGraphWeights(model, graph);
  return predictor(model);
}
