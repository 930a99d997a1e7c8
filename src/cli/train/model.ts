/** The model of a training job: an architecture of the recipes by name, or a file that tfjs saved. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FeatureDataset } from '../../dataset/index.js';
import { ModelError, mustBe } from '../../errors.js';
import { type LayersModel, loadTf, sequenceLstm, toneCnn } from '../../model/index.js';
import { defined } from './defined.js';
import type { TrainJob } from './job.js';

/** A fresh model whose sizes are the data's where the job does not say them. */
export async function buildModel({ model, seed }: TrainJob, data: FeatureDataset): Promise<LayersModel> {
  if ('path' in model) return loadModel(model.path);
  if (model.name === 'toneCnn') {
    const { name: _, ...options } = defined(model);
    return toneCnn({ bins: data.windowing.size * data.width, seed, ...options });
  }
  const { name: _, ...options } = defined(model);
  return sequenceLstm({ length: data.windowing.size, features: data.width, seed, ...options });
}

interface StoredModel {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly WeightEntry[] }[];
}

interface WeightEntry {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32' | 'bool' | 'string' | 'complex64';
}

/** tfjs in plain Node.js reads no files, so topology and weights are handed to it. @throws ModelError `ERR_MODEL_FILE` */
async function loadModel(path: string): Promise<LayersModel> {
  const stored = await readModel(path);
  const files = stored.weightsManifest.flatMap(({ paths }) => paths);
  const parts = await Promise.all(files.map((file) => readPart(join(dirname(path), file))));
  const weightData = new Uint8Array(Buffer.concat(parts)).buffer;
  const weightSpecs = stored.weightsManifest.flatMap(({ weights }) => [...weights]);
  const { io, loadLayersModel } = loadTf();
  return loadLayersModel(io.fromMemory({ modelTopology: stored.modelTopology, weightSpecs, weightData }));
}

async function readModel(path: string): Promise<StoredModel> {
  const bytes = await readPart(path);
  try {
    const value: StoredModel = JSON.parse(bytes.toString('utf8'));
    if (typeof value.modelTopology === 'object' && Array.isArray(value.weightsManifest)) return value;
  } catch (cause) {
    throw new ModelError('ERR_MODEL_FILE', mustBe(path, 'JSON', cause instanceof Error ? cause.message : cause));
  }
  throw new ModelError('ERR_MODEL_FILE', mustBe(path, 'a layers model saved by tfjs', 'other JSON'));
}

async function readPart(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: Error) => {
    throw new ModelError('ERR_MODEL_FILE', mustBe('model', 'a file that can be read', cause.message), { path });
  });
}
