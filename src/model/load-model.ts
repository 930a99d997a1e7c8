/** Models that tfjs saved: `model.json` with its weights beside it. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ModelError, mustBe } from '../errors.js';
import { type LayersModel, loadTf } from './tf.js';

interface StoredModel {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly WeightEntry[] }[];
}

interface WeightEntry {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32' | 'bool' | 'string' | 'complex64';
}

/**
 * Reads a layers model. tfjs in plain Node.js reads no files, so topology and weights are handed to it.
 *
 * @param path the `model.json`; its weight files are named relative to it
 * @throws ModelError `ERR_MODEL_FILE` for a file that cannot be read or is no layers model, `ERR_ENGINE` without tfjs
 */
export async function loadModel(path: string): Promise<LayersModel> {
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
