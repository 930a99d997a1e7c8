/** The models as files, for contestants that build them by themselves: first weights, the batch, how to learn. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSafetensors } from '../../src/files/index.js';
import { batchOf, type TrainingModel } from './models.js';
import { ADAM, CHECK_STEPS, TIMED_LEARNING_RATE } from './rules.js';

/** Writes `<key>.safetensors` for each; `bench/peers/python/training_tasks.py` reads them. */
export function writeTasks(folder: string, models: readonly TrainingModel[]): void {
  for (const model of models) {
    writeFileSync(join(folder, `${model.key}.safetensors`), Buffer.concat(taskFile(model)));
  }
}

function taskFile(model: TrainingModel): Uint8Array[] {
  const { id, batch, inputShape, targetShape, dropout } = model;
  const { x, y } = batchOf(model);
  const weights = model.build().getWeights();
  const { learningRate, beta1, beta2, epsilon } = ADAM;
  const task = {
    ...{ model: id, dropout, check_steps: CHECK_STEPS, timed_learning_rate: TIMED_LEARNING_RATE },
    ...{ learning_rate: learningRate, beta1, beta2, epsilon },
    xShape: [batch, ...inputShape],
    yShape: targetShape === null ? null : [batch, ...targetShape],
    weightShapes: weights.map(({ shape }) => shape),
  };
  const values = weights.map((weight, i): [string, Float32Array] => [
    `weight ${i}`,
    Float32Array.from(weight.dataSync()),
  ]);
  return encodeSafetensors({
    tensors: { x, ...(targetShape === null ? {} : { y }), ...Object.fromEntries(values) },
    metadata: { task: JSON.stringify(task) },
  });
}
