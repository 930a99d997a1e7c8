import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadModel } from '../../src/model/index.js';

let folder = '';
beforeAll(async () => {
  await tf.setBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'cochlea-model-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** As tfjs-node does it: a manifest, and the weights in one file. */
async function save(model: tf.LayersModel, name: string): Promise<string> {
  const path = join(folder, `${name}.json`);
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      if (!(weightData instanceof ArrayBuffer)) throw new Error('expected one buffer of weights');
      const weightsManifest = [{ paths: [`${name}.bin`], weights: weightSpecs }];
      await writeFile(path, JSON.stringify({ modelTopology, weightsManifest }));
      await writeFile(join(folder, `${name}.bin`), new Uint8Array(weightData));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  return path;
}

function outputOf(model: tf.LayersModel): number[] {
  const y = model.predict(tf.tensor2d([[1, -2, 3]]));
  if (Array.isArray(y)) throw new Error('expected one output');
  return [...y.dataSync()];
}

const dense = () => tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], activation: 'sigmoid' })] });

it('gives the model that was saved', async () => {
  const saved = dense();
  const model = await loadModel(await save(saved, 'model'));
  expect(outputOf(model)).toHaveLength(2);
  expect(outputOf(model)).toEqual(outputOf(saved));
});

it('says which file is missing, or what is wrong with it', async () => {
  const absent = join(folder, 'absent.json');
  await expect(loadModel(absent)).rejects.toMatchObject({ code: 'ERR_MODEL_FILE', details: { path: absent } });
  const path = await save(dense(), 'damaged');
  await rm(join(folder, 'damaged.bin'));
  await expect(loadModel(path)).rejects.toThrow('damaged.bin');
  await writeFile(path, '{"weights": []}');
  await expect(loadModel(path)).rejects.toThrow('must be a layers model saved by tfjs, got "other JSON"');
  await writeFile(path, '{');
  await expect(loadModel(path)).rejects.toMatchObject({
    code: 'ERR_MODEL_FILE',
    message: expect.stringContaining('must be JSON'),
  });
});
