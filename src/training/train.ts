/** Training: the same for every engine. */
import { mustBe, ParameterError } from '../errors.js';
import type { LayersModel } from '../model/index.js';
import { Checkpoint, configurationHash, readWeights, writeWeights } from './checkpoint.js';
import { type BatchArrays, ModelPorts, type TrainingData } from './data.js';
import type { Engine } from './engine.js';
import { chooseEngine } from './engines.js';
import { Loop } from './loop.js';
import { type TrainConfig, type TrainOptions, trainConfig } from './options.js';
import { programOf } from './programs.js';
import { requireTermLayers } from './term-layers.js';
import { TfjsProgram } from './tfjs-program.js';
import { TrainingRun } from './training-run.js';

/**
 * Trains a tfjs Layers model in place, in mini-batches drawn in an order that follows from `seed`.
 *
 * A tfjs engine becomes tfjs's active backend and stays it. The model has the trained weights when this ends, and at
 * every best epoch. Between steps the event loop gets its turn, and `signal` bites.
 * The same model, data, options and engine give the same weights, bit for bit.
 *
 * @param model built; of several outputs where the loss names them, of several inputs where the data do
 * @param data windows of `model`'s input, in any shape of the same number of values
 * @throws ModelError `ERR_MODEL` naming both shapes where windows do not fit the model; `ERR_ENGINE` for an engine that
 *   is absent or cannot train it; `ERR_DIVERGED` for a loss that is not a number, weights left as before that step
 * @throws DeviceError `ERR_DEVICE` for a GPU that is not there
 * @throws ParameterError for a wrong option
 * @throws PoolError `ERR_TASK_ABORTED` when `signal` aborts
 */
export async function train(model: LayersModel, data: TrainingData, o: TrainOptions): Promise<TrainingRun> {
  const config = trainConfig(o, data.size);
  requireTermLayers(model, config.terms);
  const ports = new ModelPorts(model, config.target, config.terms);
  const window = ports.batch(await firstWindow(data));
  const engine = await startEngine(model, config, window);
  const parts = o.validation === undefined ? [data] : [data, o.validation];
  const checkpoint =
    o.out === undefined ? null : new Checkpoint(o.out, await configurationHash(model, config, engine.name, parts));
  const shared = { model, started: engine, terms: config.terms, target: config.target, spec: data.spec };
  const finished = (await checkpoint?.finished(model)) ?? null;
  if (finished !== null) return new TrainingRun({ ...shared, ...finished, resumed: true });

  const loop = new Loop({ model, data, o, config, ports, window, engine, checkpoint });
  return new TrainingRun({ ...shared, ...(await loop.run()), engine });
}

/** Tries one window on the engine before anything is trained; the native engine knows without. */
async function startEngine(model: LayersModel, config: TrainConfig, window: BatchArrays): Promise<Engine> {
  const { engine: name, device = 'auto', gpuMemory = null } = config;
  return chooseEngine({ engine: name, device, gpuMemory }, (engine) => {
    const program = programOf(model, config, engine, window);
    if (!(program instanceof TfjsProgram)) return;
    const weights = model.nonTrainableWeights.length > 0 ? readWeights(model) : null; // moving averages move in a probe
    try {
      program.probe(window);
    } finally {
      program.dispose();
      if (weights !== null) writeWeights(model, weights);
    }
  });
}

async function firstWindow(data: TrainingData) {
  for await (const batch of data.batches({ batchSize: 1, shuffle: false })) return batch;
  throw new ParameterError('ERR_SPLIT', mustBe('training data', 'at least one window', data.size));
}
