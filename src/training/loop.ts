/** Epochs of a run, from its first step or from where an earlier process left it. */
import { performance } from 'node:perf_hooks';
import { mustBe, ParameterError } from '../errors.js';
import { concatFloats } from '../floats.js';
import type { LayersModel } from '../model/index.js';
import type { EarlyStopping, EpochRecord } from './callbacks.js';
import { type Checkpoint, readWeights, type StoppedBy, splitWeights, writeWeights } from './checkpoint.js';
import type { BatchArrays, ModelPorts, TrainingData } from './data.js';
import { divergence } from './divergence.js';
import { BestEpoch } from './early-stopping.js';
import type { Engine } from './engine.js';
import { LearningRate } from './learning-rate.js';
import { logsOf } from './logs.js';
import type { TrainConfig, TrainOptions } from './options.js';
import { Plateau } from './plateau.js';
import type { Program } from './program.js';
import { programOf } from './programs.js';
import { ProgressMeter } from './progress-meter.js';
import type { RunState } from './run-state.js';
import { RunningMean } from './running-mean.js';
import { turn } from './turn.js';

/** Windows a judged batch; validation does not depend on it beyond float rounding. */
const VALIDATION_BATCH = 512;

export interface LoopParts {
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

/** The epochs of one run: steps, judging, and what happens between them. */
export class Loop {
  readonly #parts: LoopParts;
  readonly #stopping: EarlyStopping | null;
  readonly #best: BestEpoch;
  readonly #plateaus: readonly Plateau[];
  readonly #meter: ProgressMeter;
  readonly #logs: ReturnType<typeof logsOf>;
  readonly #rate: LearningRate;
  readonly #startedAt = performance.now();
  readonly #history: EpochRecord[] = [];
  #bestWeights: Float32Array[] | null = null;
  #stepsDone = 0;
  /** Of the epoch that has begun. */
  #trained = new RunningMean();
  #epochStartedAt = performance.now();
  #savedAt = performance.now();

  constructor(parts: LoopParts) {
    const { config, data, o, model } = parts;
    this.#parts = parts;
    this.#rate = new LearningRate(config.optimizer.learningRate ?? 0);
    this.#stopping = config.callbacks.find((callback) => callback.kind === 'earlyStopping') ?? null;
    this.#best = new BestEpoch(this.#stopping ?? {});
    this.#plateaus = config.callbacks
      .filter((callback) => callback.kind === 'reduceLROnPlateau')
      .map((callback) => new Plateau(callback));
    this.#logs = logsOf(config.callbacks);
    const most = config.balance === 'none' ? data.size : Number.POSITIVE_INFINITY;
    const perEpoch = Math.ceil(Math.min(config.epochWindows ?? data.size, most) / config.batchSize);
    this.#meter = new ProgressMeter(model.name, Math.min(config.steps, config.epochs * perEpoch), o.onProgress);
  }

