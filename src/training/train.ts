/** The training loop: the same for every engine. */
import { performance } from 'node:perf_hooks';
import { mustBe, ParameterError } from '../errors.js';
import type { LayersModel } from '../model/index.js';
import type { EarlyStopping, EpochRecord } from './callbacks.js';
import { Checkpoint, configurationHash, readWeights, type StoppedBy, writeWeights } from './checkpoint.js';
import { type BatchArrays, ModelPorts, type TrainingData } from './data.js';
import { BestEpoch } from './early-stopping.js';
import { chooseEngine, type Engine } from './engines.js';
import { LearningRate } from './learning-rate.js';
import { type TrainConfig, type TrainOptions, trainConfig } from './options.js';
import { Plateau } from './plateau.js';
import type { Program } from './program.js';
import { programOf } from './programs.js';
import { ProgressMeter } from './progress-meter.js';
import { TfjsProgram } from './tfjs-program.js';
import { TrainingRun } from './training-run.js';
import { turn } from './turn.js';

/** Windows a judged batch; validation does not depend on it beyond float rounding. */
const VALIDATION_BATCH = 512;

/**
 * Trains a tfjs Layers model in place, in mini-batches drawn in an order that follows from `seed`.
 *
 * A tfjs engine becomes tfjs's active backend and stays it. The model has the trained weights when this ends, and at
 * every best epoch. Between steps the event loop gets its turn, and `signal` bites.
 * The same model, data, options and engine give the same weights, bit for bit.
 *
 * @param model built; one input and one output
 * @param data windows of `model`'s input, in any shape of the same number of values
 * @throws ModelError `ERR_MODEL` naming both shapes where windows do not fit the model; `ERR_ENGINE` for an engine that
 *   is absent or cannot train it; `ERR_DIVERGED` for a loss that is not a number, weights left as before that step
 * @throws ParameterError for a wrong option
 * @throws PoolError `ERR_TASK_ABORTED` when `signal` aborts
 */
export async function train(model: LayersModel, data: TrainingData, o: TrainOptions): Promise<TrainingRun> {
  const config = trainConfig(o, data.size);
  const ports = new ModelPorts(model, config.target, config.loss.sparse);
  const window = ports.batch(await firstWindow(data));
  const engine = await startEngine(model, config, window);
  const parts = o.validation === undefined ? [data] : [data, o.validation];
  const checkpoint =
    o.out === undefined ? null : new Checkpoint(o.out, await configurationHash(model, config, engine.name, parts));
  const shared = { model, started: engine, loss: config.loss, target: config.target, spec: data.spec };
  const finished = (await checkpoint?.finished(model)) ?? null;
  if (finished !== null) return new TrainingRun({ ...shared, ...finished, resumed: true });

  const loop = new Loop({ model, data, o, config, ports, window, engine, checkpoint });
  return new TrainingRun({ ...shared, ...(await loop.run()), engine, resumed: false });
}

