/** Steps of a run on a tfjs engine: forward, gradients and update as tfjs operations. */
import { ModelError, mustBe } from '../errors.js';
import { type LayersModel, layerOutput, loadTf, type Tensor, type Tf } from '../model/index.js';
import type { BatchArrays, InputArrays, Values } from './data.js';
import { firstNonFinite, notFinite, type Origin } from './divergence.js';
import type { Engine } from './engine.js';
import type { CheckedTerm } from './losses.js';
import { type OptimizerConfig, Updater } from './optimizers.js';
import { penalties } from './penalties.js';
import type { BatchResult, Program } from './program.js';
import { prepareLayers } from './run-layers.js';
import { sampleWeights } from './sample-weights.js';

type Variable = ReturnType<Tf['variable']>;

export interface TfjsRun {
  readonly terms: readonly CheckedTerm[];
  readonly classWeight: ReadonlyMap<number, number>;
  readonly optimizer: OptimizerConfig;
  readonly seed: number;
}

export class TfjsProgram implements Program {
  readonly #model: LayersModel;
  readonly #engine: Engine;
  readonly #run: TfjsRun;
  readonly #variables: Variable[];
  readonly #updater: Updater;
  readonly #restoreLayers: () => void;
  /** The model with the outputs of all layers that the loss names, its own first. */
  readonly #judged: LayersModel;
  /** Which of those outputs is a layer's; null is the model. */
  readonly #outputOf: ReadonlyMap<string | null, number>;

