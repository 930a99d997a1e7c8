/** One training step and one judged batch: the only code that runs per batch. */
import { ModelError, mustBe } from '../errors.js';
import { type LayersModel, loadTf, type Tensor, type Tf } from '../model/index.js';
import type { BatchTensors } from './data.js';
import type { Loss } from './losses.js';
import type { Updater } from './optimizers.js';

type Variable = ReturnType<Tf['variable']>;

export interface BatchResult {
  /** Mean over the batch. */
  readonly loss: number;
  /** Part of the batch that is right; NaN where the loss has no such thing. */
  readonly accuracy: number;
}

export class Steps {
  readonly #model: LayersModel;
  readonly #loss: Loss;
  readonly #classWeight: ReadonlyMap<number, number>;
  readonly #variables: Variable[];

  constructor(model: LayersModel, loss: Loss, classWeight: ReadonlyMap<number, number>) {
    this.#model = model;
    this.#loss = loss;
    this.#classWeight = classWeight;
    this.#variables = trainableVariables(model);
  }

  /**
   * Forward, backward, update. With no updater the weights stay as they are: a check that the engine can do it.
   * @throws ModelError `ERR_DIVERGED` where the loss is not a number; the weights are then those before the step
   */
  train({ x, y, weights }: BatchTensors, updater: Updater | null): BatchResult {
    const tf = loadTf();
    const weight = this.#sampleWeights(y, weights);
    let accuracy: Tensor | null = null;
    const { value, grads } = tf.variableGrads(() => {
      const prediction = apply(this.#model, x, true);
      accuracy = this.#accuracy(y, prediction);
      const perSample = this.#loss.perSample(y, prediction);
      const weighted = weight === null ? perSample : tf.mul(perSample, tf.reshape(weight, perSample.shape));
      const penalties = this.#model.calculateLosses();
      return penalties.reduce((total, penalty) => tf.add(total, penalty), tf.mean(weighted)).asScalar();
    }, this.#variables);
    const result = { loss: scalar(value), accuracy: accuracy === null ? Number.NaN : scalar(accuracy) };
    const isNumber = Number.isFinite(result.loss);
    if (isNumber) updater?.apply(grads);
    tf.dispose([value, grads, accuracy ?? [], weight ?? []]);
    if (!isNumber) {
      throw new ModelError('ERR_DIVERGED', mustBe('loss', 'a finite number (try a lower learningRate)', result.loss));
    }
    return result;
  }

  /** Loss and accuracy of a batch without training, class weights or regularisers. */
  judge({ x, y }: BatchTensors): BatchResult {
    const tf = loadTf();
    const [loss, accuracy] = tf.tidy(() => {
      const prediction = apply(this.#model, x, false);
      return [tf.mean(this.#loss.perSample(y, prediction)), this.#accuracy(y, prediction)];
    });
    const result = { loss: scalar(loss!), accuracy: accuracy ? scalar(accuracy) : Number.NaN };
    tf.dispose([loss!, accuracy ?? []]);
    return result;
  }

  #accuracy(y: Tensor, prediction: Tensor): Tensor | null {
    const { correct } = this.#loss;
    if (correct === null) return null;
    const tf = loadTf();
    return tf.keep(tf.tidy(() => tf.mean(correct(y, prediction))));
  }

  /** One factor per sample (and step): its window's times its class's. A class is the number, or the place of the one. */
  #sampleWeights(y: Tensor, ofWindows: Float32Array | null): Tensor | null {
    if (this.#classWeight.size === 0 && ofWindows === null) return null;
    const width = this.#loss.sparse ? 1 : (y.shape.at(-1) ?? 1);
    const values = y.dataSync();
    const factors = new Float32Array(values.length / width);
    const perWindow = factors.length / (y.shape[0] ?? 1);
    for (let i = 0; i < factors.length; i++) {
      const label = width === 1 ? values[i]! : argMax(values, i * width, width);
      factors[i] = (this.#classWeight.get(label) ?? 1) * (ofWindows?.[Math.floor(i / perWindow)] ?? 1);
    }
    return loadTf().tensor1d(factors);
  }
}

/** The model's output for a batch. */
export function apply(model: LayersModel, x: Tensor, training: boolean): Tensor {
  const output = model.apply(x, { training });
  const tf = loadTf();
  if (output instanceof tf.Tensor) return output;
  throw new ModelError(
    'ERR_MODEL',
    mustBe('model output', 'one tensor', Array.isArray(output) ? output.length : 'none'),
  );
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

function argMax(values: ArrayLike<number>, start: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

function scalar(tensor: Tensor): number {
  return Number(tensor.dataSync()[0]);
}
