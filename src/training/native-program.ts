/** Steps of a run on the native engine: one call each, on weights that stay there until they are written back. */
import { mustBe, NativeError } from '../errors.js';
import { type Graph, graphWeights } from '../graph/index.js';
import { type LayersModel, modelToGraph, setGraphWeights, trainedWeights } from '../model/index.js';
import { loadAddon, type NativeTrainingProgram } from '../native/index.js';
import type { BatchArrays, InputArrays, Values } from './data.js';
import type { Origin } from './divergence.js';
import type { CheckedTerm } from './losses.js';
import { nativeSpec } from './native-spec.js';
import type { OptimizerConfig } from './optimizers.js';
import type { BatchResult, Program } from './program.js';
import { sampleWeights } from './sample-weights.js';

/** Seeds of steps: a run's seed times this, plus the step; below 2^53 for every seed in use. */
const STEPS_OF_A_SEED = 2 ** 21;
const MOST_SEEDS = 2 ** 32;
const MIB = 2 ** 20;

export interface NativeRun {
  readonly terms: readonly CheckedTerm[];
  readonly classWeight: ReadonlyMap<number, number>;
  readonly optimizer: OptimizerConfig;
  readonly threads: number;
  readonly seed: number;
}

export class NativeProgram implements Program {
  readonly #model: LayersModel;
  readonly #graph: Graph;
  readonly #native: NativeTrainingProgram;
  readonly #run: NativeRun;
  /** Numbers of each output of one window. */
  readonly #outputSizes: readonly number[];
  #steps = 0;

  /**
   * @param inputShapes of one window
   * @throws ModelError `ERR_LAYER` naming the first layer that no native program covers
   */
  constructor(model: LayersModel, inputShapes: readonly (readonly number[])[], run: NativeRun) {
    this.#model = model;
    this.#run = run;
    this.#graph = modelToGraph(model);
    const { terms, optimizer, threads } = run;
    const spec = nativeSpec(this.#graph, {
      inputShapes,
      trained: trainedWeights(model),
      terms,
      optimizer,
      threads,
    });
    this.#native = new (loadAddon().TrainingProgram)(spec);
    this.#outputSizes = spec.outputs.map((i) => spec.values[i]?.shape.reduce((size, dim) => size * dim, 1) ?? 0);
    graphWeights(this.#graph).forEach(({ data }, i) => {
      this.#native.writeWeight(i, data);
    });
  }

  train(batch: BatchArrays, learningRate: number): BatchResult {
    const { terms, classWeight, seed } = this.#run;
    const weights = sampleWeights(batch, terms, classWeight);
    const draw = (seed % MOST_SEEDS) * STEPS_OF_A_SEED + (this.#steps++ % STEPS_OF_A_SEED);
    const [inputs, targets] = [batch.inputs.map(numbers), batch.targets.map(numbers)];
    this.#withMemory(batch.n, () => this.#native.step(batch.n, inputs, targets, weights, learningRate, draw));
    return this.#result();
  }

  origin(): Origin | null {
    const found = this.#native.diverged();
    return found === null ? null : { place: `layer "${found.layer}"`, sample: found.sample };
  }

  judge({ n, inputs, targets }: BatchArrays): BatchResult {
    this.#withMemory(n, () => this.#native.judge(n, inputs.map(numbers), targets.map(numbers), []));
    return this.#result();
  }

  predict({ n, inputs }: InputArrays): Float32Array[] {
    const outputs = this.#outputSizes.map((size) => new Float32Array(n * size));
    this.#withMemory(n, () => this.#native.predict(n, inputs.map(numbers), outputs));
    return outputs;
  }

  #result(): BatchResult {
    const { results } = this.#native;
    return { loss: results[0]!, accuracy: results[1]! };
  }

  /** @throws NativeError `ERR_OUT_OF_MEMORY` saying how much was needed */
  #withMemory(n: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof NativeError) || error.code !== 'ERR_OUT_OF_MEMORY') throw error;
      const bytes = this.#native.bytesFor(n);
      const needed = `free for a batch of ${n} windows: ${Math.ceil(bytes / MIB)} MiB (try a smaller batchSize)`;
      throw new NativeError('ERR_OUT_OF_MEMORY', mustBe('memory', needed, 'less'), { bytes });
    }
  }

  state(): Float32Array {
    const weights = graphWeights(this.#graph);
    const nWeights = weights.reduce((total, { data }) => total + data.length, 0);
    const state = new Float32Array(nWeights + this.#native.stateSize());
    let at = 0;
    weights.forEach(({ data }, i) => {
      this.#native.readWeight(i, state.subarray(at, at + data.length));
      at += data.length;
    });
    this.#native.readState(state.subarray(at));
    return state;
  }

  goOnFrom(state: Float32Array, steps: number): void {
    let at = 0;
    graphWeights(this.#graph).forEach(({ data }, i) => {
      this.#native.writeWeight(i, state.subarray(at, at + data.length));
      at += data.length;
    });
    this.#native.writeState(state.subarray(at));
    this.#steps = steps;
  }

  writeBack(): void {
    graphWeights(this.#graph).forEach(({ data }, i) => {
      this.#native.readWeight(i, data);
    });
    setGraphWeights(this.#model, this.#graph);
  }

  dispose(): void {
    // The program's memory goes with the object.
  }
}

function numbers({ data }: Values): Float32Array {
  return data;
}