  async run() {
    const { model, config, engine, window, checkpoint } = this.#parts;
    const program = programOf(model, config, engine, window);
    const state = (await checkpoint?.state()) ?? null;
    let stoppedBy: StoppedBy | null = null;
    try {
      if (state !== null) stoppedBy = this.#goOnFrom(state, program);
      while (stoppedBy === null) stoppedBy = await this.#epoch(program);
    } catch (error) {
      await this.#saveState(program);
      throw error;
    } finally {
      // Also of a run that fails or is aborted: the model has the weights of the last step that was done.
      program.writeBack();
      program.dispose();
    }
    if (this.#bestWeights !== null && this.#restoresBest()) writeWeights(model, this.#bestWeights);
    const outcome = { bestEpoch: this.#best.epoch, history: this.#history };
    await checkpoint?.save(readWeights(model), { ...outcome, engine }, stoppedBy);
    return { ...outcome, stoppedBy, resumed: state !== null };
  }

  /** @returns why training ends where the state was left, or null */
  #goOnFrom({ history, steps, begun, program: state, best }: RunState, program: Program): StoppedBy | null {
    program.goOnFrom(state, steps);
    if (best.length > 0) this.#bestWeights = splitWeights(this.#parts.model, best);
    for (const record of history) {
      this.#history.push(record);
      this.#best.see(record);
      this.#adaptRate(record);
    }
    this.#rate.goOnFrom(steps);
    this.#meter.goOnFrom(steps);
    this.#stepsDone = steps;
    this.#trained = new RunningMean(begun.sums);
    this.#epochStartedAt -= begun.seconds * 1000;
    return history.length > 0 && begun.sums.steps === 0 ? this.#whyStop() : null;
  }

  /** @returns why training ends after this epoch, or null */
  async #epoch(program: Program): Promise<StoppedBy | null> {
    const { o } = this.#parts;
    const epoch = this.#history.length + 1;
    await this.#trainEpoch(epoch, program);
    const trained = this.#trained;
    const validation = o.validation === undefined ? null : await this.#validate(o.validation, program);
    const record: EpochRecord = {
      epoch,
      steps: trained.steps,
      loss: trained.loss,
      ...(Number.isNaN(trained.accuracy) ? {} : { accuracy: trained.accuracy }),
      ...(validation === null ? {} : { valLoss: validation.loss }),
      ...(validation === null || Number.isNaN(validation.accuracy) ? {} : { valAccuracy: validation.accuracy }),
      learningRate: this.#rate.current,
      seconds: (performance.now() - this.#epochStartedAt) / 1000,
    };
    await this.#close(record, program);
    this.#adaptRate(record);
    return this.#whyStop();
  }

  #adaptRate(record: EpochRecord): void {
    for (const plateau of this.#plateaus) this.#rate.set(plateau.next(record, this.#rate.current));
  }

  #whyStop(): StoppedBy | null {
    const { config } = this.#parts;
    if (this.#stepsDone >= config.steps) return 'steps';
    if (this.#history.length >= config.epochs) return 'epochs';
    if (this.#isOutOfTime()) return 'maxSeconds';
    if (this.#stopping !== null && this.#best.waited >= (this.#stopping.patience ?? 1)) return 'earlyStopping';
    return null;
  }

  async #trainEpoch(epoch: number, program: Program): Promise<void> {
    const { data, o, config, ports } = this.#parts;
    const { batchSize, balance, epochWindows, seed } = config;
    const mean = this.#trained;
    if (mean.steps > 0 && this.#isDone()) return;
    const order = { balance, epochWindows, shuffle: true, seed, firstEpoch: epoch - 1, skip: mean.steps };
    // A step is done with its batch before the next one is asked for, whatever the engine.
    for await (const batch of data.batches({ batchSize, ...order, buffers: 'reused' })) {
      await turn(o.signal, 'training');
      const arrays = ports.batch(batch);
      try {
        mean.add(arrays.n, program.train(arrays, this.#rate.next()));
      } catch (error) {
        const place = { step: this.#stepsDone + 1, epoch };
        throw divergence(error, place, batch, arrays, () => program.origin(arrays));
      }
      this.#stepsDone += 1;
      this.#meter.step(epoch, this.#stepsDone, mean.loss);
      if (this.#isDone()) break;
      await this.#saveStateInTime(program);
    }
    if (mean.steps === 0) throw new ParameterError('ERR_SPLIT', mustBe('training data', 'at least one batch', 0));
  }

  async #validate(data: TrainingData, program: Program) {
    const { o, ports } = this.#parts;
    const mean = new RunningMean();
    for await (const batch of data.batches({ batchSize: VALIDATION_BATCH, shuffle: false, buffers: 'reused' })) {
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
    this.#trained = new RunningMean();
    this.#epochStartedAt = performance.now();
    this.#meter.epoch(record, this.#stepsDone);
    if (this.#best.see(record) && (this.#restoresBest() || checkpoint !== null)) {
      program.writeBack();
      this.#bestWeights = readWeights(model);
      const soFar = { bestEpoch: this.#best.epoch, history: this.#history, engine };
      await checkpoint?.save(this.#bestWeights, soFar, null);
    }
    for (const log of this.#logs) await log(this.#history);
    await this.#saveStateInTime(program);
    for (const callback of config.callbacks) if (callback.kind === 'epochEnd') await callback.run(record);
  }

  async #saveStateInTime(program: Program): Promise<void> {
    if (performance.now() - this.#savedAt >= this.#parts.config.stateSec * 1000) await this.#saveState(program);
  }

  async #saveState(program: Program): Promise<void> {
    const { checkpoint } = this.#parts;
    const state = checkpoint === null || this.#stepsDone === 0 ? null : program.state();
    if (state === null) return;
    await checkpoint?.saveState({
      history: this.#history,
      steps: this.#stepsDone,
      begun: { sums: this.#trained.sums, seconds: (performance.now() - this.#epochStartedAt) / 1000 },
      program: state,
      best: this.#restoresBest() && this.#bestWeights !== null ? concatFloats(this.#bestWeights) : new Float32Array(0),
    });
    this.#savedAt = performance.now();
  }

  #restoresBest(): boolean {
    return this.#stopping !== null && this.#stopping.restoreBest !== false;
  }

  #isDone(): boolean {
    return this.#stepsDone >= this.#parts.config.steps || this.#isOutOfTime();
  }

  #isOutOfTime(): boolean {
    return performance.now() - this.#startedAt >= this.#parts.config.maxSeconds * 1000;
  }
}
