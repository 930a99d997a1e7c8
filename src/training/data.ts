/** What a trainer asks of data, and how its batches become what a model takes. */
import type { Batch, FeatureDataset } from '../dataset/index.js';
import { ModelError, mustBe, ParameterError } from '../errors.js';
import { type LayersModel, layerOutput } from '../model/index.js';
import { type CheckedTerm, dataLoss } from './losses.js';

/** The part of a `FeatureDataset` that training uses. */
export type TrainingData = Pick<FeatureDataset, 'size' | 'spec' | 'batches'>;

export type Target = 'label' | 'input';

/** Windows in a model's own shape. */
export interface InputArrays {
  /** `[batch, …model input]` */
  readonly x: Float32Array;
  readonly xShape: readonly number[];
  readonly n: number;
}

export interface BatchArrays extends InputArrays {
  /** `[batch, …model output]`; class numbers `[batch, …, 1]` for a sparse loss. */
  readonly y: Float32Array;
  readonly yShape: readonly number[];
  /** `[batch]`: how much each window counts, where the data say so. */
  readonly weights: Float32Array | null;
}

const NOTHING = new Float32Array(0);

/** Sizes of one window as a model takes and gives them; `null` where any size is accepted. */
export class ModelPorts {
  readonly #input: readonly (number | null)[];
  readonly #output: readonly (number | null)[];
  /** Null where the data have none. */
  readonly #target: Target | null;
  readonly #sparse: boolean;

  /** @throws ModelError `ERR_MODEL` for a model with several inputs or outputs, or without a layer that a term names */
  constructor(model: LayersModel, target: Target, terms: readonly CheckedTerm[]) {
    const loss = dataLoss(terms);
    const of = terms[0]?.of ?? null;
    this.#input = onlyShape(model.inputs, 'model inputs');
    const output = onlyShape(model.outputs, 'model outputs');
    this.#output =
      loss === null || of === null ? output : onlyShape([layerOutput(model, of)], `outputs of layer "${of}"`);
    this.#target = loss === null ? null : target;
    this.#sparse = loss?.sparse ?? false;
  }

  /** A batch, reshaped to the model's own shapes. */
  batch(batch: Batch): BatchArrays {
    if (this.#target === null) {
      if (batch.weights !== undefined) {
        const expected = 'absent where every term of the loss has a target of its own';
        throw new ParameterError('ERR_OPTION', mustBe('weights of windows', expected, 'some'));
      }
      return { ...this.input(batch), y: NOTHING, yShape: [batch.xShape[0] ?? 0, 0], weights: null };
    }
    const values = this.#target === 'input' ? batch.x : batch.y;
    const given = this.#target === 'input' ? batch.xShape : batch.yShape;
    const wanted = this.#sparse ? [...this.#output.slice(0, -1), 1] : this.#output;
    const input = this.input(batch);
    const yShape = fitShape('y', given, wanted);
    if (values.some(Number.isNaN) && this.#target === 'label') {
      const message = mustBe('targets of a window', 'all numbers (or all NaN: unscored)', 'some NaN');
      throw new ParameterError('ERR_SHAPE', message);
    }
    return { ...input, y: values, yShape, weights: batch.weights ?? null };
  }

  /** Only the windows, for prediction. */
  input(batch: Batch): InputArrays {
    return { x: batch.x, xShape: fitShape('x', batch.xShape, this.#input), n: batch.xShape[0] ?? 0 };
  }
}

function onlyShape(ports: readonly { shape: (number | null)[] }[], name: string): (number | null)[] {
  const [port] = ports;
  if (port === undefined || ports.length !== 1) throw new ModelError('ERR_MODEL', mustBe(name, 'one', ports.length));
  return port.shape.slice(1);
}

/** The model's shape with its open sizes filled in, where it holds as many values as a window has. */
function fitShape(name: string, given: readonly number[], wanted: readonly (number | null)[]): number[] {
  const [batch = 0, ...window] = given;
  const size = product(window);
  if (wanted.length === window.length && wanted.every((dim, i) => dim === null || dim === window[i])) return [...given];
  const known = product(wanted.map((dim) => dim ?? 1));
  const nOpen = wanted.filter((dim) => dim === null).length;
  const open = size / known;
  if ((nOpen === 0 && open !== 1) || nOpen > 1 || !Number.isInteger(open)) {
    throw new ModelError('ERR_MODEL', mustBe(`shape of a window's ${name}`, show(wanted), window), {
      expected: wanted,
      got: window,
    });
  }
  return [batch, ...wanted.map((dim) => dim ?? open)];
}

function show(shape: readonly (number | null)[]): string {
  return `[${shape.map((dim) => dim ?? '?').join(', ')}]`;
}

function product(values: readonly number[]): number {
  return values.reduce((total, value) => total * value, 1);
}
