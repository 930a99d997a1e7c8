/** Training data that lie in memory as arrays. */
import { type BatchOptions, FeatureDataset } from '../dataset/index.js';
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import type { TrainingBatch, TrainingData, Values } from './data.js';

type ValuesByName = Readonly<Record<string, Values>>;

export interface ArrayDataOptions {
  /** Windows, `[n, …]`; of a model of several inputs by their names. */
  readonly inputs: Values | ValuesByName;
  /**
   * What a model should answer, `[n, …]`: one array where `inputs` is one, else by the names of the loss's terms. A
   * window whose answer in a single array is all NaN is left out. Default: none, for a model that learns its input.
   */
  readonly targets?: Values | ValuesByName;
  /** `[n]`: how much each window counts. Default 1. */
  readonly weights?: Float32Array;
}

const KEYS: OptionKeys<ArrayDataOptions> = { inputs: true, targets: true, weights: true };
const ONE_BY_ONE = { size: 1, stride: 1 } as const;

/**
 * Data for `train` from arrays, which are not copied: drawn, balanced and weighted as the windows of a `FeatureDataset`.
 *
 * @throws ParameterError `ERR_OPTION` where only inputs or only targets have names; `ERR_SHAPE` naming an array that has
 *   other windows than the first, or not as many numbers as its shape says
 * @example arrayData({ inputs: { data: x, shape: [n, 40, 1] }, targets: { data: y, shape: [n, 1] } })
 */
export function arrayData(o: ArrayDataOptions): TrainingData {
  refuseUnknown(o, KEYS, 'arrayData');
  const { inputs, targets, weights } = o;
  const named = !isValues(inputs);
  if (targets !== undefined && named === isValues(targets)) {
    const expected = named ? 'by name, as inputs are' : 'one array, as inputs is';
    throw new ParameterError('ERR_OPTION', mustBe('targets', expected, named ? 'one array' : 'names'));
  }
  const arrays = [...entriesOf('inputs', inputs), ...entriesOf('targets', targets ?? {})];
  const size = arrays[0]?.[1].shape[0] ?? 0;
  for (const [name, values] of arrays) requireWindows(name, values, size);
  if (weights !== undefined && weights.length !== size) {
    throw new ParameterError('ERR_SHAPE', mustBe('weights', `one number for each of ${size} windows`, weights.length));
  }
  return { size, spec: null, batches: (asked) => batches(o, size, asked) };
}

function isValues(given: Values | ValuesByName): given is Values {
  return given.data instanceof Float32Array;
}

function entriesOf(kind: string, given: Values | ValuesByName): [string, Values][] {
  return isValues(given)
    ? [[kind, given]]
    : Object.entries(given).map(([name, values]) => [`${kind} "${name}"`, values]);
}

function requireWindows(name: string, { data, shape }: Values, size: number): void {
  const length = shape.reduce((product, dim) => product * dim, 1);
  if (size > 0 && shape[0] === size && data.length === length) return;
  const expected = `${size || 'some'} windows, as many numbers as its shape says`;
  throw new ParameterError('ERR_SHAPE', mustBe(name, expected, `${data.length} of shape [${shape.join(', ')}]`));
}

async function* batches(o: ArrayDataOptions, size: number, asked: BatchOptions): AsyncGenerator<TrainingBatch> {
  const { inputs, targets } = o;
  // Only which windows are drawn, and when, counts: their features are not read.
  const answers = targets !== undefined && isValues(targets) ? { targets: targets.data } : {};
  const weights = o.weights === undefined ? {} : { weights: o.weights };
  const item = { id: 'arrays', features: new Float32Array(size), ...answers, ...weights };
  const order = await FeatureDataset.from([item], { windowing: ONE_BY_ONE });
  for await (const drawn of order.batches(asked)) {
    const { ids } = drawn;
    const weightsOf = drawn.weights === undefined ? {} : { weights: drawn.weights };
    if (isValues(inputs)) {
      const x = taken(inputs, ids);
      const yShape =
        targets !== undefined && isValues(targets) ? [ids.length, ...targets.shape.slice(1)] : drawn.yShape;
      yield { x: x.data, xShape: x.shape, y: drawn.y, yShape, ids, ...weightsOf };
    } else {
      const named = targets !== undefined && !isValues(targets) ? targets : {};
      yield { inputs: allTaken(inputs, ids), targets: allTaken(named, ids), ids, ...weightsOf };
    }
  }
}

function allTaken(arrays: ValuesByName, ids: Int32Array): ValuesByName {
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, taken(values, ids)]));
}

/** The windows of some numbers, in their order. */
function taken({ data, shape }: Values, ids: Int32Array): Values {
  const width = data.length / (shape[0] ?? 1);
  const out = new Float32Array(ids.length * width);
  ids.forEach((id, i) => {
    out.set(data.subarray(id * width, (id + 1) * width), i * width);
  });
  return { data: out, shape: [ids.length, ...shape.slice(1)] };
}
