/** What a trainer asks of data, and how its batches become what a model takes. */
import type { Batch, BatchOptions } from '../dataset/index.js';
import { ModelError, mustBe, ParameterError } from '../errors.js';
import { inputNames, type LayersModel, layerOutput, outputNames } from '../model/index.js';
import type { Spec } from '../spec/index.js';
import { type CheckedTerm, dataTerms } from './losses.js';

/** Numbers with their shape, `[batch, …]`. */
export interface Values {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** A batch for a model of several inputs or a loss of several targets. */
export interface NamedBatch {
  /** By the names of the model's inputs. */
  readonly inputs: Readonly<Record<string, Values>>;
  /** By the layers whose outputs they are for, as the terms of the loss say in `of`. */
  readonly targets: Readonly<Record<string, Values>>;
  /** `[batch]`: how much each window counts, for all its targets. */
  readonly weights?: Float32Array;
  readonly ids: Int32Array;
}

export type TrainingBatch = Batch | NamedBatch;

/** The part of a `FeatureDataset` that training uses; its batches may also be named ones. */
export interface TrainingData {
  /** Windows. */
  readonly size: number;
  readonly spec: Spec | null;
  batches(o: BatchOptions): AsyncIterable<TrainingBatch>;
}

export type Target = 'label' | 'input';

/** Windows in a model's own shapes. */
export interface InputArrays {
  readonly n: number;
  /** `[batch, …]`, as the model has them. */
  readonly inputs: readonly Values[];
}

export interface BatchArrays extends InputArrays {
  /** For each term of the loss that has its target from the data; class numbers `[batch, …, 1]` for a sparse one. */
  readonly targets: readonly Values[];
  /** `[batch]`: how much each window counts, where the data say so. */
  readonly weights: Float32Array | null;
}

type OpenShape = readonly (number | null)[];

/** An input, or a layer's output that has a target: the shape of one window. */
interface Port {
  readonly name: string;
  readonly shape: OpenShape;
}

/** Sizes of one window as a model takes and gives them; `null` where any size is accepted. */
export class ModelPorts {
  readonly #inputs: readonly Port[];
  readonly #targets: readonly Port[];
  readonly #target: Target;

  /**
   * @param terms whose layers are there
   * @throws ModelError `ERR_MODEL` for a model of several inputs that is to learn its input
   */
  constructor(model: LayersModel, target: Target, terms: readonly CheckedTerm[]) {
    this.#inputs = model.inputs.map(({ shape }, i) => ({ name: inputNames(model)[i] ?? '', shape: shape.slice(1) }));
    this.#targets = dataTerms(terms).map(({ of, loss }) => {
      const output = of === null ? model.outputs[0] : layerOutput(model, of);
      const shape = output?.shape.slice(1) ?? [];
      const name = of ?? outputNames(model)[0] ?? '';
      return { name, shape: loss.sparse ? [...shape.slice(0, -1), 1] : shape };
    });
    this.#target = target;
    if (target === 'input' && this.#targets.length > 0) onlyOf(this.#inputs, 'model inputs');
  }

  /** A batch, reshaped to the model's own shapes. */
  batch(batch: TrainingBatch): BatchArrays {
    const { weights = null } = batch;
    if (weights !== null && this.#targets.length === 0) {
      const expected = 'absent where no term of the loss has its target from the data';
      throw new ParameterError('ERR_OPTION', mustBe('weights of windows', expected, 'some'));
    }
    return { ...this.input(batch), targets: this.#targetsOf(batch), weights };
  }

  /** Only the windows, for prediction. */
  input(batch: TrainingBatch): InputArrays {
    const inputs = isNamed(batch)
      ? this.#inputs.map((port) => portValues('input', port, batch.inputs))
      : [reshaped('x', { data: batch.x, shape: batch.xShape }, onlyOf(this.#inputs, 'model inputs').shape)];
    return { inputs, n: inputs[0]?.shape[0] ?? 0 };
  }

  #targetsOf(batch: TrainingBatch): Values[] {
    if (this.#targets.length === 0) return [];
    const named = isNamed(batch);
    if (this.#target === 'input') {
      const given = named ? Object.values(batch.inputs)[0]! : { data: batch.x, shape: batch.xShape };
      return [reshaped('y', given, this.#targets[0]!.shape)];
    }
    const targets = named
      ? this.#targets.map((port) => portValues('target', port, batch.targets))
      : [reshaped('y', { data: batch.y, shape: batch.yShape }, onlyOf(this.#targets, 'targets of the loss').shape)];
    if (targets.some(({ data }) => data.includes(Number.NaN))) {
      const message = mustBe('targets of a window', 'all numbers (or all NaN: unscored)', 'some NaN');
      throw new ParameterError('ERR_SHAPE', message);
    }
    return targets;
  }
}

export function isNamed(batch: TrainingBatch): batch is NamedBatch {
  return 'inputs' in batch;
}

/** All numbers of a batch but its weights, by name. */
export function valuesOf(batch: TrainingBatch): [string, Values][] {
  if (isNamed(batch)) return [...Object.entries(batch.inputs), ...Object.entries(batch.targets)];
  const { x, xShape, y, yShape } = batch;
  return [
    ['x', { data: x, shape: xShape }],
    ['y', { data: y, shape: yShape }],
  ];
}

function onlyOf(ports: readonly Port[], name: string): Port {
  const [port] = ports;
  if (port === undefined || ports.length !== 1) {
    throw new ModelError('ERR_MODEL', mustBe(name, 'one (a batch with names has several)', ports.length));
  }
  return port;
}

function portValues(kind: 'input' | 'target', { name, shape }: Port, given: Readonly<Record<string, Values>>): Values {
  const values = Object.hasOwn(given, name) ? given[name] : undefined;
  if (values !== undefined) return reshaped(`${kind} "${name}"`, values, shape);
  const names = Object.keys(given).join(', ') || 'none';
  throw new ParameterError('ERR_SHAPE', mustBe(`${kind}s of a batch`, `with one called "${name}"`, names));
}

/** The model's shape with its open sizes filled in, where it holds as many values as a window has. */
function reshaped(name: string, { data, shape: given }: Values, wanted: OpenShape): Values {
  const [batch = 0, ...window] = given;
  const size = product(window);
  if (wanted.length === window.length && wanted.every((dim, i) => dim === null || dim === window[i])) {
    return { data, shape: given };
  }
  const known = product(wanted.map((dim) => dim ?? 1));
  const nOpen = wanted.filter((dim) => dim === null).length;
  const open = size / known;
  if ((nOpen === 0 && open !== 1) || nOpen > 1 || !Number.isInteger(open)) {
    throw new ModelError('ERR_MODEL', mustBe(`shape of a window's ${name}`, show(wanted), window), {
      expected: wanted,
      got: window,
    });
  }
  return { data, shape: [batch, ...wanted.map((dim) => dim ?? open)] };
}

function show(shape: OpenShape): string {
  return `[${shape.map((dim) => dim ?? '?').join(', ')}]`;
}

function product(values: readonly number[]): number {
  return values.reduce((total, value) => total * value, 1);
}