  /** Until it is disposed, the model's layers draw from the run's seed and take their fast paths. */
  constructor(model: LayersModel, engine: Engine, run: TfjsRun) {
    this.#model = model;
    this.#engine = engine;
    this.#run = run;
    this.#variables = trainableVariables(model);
    this.#updater = new Updater(run.optimizer);
    [this.#judged, this.#outputOf] = withOutputsOf(model, run.terms);
    this.#restoreLayers = prepareLayers(model, { seed: run.seed, fuseLstm: !engine.usesGpu });
  }

  train(batch: BatchArrays, learningRate: number): BatchResult {
    const result = this.#differentiate(batch, (gradients) => this.#updater.apply(gradients, learningRate));
    if (Number.isFinite(result.loss)) return result;
    throw notFinite(result.loss);
  }

  /** A training step that moves nothing: whether the engine can do it. */
  probe(batch: BatchArrays): void {
    this.#differentiate(batch, () => {});
  }

  /** Runs the model once more, with the results of all its layers. */
  origin(batch: BatchArrays): Origin | null {
    const layers = this.#model.layers.filter(({ inboundNodes }) => inboundNodes.length === 1);
    const outputs = layers.map(({ name }) => layerOutput(this.#model, name));
    const watched = loadTf().model({ inputs: this.#model.inputs, outputs });
    return this.#withTensors(batch, ({ inputs }) => {
      const made = loadTf().tidy(() => tensorsOf(watched.apply(oneOrAll(inputs), { training: false })));
      const samples = made.map((result) => firstNonFinite({ data: Float32Array.from(result.dataSync()) }, batch.n));
      loadTf().dispose(made);
      const first = samples.findIndex((sample) => sample !== null);
      const sample = samples[first];
      return sample == null ? null : { place: `layer "${layers[first]?.name}"`, sample };
    });
  }

  judge(batch: BatchArrays): BatchResult {
    return this.#withTensors(batch, ({ inputs, targets }) => {
      const tf = loadTf();
      const [loss, accuracy] = tf.tidy(() => {
        const outputs = this.#outputs(inputs, false);
        const accuracy = this.#accuracy(outputs, targets);
        return [this.#loss(outputs, targets, []), ...(accuracy === null ? [] : [accuracy])];
      });
      const result = { loss: scalar(loss!), accuracy: accuracy ? scalar(accuracy) : Number.NaN };
      tf.dispose([loss!, accuracy ?? []]);
      return result;
    });
  }

  predict({ inputs }: InputArrays): Float32Array[] {
    this.#engine.activate();
    const tf = loadTf();
    const given = inputs.map(tensorFrom);
    const made = tf.tidy(() => tensorsOf(this.#model.apply(oneOrAll(given), { training: false })));
    const scores = made.map((output) => Float32Array.from(output.dataSync()));
    tf.dispose([given, made]);
    return scores;
  }

  state(): null {
    return null;
  }

  goOnFrom(): never {
    throw new ModelError('ERR_ENGINE', mustBe('engine', 'native to go on from the middle of a run', this.#engine.name));
  }

  writeBack(): void {
    // Steps move the model's own variables.
  }

  dispose(): void {
    this.#restoreLayers();
    this.#updater.dispose();
  }

  #differentiate(batch: BatchArrays, update: (gradients: Record<string, Tensor>) => void): BatchResult {
    const weights = sampleWeights(batch, this.#run.terms, this.#run.classWeight);
    return this.#withTensors(batch, ({ inputs, targets }) => {
      const tf = loadTf();
      let accuracy: Tensor | null = null;
      const { value, grads } = tf.variableGrads(() => {
        const outputs = this.#outputs(inputs, true);
        accuracy = this.#accuracy(outputs, targets);
        return penalties(this.#model)
          .reduce((total, penalty) => tf.add(total, penalty), this.#loss(outputs, targets, weights))
          .asScalar();
      }, this.#variables);
      const result = { loss: scalar(value), accuracy: accuracy === null ? Number.NaN : scalar(accuracy) };
      if (Number.isFinite(result.loss)) update(grads);
      tf.dispose([value, grads, accuracy ?? []]);
      return result;
    });
  }

  #withTensors<Result>(batch: BatchArrays, use: (tensors: { inputs: Tensor[]; targets: Tensor[] }) => Result): Result {
    this.#engine.activate();
    const inputs = batch.inputs.map(tensorFrom);
    const targets = batch.targets.map(tensorFrom);
    try {
      return use({ inputs, targets });
    } finally {
      loadTf().dispose([inputs, targets]);
    }
  }

  /** By the layer's name; the model's own output by null. */
  #outputs(inputs: readonly Tensor[], training: boolean): ReadonlyMap<string | null, Tensor> {
    const tensors = tensorsOf(this.#judged.apply(oneOrAll(inputs), { training }));
    return new Map([...this.#outputOf].map(([name, i]) => [name, tensors[i]!]));
  }

  /** Terms with targets of the data come first, in the order of these. */
  #loss(
    outputs: ReadonlyMap<string | null, Tensor>,
    targets: readonly Tensor[],
    weights: readonly Float32Array[],
  ): Tensor {
    const tf = loadTf();
    const terms = this.#run.terms.map(({ of, target, loss, weight, stopGradient }, i) => {
      const side = (name: string | null, stops: boolean) => {
        const value = outputs.get(name)!;
        return stops ? tf.tensor(value.dataSync(), value.shape) : value;
      };
      const expected = target === null ? targets[i]! : side(target, stopGradient === 'target');
      const perSample = loss.perSample(expected, side(of, stopGradient === 'of'));
      const factors = target === null ? weights[i] : undefined;
      const weighted = factors === undefined ? perSample : tf.mul(perSample, tf.tensor(factors, perSample.shape));
      return tf.mul(tf.mean(weighted), weight);
    });
    return tf.addN(terms);
  }

  #accuracy(outputs: ReadonlyMap<string | null, Tensor>, [y]: readonly Tensor[]): Tensor | null {
    const [{ of, target, loss }] = this.#run.terms as [CheckedTerm];
    const { correct } = loss;
    if (correct === null || target !== null || y === undefined) return null;
    const tf = loadTf();
    return tf.keep(tf.tidy(() => tf.mean(correct(y, outputs.get(of)!))));
  }
}

/** @throws ModelError `ERR_MODEL` for a name that no layer of the model has */
function withOutputsOf(model: LayersModel, terms: readonly CheckedTerm[]): [LayersModel, Map<string | null, number>] {
  const outputs = [...model.outputs];
  const places = new Map<string | null, number>([[null, 0]]);
  for (const name of terms.flatMap(({ of, target }) => [of, target])) {
    if (name === null || places.has(name)) continue;
    const output = layerOutput(model, name);
    if (!outputs.includes(output)) outputs.push(output);
    places.set(name, outputs.indexOf(output));
  }
  return [outputs.length === 1 ? model : loadTf().model({ inputs: model.inputs, outputs }), places];
}

function tensorFrom({ data, shape }: Values): Tensor {
  return loadTf().tensor(data, [...shape]);
}

/** As tfjs wants them: an array only where there are several. */
function oneOrAll(tensors: readonly Tensor[]): Tensor | Tensor[] {
  return tensors.length === 1 ? tensors[0]! : [...tensors];
}

function tensorsOf(made: unknown): Tensor[] {
  const { Tensor: TensorClass } = loadTf();
  return (Array.isArray(made) ? made : [made]).map((value: unknown) => {
    if (value instanceof TensorClass) return value;
    throw new ModelError('ERR_MODEL', mustBe('output of a layer', 'a tensor', typeof value));
  });
}

/** Trainable weights as tfjs variables, which gradients are taken of. */
function trainableVariables(model: LayersModel): Variable[] {
  const tf = loadTf();
  const variables = model.trainableWeights.map((weight) => weight.read());
  if (variables.length === 0) throw new ModelError('ERR_MODEL', mustBe('model', 'one with trainable weights', 'none'));
  return variables.map((variable) => {
    if (variable instanceof tf.Variable) return variable;
    throw new ModelError('ERR_MODEL', mustBe('weight', 'a tfjs variable', variable.constructor.name));
  });
}

function scalar(tensor: Tensor): number {
  return Number(tensor.dataSync()[0]);
}