/** Tries one window on the engine before anything is trained; the native engine knows without. */
async function startEngine(model: LayersModel, config: TrainConfig, window: BatchArrays): Promise<Engine> {
  return chooseEngine(config.engine, (engine) => {
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

interface LoopParts {
  readonly model: LayersModel;
  readonly data: TrainingData;
  readonly o: TrainOptions;
  readonly config: TrainConfig;
  readonly ports: ModelPorts;
  /** Any, for its shape. */
  readonly window: BatchArrays;
  readonly engine: Engine;
  readonly checkpoint: Checkpoint | null;
}

class Loop {
  readonly #parts: LoopParts;
  readonly #stopping: EarlyStopping | null;
  readonly #best: BestEpoch;
  readonly #plateaus: readonly Plateau[];
  readonly #meter: ProgressMeter;
  readonly #rate: LearningRate;
  readonly #startedAt = performance.now();
  readonly #history: EpochRecord[] = [];
  #bestWeights: Float32Array[] | null = null;
  #stepsDone = 0;

  constructor(parts: LoopParts) {
    const { config, data, o, model } = parts;
    this.#parts = parts;
    this.#rate = new LearningRate(config.optimizer.learningRate ?? 0);
    this.#stopping = config.callbacks.find((callback) => callback.kind === 'earlyStopping') ?? null;
    this.#best = new BestEpoch(this.#stopping ?? {});
    this.#plateaus = config.callbacks
      .filter((callback) => callback.kind === 'reduceLROnPlateau')
      .map((callback) => new Plateau(callback));
    const most = config.balance === 'none' ? data.size : Number.POSITIVE_INFINITY;
    const perEpoch = Math.ceil(Math.min(config.epochWindows ?? data.size, most) / config.batchSize);
    this.#meter = new ProgressMeter(model.name, Math.min(config.steps, config.epochs * perEpoch), o.onProgress);
  }

  async run() {
    const { model, config, engine, window, checkpoint } = this.#parts;
    const program = programOf(model, config, engine, window);
    let stoppedBy: StoppedBy | null = null;
    try {
      while (stoppedBy === null) stoppedBy = await this.#epoch(program);
    } finally {
      // Also of a run that fails or is aborted: the model has the weights of the last step that was done.
      program.writeBack();
      program.dispose();
    }
    if (this.#bestWeights !== null && this.#restoresBest()) writeWeights(model, this.#bestWeights);
    const outcome = { bestEpoch: this.#best.epoch, history: this.#history };
    await checkpoint?.save(readWeights(model), { ...outcome, engine }, stoppedBy);
    return { ...outcome, stoppedBy };
  }

  /** @returns why training ends after this epoch, or null */
  async #epoch(program: Program): Promise<StoppedBy | null> {
    const { config, o } = this.#parts;
    const epoch = this.#history.length + 1;
    const startedAt = performance.now();
    const trained = await this.#trainEpoch(epoch, program);
    const validation = o.validation === undefined ? null : await this.#validate(o.validation, program);
    const record: EpochRecord = {
      epoch,
      steps: trained.steps,
      loss: trained.loss,
      ...(Number.isNaN(trained.accuracy) ? {} : { accuracy: trained.accuracy }),
      ...(validation === null ? {} : { valLoss: validation.loss }),
      ...(validation === null || Number.isNaN(validation.accuracy) ? {} : { valAccuracy: validation.accuracy }),
      learningRate: this.#rate.current,
      seconds: (performance.now() - startedAt) / 1000,
    };
    await this.#close(record, program);
    for (const plateau of this.#plateaus) this.#rate.set(plateau.next(record, this.#rate.current));
    if (this.#stepsDone >= config.steps) return 'steps';
    if (epoch >= config.epochs) return 'epochs';
    if (this.#isOutOfTime()) return 'maxSeconds';
    if (this.#stopping !== null && this.#best.waited >= (this.#stopping.patience ?? 1)) return 'earlyStopping';
    return null;
  }

  async #trainEpoch(epoch: number, program: Program) {
    const { data, o, config, ports } = this.#parts;
    const { batchSize, balance, epochWindows, seed } = config;
    const mean = new RunningMean();
    const order = { balance, epochWindows, shuffle: true, seed, firstEpoch: epoch - 1 };
    for await (const batch of data.batches({ batchSize, ...order })) {
      await turn(o.signal, 'training');
      const arrays = ports.batch(batch);
      mean.add(arrays.n, program.train(arrays, this.#rate.next()));
      this.#stepsDone += 1;
      this.#meter.step(epoch, this.#stepsDone, mean.loss);
      if (this.#stepsDone >= config.steps || this.#isOutOfTime()) break;
    }
    if (mean.steps === 0) throw new ParameterError('ERR_SPLIT', mustBe('training data', 'at least one batch', 0));
    return mean;
  }

  async #validate(data: TrainingData, program: Program) {
    const { o, ports } = this.#parts;
    const mean = new RunningMean();
    for await (const batch of data.batches({ batchSize: VALIDATION_BATCH, shuffle: false })) {
      await turn(o.signal, 'training');
      const arrays = ports.batch(batch);
      mean.add(arrays.n, program.judge(arrays));
    }
    if (mean.steps === 0) throw new ParameterError('ERR_SPLIT', mustBe('validation data', 'at least one batch', 0));
    return mean;
  }

  async #close(record: EpochRecord, program: Program): Promise<void> {
    const { model, config, engine, checkpoint } = this.#parts;
    this.#history.push(record);
    this.#meter.epoch(record, this.#stepsDone);
    if (this.#best.see(record) && (this.#restoresBest() || checkpoint !== null)) {
      program.writeBack();
      this.#bestWeights = readWeights(model);
      const soFar = { bestEpoch: this.#best.epoch, history: this.#history, engine };
      await checkpoint?.save(this.#bestWeights, soFar, null);
    }
    for (const callback of config.callbacks) if (callback.kind === 'epochEnd') await callback.run(record);
  }

  #restoresBest(): boolean {
    return this.#stopping !== null && this.#stopping.restoreBest !== false;
  }

  #isOutOfTime(): boolean {
    return performance.now() - this.#startedAt >= this.#parts.config.maxSeconds * 1000;
  }
}

/** Means over samples, of batches that may differ in size. */
class RunningMean {
  steps = 0;
  #n = 0;
  #loss = 0;
  #correct = 0;

  add(n: number, result: { loss: number; accuracy: number }): void {
    this.steps += 1;
    this.#n += n;
    this.#loss += n * result.loss;
    this.#correct += n * result.accuracy;
  }

  get loss(): number {
    return this.#loss / this.#n;
  }

  get accuracy(): number {
    return this.#correct / this.#n;
  }
}
